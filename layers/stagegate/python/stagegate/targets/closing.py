"""What is open once some of the closes of a plan have failed, and what people are told of that."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from stagegate.plans.grants import Grant
from stagegate.targets.fences import fence_target


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A change that closes, once it was tried: its `line`, its `places` (see `Change`), and the `failure` in words."""

    line: str
    places: tuple[str, ...] = ()
    failure: str = ""


def grants_left(before: Iterable[Grant], planned: Collection[Grant], tried: Collection[Tried]) -> tuple[Grant, ...]:
    """Return the grants that are open when all closes of a plan were tried, and nothing was opened.

    `before` are those on record, `planned` those that the whole plan would have left.
    """
    failed = {place for each in tried if each.failure for place in each.places}
    closed = {place for each in tried for place in each.places} - failed
    on_targets = [grant for grant in before if grant.target and grant.target not in closed]
    on_targets += [grant for grant in planned if grant.target in closed]
    shared = [left for grant in before if not grant.target and (left := _shared(grant, planned, failed, closed))]
    return (*shared, *on_targets)


def _shared(grant: Grant, planned: Iterable[Grant], failed: Collection[str], closed: Collection[str]) -> Grant | None:
    """Return what is left of a grant in a share: fewer accounts, those behind a fence by now, or nothing."""
    if grant.share_arn in closed:
        return None
    accounts = tuple(account for account in grant.accounts if f"{grant.share_arn}/{account}" not in closed)
    is_denied = any(other.stage == grant.stage and not other.target and not other.write for other in planned)
    is_open = any(fence_target(account) in failed for account in accounts)
    return replace(grant, accounts=accounts, write=grant.write and (is_open or not is_denied)) if accounts else None


def still_open(before: Iterable[Grant], tried: Iterable[Tried]) -> str:
    """Return what could not be closed, for whom it is open, and why: a line for each."""
    grants = tuple(before)
    return "\n".join(f"- {each.line}{_for_whom(grants, each.places)}: {each.failure}" for each in tried if each.failure)


def _for_whom(before: Iterable[Grant], places: Collection[str]) -> str:
    stages = {
        f"{grant.stage} ({', '.join(grant.accounts)})"
        for grant in before
        if {grant.target, grant.share_arn, *(f"{grant.share_arn}/{account}" for account in grant.accounts)}
        & set(places)
    }
    return f"; open for {', '.join(sorted(stages))}" if stages else ""
