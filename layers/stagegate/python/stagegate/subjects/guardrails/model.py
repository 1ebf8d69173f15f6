"""What stands of a guardrail: boundaries in an account, service control policies, and the domains that it is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingRole:
    """A role that a domain's users work with, and who they are: `user profile analyst of domain d-1`."""

    arn: str
    whose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CanvasSetting:
    """What a domain, or one of its profiles, says of Canvas's direct deployment; None where it says nothing."""

    profile: str | None
    direct_deployment: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedDomain:
    """A SageMaker domain: the roles that its users work with, and what it says of Canvas."""

    account: str
    id: str
    roles: tuple[WorkingRole, ...] = ()
    canvas: tuple[CanvasSetting, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedBoundaries:
    """A guardrail in an account: its policy's document there (None: there is no policy), and the roles it is on.

    `boundaries` are the boundary ARNs of the roles in question, by their names; "" for none. Of those in question,
    `missing` aren't in the account, and `barred` ones may not be read: the member stack doesn't name them. Those that a
    boundary would lock out of what they use are `locked_out`, each with the statements that would.
    """

    document: str | None = None
    holds: frozenset[str] = frozenset()
    boundaries: Mapping[str, str] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()
    locked_out: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedScp:
    """A guardrail's service control policy, where some account has it, and by account the names of all it has."""

    policy: str | None = None
    document: str | None = None
    attached: Mapping[str, frozenset[str]] = field(default_factory=dict)
