"""Links of the chain that `why` shows: what one is, and whether somebody has approved. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from stagegate.access.model import SubjectRecord
from stagegate.approvals.gate import ANSWERED, RECORDS_ALTERED
from stagegate.approvals.principals import is_one_of
from stagegate.approvals.records import AuditRecord
from stagegate.core.findings import Severity
from stagegate.plans.grants import Grant
from stagegate.rules.model import Rules, Stage
from stagegate_cli.screen import when

_UNSETTLED = ANSWERED | {RECORDS_ALTERED, "NoApprover", "RecordMissing"}
"""Findings by which an approval that is recorded doesn't count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link of the chain: what was asked, whether it holds, and what says so."""

    asks: str
    holds: bool
    says: str


def approval(record: SubjectRecord, rules: Rules, stage: Stage, grants: Collection[Grant]) -> Link:
    """Return whether the model was approved for a stage. `grants` are those that are open for the account there.

    An approval that has opened nothing is one, too: what keeps it from that is said with it, or by a later link.
    """
    asks = "Was it approved?"
    gated = [entry for entry in rules.approvers if entry.stage == stage.name]
    if record.subject.kind not in ("model-card", "model-package") or not gated:
        return Link(asks=asks, holds=True, says=f"{stage.name} needs no approval")
    given = next((grant for grant in grants if grant.approval), None)
    if given:
        return Link(asks=asks, holds=True, says=f"by {given.approved_by} (record {given.approval})")
    if grants:
        return Link(asks=asks, holds=True, says="it was opened when it needed none")
    who = sorted({principal for entry in gated for principal in entry.principals})
    kept = _recorded(record, who)
    if kept is None:
        return Link(asks=asks, holds=False, says=f"not by one of {', '.join(who) or 'nobody'}. {found_last(record)}")
    says = f"by {kept.actor.arn} at {when(kept.at)} (record {kept.id})"
    findings = record.now.findings if record.now else ()
    if any(each.code in _UNSETTLED and each.severity is Severity.BLOCK for each in findings):
        return Link(asks=asks, holds=False, says=f"{says}, which doesn't let {stage.name} in. {found_last(record)}")
    return Link(asks=asks, holds=True, says=says)


def _recorded(record: SubjectRecord, principals: Collection[str]) -> AuditRecord | None:
    """Return the last record of one of these who set the status on the version and content that are there now."""
    now = record.now
    if now is None:
        return None
    fits = [
        each
        for each in record.records
        if (each.status, each.version, each.content_hash) == (now.status, now.version, now.content_hash)
        and is_one_of(each.actor, principals)
    ]
    return max(fits, key=lambda each: (each.at, each.id), default=None)


def found_last(record: SubjectRecord) -> str:
    """Return what the last run came to, and what it found that blocks, or else what it found."""
    now = record.now
    if now is None:
        return ""
    blocks = [finding for finding in now.findings if finding.severity is Severity.BLOCK]
    findings = "; ".join(f"{finding.code}: {finding.detail}" for finding in blocks or now.findings)
    return f"The last run ({when(now.at)}) came to {now.outcome!r}{f' and found {findings}' if findings else ''}"
