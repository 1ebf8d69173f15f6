"""The gate before a stage with approvers: whom the rules ask for, and what is said while it stays shut."""

from collections.abc import Collection
from datetime import datetime, timedelta

from stagegate.approvals.principals import is_one_of
from stagegate.approvals.records import Approvable, AuditRecord
from stagegate.core.findings import Finding, blocked
from stagegate.core.statuses import RiskRating
from stagegate.core.untrusted import word
from stagegate.rules.model import Approvers

PATIENCE = timedelta(minutes=30)
"""How long a record may be on its way. CloudTrail's events usually arrive within minutes, and are best effort."""


def principals_for(gated: Collection[Approvers], risk: RiskRating) -> frozenset[str]:
    """Return who may let a subject of this risk in, of those whom the rules name for a stage."""
    return frozenset(principal for entry in gated if risk in entry.risks for principal in entry.principals)


def not_approved(
    subject: Approvable,
    records: Collection[AuditRecord],
    principals: Collection[str],
    stage: str,
    *,
    what: str = "card",
) -> Finding:
    """Return the finding where every change is on record and no approval of these principals is among them."""
    setters = [r for r in records if r.status == subject.status]
    last = max(setters, key=lambda r: (r.at, r.id)) if setters else None
    who = word(last.actor.arn) if last else "Nobody on record"
    if last and is_one_of(last.actor, principals):
        return blocked(
            "ApprovalUnclear",
            f"{who} set {subject.status}, and it can't be told on which content, or whether it was the last word: the"
            f" {what} was changed again about then. Set {subject.status} once more on the {what} as it is now.",
            stage,
        )
    return blocked(
        "NotAnApprover",
        f"{who} set {subject.status}, and is not on the approver list of {stage} for risk {subject.risk}."
        f" An approver has to set {subject.status} on this version.",
        stage,
    )


def awaited(subject: Approvable, now: datetime, stage: str, *, what: str = "card") -> Finding | None:
    """Return None while a record may still arrive, and the finding when it has taken too long."""
    if now - subject.last_modified < PATIENCE:
        return None
    return blocked(
        "RecordMissing",
        f"No CloudTrail record has come of who wrote and who approved the {what} as it has been since"
        f" {subject.last_modified:%Y-%m-%d %H:%M:%S} UTC. Check that a trail logs management events; then save the"
        " content and set the status once more.",
        stage,
    )
