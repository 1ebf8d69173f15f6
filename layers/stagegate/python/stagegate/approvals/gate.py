"""The gate before a stage with approvers: whom the rules ask for, and what is said while it stays shut."""

from collections.abc import Collection
from datetime import datetime, timedelta

from stagegate.approvals.principals import is_one_of
from stagegate.approvals.records import Approvable, AuditRecord
from stagegate.core.findings import Finding, blocked, warned
from stagegate.core.statuses import RiskRating
from stagegate.core.untrusted import word
from stagegate.rules.model import Approvers

RECORDS_ALTERED = "RecordsAltered"
"""The finding that a sweep fails by."""

APPROVALS_MISSING = "ApprovalsMissing"
"""The finding of a stage that is closed until more people approve: it waits for them, and complains of nothing."""

ANSWERED = frozenset(
    {
        "ApprovalNotAsked",
        "ApprovalOutdated",
        "ApprovalUnclear",
        "ApprovalVoid",
        APPROVALS_MISSING,
        "BytesChanged",
        "BytesUnknown",
        "FourEyes",
        "NotAnApprover",
        "ReasonMissing",
    }
)
"""Findings that an approver settles by setting the status once more: a message with one of them asks for that."""

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
    left = max((r.at for r in records if r.status not in (None, subject.status)), default=None)
    approvers = [r for r in setters if is_one_of(r.actor, principals) and (left is None or r.at >= left)]
    last = max(approvers or setters, key=lambda r: (r.at, r.id)) if setters else None
    who = word(last.actor.arn) if last else "Nobody on record"
    if approvers:
        return blocked(
            "ApprovalUnclear",
            f"{last} set {subject.status}, and it can't be told on which content, or whether it was the last word: the"
            f" {what} was changed again about then. Set {subject.status} once more on the {what} as it is now, some"
            " minutes after the last change.",
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


def records_altered(arn: str, flaw: str) -> Finding:
    """Return the finding of approvals that somebody has written into beside `record_approval`: none of them counts."""
    return blocked(
        RECORDS_ALTERED,
        f"The approvals of {arn} in the ledger don't fit together: {flaw}. None of them counts, and what rests on one"
        " closes. See who wrote there (docs/runbook.md).",
    )


def not_asked(approval: AuditRecord, stage: str, *, what: str, is_enough: bool = True) -> Finding:
    """Return the finding of an approval that nobody had asked for: it lets nobody in. `is_enough`: one would."""
    then = f"It opens {stage} then." if is_enough else f"It counts for {stage} then."
    return blocked("ApprovalNotAsked", f"{_unasked(approval, what)} {then}", stage)


def still_not_asked(approval: AuditRecord, stage: str, *, what: str) -> Finding:
    """Return the finding of such an approval where the stage is open: it closes nothing."""
    return warned("ApprovalNotAsked", f"{_unasked(approval, what)} {stage} stays open meanwhile.", stage)


def _unasked(approval: AuditRecord, what: str) -> str:
    return (
        f"{word(approval.actor.arn)} set {approval.status} before anybody was asked about the {what} as it is"
        f" (version {approval.version}). This message asks: an approver has to set {approval.status} once more."
    )
