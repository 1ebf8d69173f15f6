"""Reading all that is on record about one subject, in one query."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from stagegate.approvals.fingerprints import Fingerprint, Fingerprints
from stagegate.approvals.principals import Actor
from stagegate.approvals.records import AuditRecord
from stagegate.aws.errors import translated
from stagegate.core.statuses import RiskRating
from stagegate.ledger import items
from stagegate.plans.blindness import Blind
from stagegate.plans.grants import FailedImport, Grant, View

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = frozenset({"dynamodb:Query"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What the ledger has about a subject. `began` is the execution that took the claim first since a run last ended
    well (None where nobody holds it): if that isn't the one that asks, a run has died or failed half-way.
    """

    view: View
    records: tuple[AuditRecord, ...]
    began: str | None = None


def read(dynamodb: "DynamoDBClient", table: str, arn: str) -> Recorded:
    """Return the view and the change records of a subject, strongly consistent; empty ones for a new subject."""
    view = View()
    began: str | None = None
    records: list[AuditRecord] = []
    written: dict[str, str] = {}
    failed: dict[str, FailedImport] = {}
    with translated(f"read the record of {arn}"):
        for page in dynamodb.get_paginator("query").paginate(
            TableName=table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": items.subject_key(arn)}},
            ConsistentRead=True,
        ):
            for found in map(items.values, page["Items"]):
                if found["sk"] == items.VIEW:
                    view = _view(found)
                elif found["sk"] == items.CLAIM:
                    began = found.get("began")
                elif found["sk"].startswith(items.AUDIT):
                    records.append(_record(found))
                elif found["sk"].startswith(items.WRITTEN):
                    written[found["sk"].removeprefix(items.WRITTEN)] = found.get("digest", "")
                elif found["sk"].startswith(items.FAILED):
                    failure = FailedImport(digest=found["digest"], approval=found["approval"], detail=found["detail"])
                    failed[found["sk"].removeprefix(items.FAILED)] = failure
    return Recorded(view=replace(view, written=written, failed=failed), records=tuple(records), began=began)


def _view(found: dict[str, Any]) -> View:
    return View(
        last_notified_digest=found.get("last_notified_digest", ""),
        planner_state=found.get("planner_state", {}),
        blind={
            place: Blind(sweeps=int(each["sweeps"]), sweep=each["sweep"])
            for place, each in found.get("blind", {}).items()
        },
        grants=tuple(
            Grant(
                stage=grant["stage"],
                accounts=tuple(grant["accounts"]),
                write=grant["write"],
                permission=grant["permission"],
                since=datetime.fromisoformat(grant["since"]),
                share_arn=grant.get("share_arn"),
                approval=grant.get("approval"),
                approved_by=grant.get("approved_by", ""),
                target=grant.get("target", ""),
                digest=grant.get("digest", ""),
            )
            for grant in found.get("grants", [])
        ),
    )


def _record(found: dict[str, Any]) -> AuditRecord:
    version = found.get("version")
    return AuditRecord(
        id=found["id"],
        at=datetime.fromisoformat(found["at"]),
        actor=Actor(arn=found["actor"], role_arn=found.get("role_arn"), source_identity=found.get("source_identity")),
        status=found.get("status"),
        version=int(version) if version is not None else None,
        content_hash=found.get("content_hash"),
        metadata_only=found.get("metadata_only", False),
        fingerprints=_fingerprints(found["fingerprints"]) if "fingerprints" in found else None,
        not_fingerprinted=found.get("not_fingerprinted", ""),
        risk=RiskRating(found["risk"]) if "risk" in found else None,
    )


def _fingerprints(found: dict[str, Any]) -> Fingerprints:
    named = tuple(Fingerprint(name=name, digest=digest) for name, digest in sorted(found["named"].items()))
    return Fingerprints(digest=found["digest"], count=int(found["count"]), named=named, data=found.get("data", ""))
