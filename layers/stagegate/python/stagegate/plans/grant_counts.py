"""How much a plan gives and takes away, counted in grants."""

from collections.abc import Collection
from dataclasses import dataclass

from stagegate.plans.grants import Grant


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantCounts:
    """`open` grants are on record; `closes` of them end or lose something by the plan, and it `opens` others."""

    open: int = 0
    closes: int = 0
    opens: int = 0


def count_grants(before: Collection[Grant], after: Collection[Grant], *, is_changing: bool) -> GrantCounts:
    """Count the grants on record and those that a plan leaves. A plan that changes nothing closes and opens nothing.

    A grant that loses an account or the right to write is one that closes. What somebody has opened behind
    Stagegate's back is no grant: that it closes is nothing to count. Nor is what goes out of a hub that stays open:
    a sync has its own guard (see `too_many`), and thousands of models beside a few grants would make a share of all
    mean nothing.
    """
    if not is_changing:
        return GrantCounts(open=len(before))
    return GrantCounts(open=len(before), closes=_missing(before, after), opens=_missing(after, before))


def _missing(wanted: Collection[Grant], there: Collection[Grant]) -> int:
    return sum(not any(_covers(other, grant) for other in there) for grant in wanted)


def _covers(other: Grant, grant: Grant) -> bool:
    same_place = (other.stage, other.target) == (grant.stage, grant.target)
    return same_place and set(other.accounts) >= set(grant.accounts) and other.write >= grant.write
