"""What could not be looked at because it is gone: a bucket, or all that is in an account that is closed."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of
from stagegate.aws.sessions import Accounts
from stagegate.core.errors import AccountClosedError, PermanentError, StagegateError
from stagegate.core.findings import Finding, blocked
from stagegate.plans.blindness import BYTES, Unseen
from stagegate.subjects import observe_accounts
from stagegate.subjects.context import Planner
from stagegate.surfaces.policies import observe_gone
from stagegate.targets.target import Target, TargetType, target_of, title

MEMBER_PERMISSIONS = observe_gone.BUCKET_PERMISSIONS
PERMISSIONS = MEMBER_PERMISSIONS | observe_accounts.PERMISSIONS

_PERHAPS = ("AccessDenied", "NoSuchBucket")


def is_gone(planner: Planner, target: Target, error: Exception) -> bool:
    """Tell whether it is for this that a bucket was refused with that error. A call in its account tells, and only for
    an error that may mean it. Of all other targets AWS itself says that they are gone.
    """
    cause = error.__cause__
    if target.type is not TargetType.BUCKET_POLICY or not isinstance(cause, ClientError):
        return False
    if code_of(cause) not in _PERHAPS:
        return False
    accounts = Accounts(own=planner.environment.account, members=planner.members)
    client = partial(accounts.client, account=target.account, region=target.region, partition=target.partition)
    with suppress(StagegateError):  # the member stack is older than this question: what was refused says more
        return observe_gone.is_gone(client, target)
    return False


def gone_among(
    planner: Planner, unseen: Iterable[Unseen], partition: str
) -> tuple[tuple[Finding, ...], tuple[Unseen, ...]]:
    """Return the findings for those of the places whose bytes could not be looked at that are gone, and the others,
    each with why.
    """
    gone: dict[Finding, None] = {}
    others: list[Unseen] = []
    for each in unseen:
        target = target_of(each.place.removeprefix(BYTES), partition)
        found, why = why_gone(planner, target, each.error)
        if found:
            gone[found] = None
        else:
            others.append(replace(each, error=why))
    return tuple(gone), tuple(others)


def why_gone(planner: Planner, target: Target, error: PermanentError) -> tuple[Finding | None, PermanentError]:
    """Return the finding for a target that is gone, None for one that isn't; and why it could not be looked at."""
    why = observe_accounts.explained(planner, target.account, error)
    if isinstance(why, AccountClosedError):
        return blocked("AccountClosed", str(why)), why
    return (bucket_gone(target) if is_gone(planner, target, error) else None), why


def bucket_gone(target: Target) -> Finding:
    """Return the finding for a bucket that something lies in, or should be open on."""
    return blocked(
        "BucketGone",
        f"{target.account} has no {title(target).partition(' of ')[0]} any more: it was deleted, and its name may be"
        " another account's by now. Nothing of it is open by Stagegate. Correct [[buckets]] in governance.toml, and"
        " register the package from where its artifacts lie.",
    )
