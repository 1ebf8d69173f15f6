"""Studio domains and their user profiles as SageMaker keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.kernel.wire.protocol import Json


@dataclass(slots=True)
class UserProfile:
    """A user of a domain. `settings` are UserSettings as the API gives them back; times are epoch seconds."""

    arn: str
    name: str
    domain: str
    created_at: float
    modified_at: float
    settles_at: float
    settings: Json
    tags: dict[str, str]

    def status(self, now: float) -> str:
        """SageMaker's status of a user profile; Pending when it is new."""
        return settling(self.created_at, self.modified_at, self.settles_at, now)


@dataclass(slots=True)
class Domain:
    """A Studio domain. `members` are those of CreateDomain as the API gives them back; times are epoch seconds."""

    arn: str
    id: str
    created_at: float
    modified_at: float
    settles_at: float
    members: Json
    tags: dict[str, str]
    profiles: dict[str, UserProfile] = field(default_factory=dict)

    def status(self, now: float) -> str:
        """SageMaker's status of a domain; Pending when it is new."""
        return settling(self.created_at, self.modified_at, self.settles_at, now)


def settling(created_at: float, modified_at: float, settles_at: float, now: float) -> str:
    """Pending after a creation, Updating after a change, InService when it has settled."""
    if now >= settles_at:
        return "InService"
    return "Pending" if modified_at == created_at else "Updating"
