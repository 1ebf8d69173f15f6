"""What governance.toml says about packages that come from other accounts, and that go into Amazon Bedrock."""

from dataclasses import dataclass
from enum import StrEnum

from stagegate.core.patterns import fits


class Retention(StrEnum):
    """What becomes of something that isn't needed any more."""

    KEEP = "keep"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """Approved packages of these groups are imported into the accounts of `stage`, which asks its own approvers.

    A group's name is exact or ends in `*`; the first entry of a stage that fits a group counts. `model` names the
    imported model: `{group}` and `{version}` stand for the package's. `key` is the hosting account's key that the model
    is encrypted with; `consumer` the name of a role there which may invoke the model, and is seen to once it is there.
    """

    groups: tuple[str, ...]
    stage: str
    model: str = "{group}-{version}"
    key: str | None = None
    consumer: str | None = None
    when_rejected: Retention = Retention.DELETE
    when_replaced: Retention = Retention.KEEP
    role: Retention = Retention.DELETE

    def fits(self, group: str) -> bool:
        """Tell whether this is about packages of that group."""
        return any(fits(name, group) for name in self.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """Which roles of a stage may register versions in groups of the governance account, and what that may read of it.

    `groups` are names, exact or ending in `*`. `roles` are names of roles in the stage's accounts, none for the stage's
    own. `data` are folders of known buckets (`s3://bucket/` or `s3://bucket/folder/`), `repositories` addresses of ECR
    repositories. `readers` are names of roles in the governance account, none for whomever that account lets.
    """

    stage: str
    groups: tuple[str, ...]
    roles: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()

    def fits(self, group: str) -> bool:
        """Tell whether this is about a group of that name."""
        return any(fits(name, group) for name in self.groups)
