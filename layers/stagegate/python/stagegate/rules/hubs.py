"""What governance.toml says of private hubs, as values."""

from dataclasses import dataclass
from enum import StrEnum

from stagegate.core.patterns import fits


class Unknown(StrEnum):
    """What becomes of a model of which a filter can't be answered."""

    LEAVE_OUT = "leave_out"
    """It stays out, or is kept out, and is reported."""
    LET_IN = "let_in"
    """It is treated as if the filter had been answered in its favour, and is reported."""


class Doubtful(StrEnum):
    """What becomes of an allowed model that the public hub warns of, or has no longer."""

    DROP = "drop"
    """It isn't in the hub, and is reported."""
    FLAG = "flag"
    """It is in the hub, and is reported."""


class HubState(StrEnum):
    """Whether there is to be such a hub."""

    PRESENT = "present"
    ABSENT = "absent"
    """It is torn down: its contents of every type, its shares, the hub."""


class HubAccess(StrEnum):
    """What a stage may do with a hub that is shared with it."""

    READ = "read"
    """See the hub and its models."""
    USE = "use"
    """Deploy them, too."""


HUB_PERMISSIONS = {
    HubAccess.READ: "AWSRAMPermissionSageMakerHubRead",
    HubAccess.USE: "AWSRAMPermissionSageMakerHubReadAndUse",
}
"""RAM's managed permissions for hubs. A copy of the documentation spells them otherwise, so a plan looks them up.

https://docs.aws.amazon.com/sagemaker/latest/dg/jumpstart-curated-hubs-ram.html
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allow:
    """Models that may be in the hub: by one of a filter, their ids, or patterns of ids in which * stands for anything.

    `minimum` is the oldest version that the hub offers of them. `reviewed` is a day, YYYY-MM-DD: a model whose latest
    version was published after it (in UTC) stays out until somebody has looked at it and raised the day.
    """

    filter: str | None = None
    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    minimum: str | None = None
    reviewed: str | None = None
    unknown: Unknown = Unknown.LEAVE_OUT


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepOut:
    """Models that are never in the hub, whatever lets them in: by one of the same three."""

    filter: str | None = None
    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    unknown: Unknown = Unknown.LEAVE_OUT


@dataclass(frozen=True, slots=True, kw_only=True)
class HubShare:
    """A stage that the hub is shared with."""

    stage: str
    access: HubAccess = HubAccess.USE


class StayType(StrEnum):
    """What somebody may have put into a hub that isn't a reference."""

    MODEL = "model"
    NOTEBOOK = "notebook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """Contents that somebody else has put into the hub and that may stay there, unreported. A name is exact or ends in
    `*`.
    """

    type: StayType
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HubRules:
    """One private hub. It holds references to exactly the models that are allowed and not kept out.

    It also holds a model for each package of the groups in `packages` (exact, or ending in `*`) that is open for every
    stage that the hub is shared with. `stays` are other contents that nobody has to hear of.

    `adopt` lets Stagegate take over a hub of that name that it hasn't made. A sync that would remove more than
    `most_removed_percent` of the hub's references stops and asks.
    """

    name: str
    description: str
    allow: tuple[Allow, ...] = ()
    keep_out: tuple[KeepOut, ...] = ()
    shares: tuple[HubShare, ...] = ()
    deprecated: Doubtful = Doubtful.DROP
    restricted: Doubtful = Doubtful.DROP
    gone: Doubtful = Doubtful.DROP
    state: HubState = HubState.PRESENT
    adopt: bool = False
    most_removed_percent: int = 20
    packages: tuple[str, ...] = ()
    stays: tuple[Stay, ...] = ()

    def keeps(self, group: str) -> bool:
        """Tell whether packages of a group belong into the hub while they are open."""
        return self.state is HubState.PRESENT and any(fits(name, group) for name in self.packages)

    def lets_stay(self, type_: str, name: str) -> bool:
        """Tell whether somebody's content, of a type as SageMaker writes it, may stay unreported."""
        return any(stay.type == type_.lower() and any(fits(each, name) for each in stay.names) for stay in self.stays)
