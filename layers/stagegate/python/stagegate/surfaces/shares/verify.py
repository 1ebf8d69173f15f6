"""Looking again at the shares that a subject is in, once RAM was asked to change them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stagegate.core.errors import DriftRemainsError, NotSettledError
from stagegate.plans.grants import Grant
from stagegate.plans.record import Record
from stagegate.surfaces.shares import observe
from stagegate.surfaces.shares.changes import LIVE

if TYPE_CHECKING:
    from mypy_boto3_ram import RAMClient

PERMISSIONS = frozenset({"ram:GetResourceShareAssociations"})


def verified(ram: "RAMClient", record: Record, results: Iterable[Mapping[str, Any]]) -> tuple[Grant, ...]:
    """Return the grants as they are now, each with the share that gives it. `results` are what the surfaces answered.

    Raises NotSettledError while RAM is still at work, DriftRemainsError if the subject is in another set of shares than
    was planned.
    """
    arn = record.subject.arn
    grants = _with_shares(record.grants, results)
    expected = {grant.share_arn for grant in grants if not grant.target}
    found = {
        share: status
        for share, status in observe.associations(ram, arn).items()
        if status in LIVE and share not in record.foreign
    }
    if "ASSOCIATING" in found.values():
        raise NotSettledError(f"{arn}: RAM is still associating it")
    if found.keys() != expected:
        raise DriftRemainsError(f"{arn}: found in {sorted(found)}; planned: {sorted(str(share) for share in expected)}")
    return grants


def _with_shares(grants: Iterable[Grant], results: Iterable[Mapping[str, Any]]) -> tuple[Grant, ...]:
    opened = {r["stage"]: r["share_arn"] for r in results if r.get("share_arn")}
    return tuple(
        grant if grant.target else replace(grant, share_arn=opened.get(grant.stage, grant.share_arn))
        for grant in grants
    )
