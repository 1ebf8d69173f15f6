"""Resource shares and what is associated with them. What settles later is computed from the clock, not scheduled."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

INVITATION_LIFETIME_S = 12 * 3600.0
"""Seconds. SageMaker isn't among the services whose invitations live for 7 days; the others' expire after 12 hours.

https://docs.aws.amazon.com/ram/latest/userguide/working-with-shared-invitations.html
"""


class Kind(StrEnum):
    """What is associated."""

    RESOURCE = "RESOURCE"
    PRINCIPAL = "PRINCIPAL"


class AssociationStatus(StrEnum):
    """RAM's statuses of an association, as far as this sandbox reaches them."""

    ASSOCIATING = "ASSOCIATING"
    ASSOCIATED = "ASSOCIATED"
    DISASSOCIATING = "DISASSOCIATING"
    DISASSOCIATED = "DISASSOCIATED"


class InvitationStatus(StrEnum):
    """RAM's statuses of an invitation."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


@dataclass(slots=True)
class Invitation:
    """An invitation of an account to a share. Times are epoch seconds."""

    arn: str
    receiver: str
    sent_at: float
    answer: InvitationStatus = InvitationStatus.PENDING

    def status(self, now: float) -> InvitationStatus:
        """The answer, or that the time to give one has run out."""
        if self.answer is InvitationStatus.PENDING and now >= self.sent_at + INVITATION_LIFETIME_S:
            return InvitationStatus.EXPIRED
        return self.answer


@dataclass(slots=True)
class Association:
    """A resource or a principal in a share. Times are epoch seconds.

    `settles_at` is when the last change is complete. `external` is whether a principal is outside the organization.
    """

    kind: Kind
    entity: str
    created_at: float
    changed_at: float
    settles_at: float
    external: bool = False
    leaving: bool = False
    invitation: Invitation | None = None

    def status(self, now: float) -> AssociationStatus:
        """Where the association stands; a principal is ASSOCIATING until it has accepted its invitation."""
        invited = self.invitation.status(now) if self.invitation else InvitationStatus.ACCEPTED
        # "When the invitation expires, the principal is disassociated": a rejected one is treated alike.
        if invited in (InvitationStatus.REJECTED, InvitationStatus.EXPIRED):
            return AssociationStatus.DISASSOCIATED
        if self.leaving:
            return AssociationStatus.DISASSOCIATING if now < self.settles_at else AssociationStatus.DISASSOCIATED
        if invited is InvitationStatus.PENDING or now < self.settles_at:
            return AssociationStatus.ASSOCIATING
        return AssociationStatus.ASSOCIATED

    def awaits_answer(self, now: float) -> bool:
        """Whether the principal has still to answer its invitation."""
        invited = self.invitation.status(now) if self.invitation else InvitationStatus.ACCEPTED
        return invited is InvitationStatus.PENDING and not self.leaving

    def leave(self, now: float, settles_at: float) -> None:
        """Begin to disassociate."""
        self.leaving, self.changed_at, self.settles_at = True, now, settles_at


@dataclass(slots=True)
class Share:
    """A resource share. Times are epoch seconds. `permissions` maps a resource type to the name of its permission."""

    arn: str
    name: str
    owner: str
    allow_external: bool
    tags: dict[str, str]
    created_at: float
    updated_at: float
    permissions: dict[str, str] = field(default_factory=dict)
    associations: dict[tuple[Kind, str], Association] = field(default_factory=dict)
    deleted_at: float | None = None

    def status(self, now: float) -> str:
        """RAM's status of the share: ACTIVE, DELETING or DELETED."""
        if self.deleted_at is None:
            return "ACTIVE"
        return "DELETING" if now < self.deleted_at else "DELETED"

    def having(self, kind: Kind, now: float, *statuses: AssociationStatus) -> list[Association]:
        """The associations of a kind that are in one of `statuses`, oldest first."""
        return [a for a in list(self.associations.values()) if a.kind is kind and a.status(now) in statuses]


def utc(instant: float) -> datetime:
    """An epoch second as an aware datetime, as the serializer wants it."""
    return datetime.fromtimestamp(instant, UTC)
