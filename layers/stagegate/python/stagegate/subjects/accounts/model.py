"""What of ours can lie in an account that no card, package, group, hub or guardrail is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from stagegate.core.errors import PermanentError
from stagegate.surfaces.fences.model import Fence, ObservedFence
from stagegate.surfaces.shares.changes import HeldShare
from stagegate.targets.compare import TargetDiff
from stagegate.targets.target import Target

ACCOUNT = "account/"
"""How an account is named as a subject: it has no ARN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """All that an account's plan looks at.

    `fence` is what the account's fence would be, with `standing` as it is seen; `is_fenced`: the rules have a stage
    there. `shares` are all of ours with what is in them; only the governance account `owns_shares`. `targets` are the
    account's buckets, keys and repositories that the rules name, and `seen` has by their ids how they differ from what
    all subjects on record want there. `lost_roles` are the ARNs of roles of imports that no package wants, and
    `roles_unseen` is why nobody could look for them.
    """

    fence: Fence
    standing: ObservedFence
    is_fenced: bool
    shares: tuple[HeldShare, ...] = ()
    owns_shares: bool = False
    targets: tuple[Target, ...] = ()
    seen: Mapping[str, TargetDiff] = field(default_factory=dict)
    lost_roles: tuple[str, ...] = ()
    roles_unseen: PermanentError | None = None
