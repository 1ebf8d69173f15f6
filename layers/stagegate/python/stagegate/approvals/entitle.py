"""Which stages are let at a subject: one loop for everything that somebody approves, with the gate as an argument."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from stagegate.approvals.entitlement import Entitled, Entitlement
from stagegate.approvals.gate import ANSWERED, awaited, not_approved, not_asked, principals_for, still_not_asked
from stagegate.approvals.principals import is_one_of
from stagegate.approvals.questions import Question, is_answer
from stagegate.approvals.records import Approvable, Approval, AuditRecord, Standing, approval_of, own_record
from stagegate.core.findings import Finding, blocked
from stagegate.rules.model import Approvers, StageAccess


@dataclass(frozen=True, slots=True)
class Waits:
    """Nothing can be said yet: a record is still on its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A subject whose stages are to be let in or not.

    `what` is what a sentence calls it. `records` are those that are about this subject. `questions` are what the
    approvers were asked about it; None where the rules never ask. `open_stages` are those that have access now: while
    the record of the last change is missing, a stage that is open on an approval that still stands stays open, and no
    other opens.
    """

    subject: Approvable
    what: str
    approvers: tuple[Approvers, ...]
    records: tuple[AuditRecord, ...]
    questions: Collection[Question] | None
    open_stages: Collection[str]
    now: datetime

    def awaits(self, stage: str) -> Finding | Waits:
        """Tell that a record is awaited; once that has taken too long, return the finding."""
        return awaited(self.subject, self.now, stage, what=self.what) or Waits()

    def is_answer(self, record: AuditRecord) -> bool:
        """Tell whether a record is about what had been asked before, if anybody has to ask."""
        return self.questions is None or is_answer(record, self.questions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A stage that an approver has let in: on which record, and how that stands. `gated` says who may approve it."""

    access: StageAccess
    record: AuditRecord
    standing: Standing
    gated: tuple[Approvers, ...]
    is_open: bool


class Gate(Protocol):
    """What one kind of subject asks for beside an approval."""

    def outside(self, stage: str) -> Finding | None:
        """Return what keeps a stage out whoever approves."""

    def judged(self, records: tuple[AuditRecord, ...]) -> tuple[AuditRecord, ...]:
        """Return the records as an approval is looked for among them."""

    def objection(self, candidate: Candidate) -> Finding | Waits | None:
        """Return what keeps a candidate out; None for nothing."""

    def remark(self, stage: str, approval: AuditRecord) -> Finding | None:
        """Return what should be known of a stage that is let in on this approval."""


def entitle_each(case: Case, accesses: Collection[StageAccess], gate: Gate) -> Entitled:
    """Return which of these stages are let in, what keeps others out, and which wait for a record."""
    entitlements: list[Entitlement] = []
    findings: list[Finding] = []
    waiting: list[str] = []
    for access in accesses:
        decision = _decide(case, access, gate)
        if isinstance(decision, Entitlement):
            entitlements.append(decision)
            if decision.approval:
                findings += _remarks(case, gate, access.stage, decision.approval)
        elif isinstance(decision, Finding):
            findings.append(decision)
        else:
            waiting.append(access.stage)
    is_gated = any(entry.stage == access.stage for entry in case.approvers for access in accesses)
    return Entitled(
        entitlements=tuple(entitlements),
        findings=tuple(findings),
        waiting=tuple(waiting),
        is_unrecorded=is_gated and own_record(case.subject, case.records) is not None,
        asks=case.questions is not None and any(finding.code in ANSWERED for finding in findings),
    )


def _remarks(case: Case, gate: Gate, stage: str, approval: AuditRecord) -> list[Finding]:
    """Return what should be known of a stage that is let in on this approval."""
    remark = gate.remark(stage, approval)
    found = [remark] if remark else []
    if approval.content_hash == case.subject.content_hash and not remark and not case.is_answer(approval):
        found.append(still_not_asked(approval, stage, what=case.what))
    return found


def _decide(case: Case, access: StageAccess, gate: Gate) -> Entitlement | Finding | Waits:
    stage = access.stage
    if outside := gate.outside(stage):
        return outside
    gated = tuple(entry for entry in case.approvers if entry.stage == stage)
    if not gated:
        return Entitlement(stage=stage, write=access.write)
    subject, is_open = case.subject, stage in case.open_stages
    principals = principals_for(gated, subject.risk)
    if not principals:
        return blocked(
            "NoApprover", f"governance.toml names nobody who may approve risk {subject.risk} for {stage}.", stage
        )
    approval, is_asked = _approval(case, gate.judged(case.records), principals)
    record = next((r for r in case.records if approval.record and r.id == approval.record.id), None)
    if record is None and approval.standing is not Standing.WAITING:
        return not_approved(subject, case.records, principals, stage, what=case.what)
    if record is None or (not approval.settled and not is_open):
        return case.awaits(stage)
    candidate = Candidate(access=access, record=record, standing=approval.standing, gated=gated, is_open=is_open)
    if objection := gate.objection(candidate):
        if approval.standing is Standing.EDITED and _is_unclear(case, record, principals):
            return not_approved(subject, case.records, principals, stage, what=case.what)
        return objection
    if not is_asked and not is_open:
        return not_asked(record, stage, what=case.what)
    return Entitlement(stage=stage, write=access.write, approval=record)


def _is_unclear(case: Case, approval: AuditRecord, principals: Collection[str]) -> bool:
    """Tell whether an approver has set the status since, on what can't be told and may be the subject as it is now."""
    subject = case.subject
    return any(
        r.status == subject.status
        and r.at > approval.at
        and subject.version in {each.number for each in r.versions}
        and is_one_of(r.actor, principals)
        for r in case.records
    )


def _approval(case: Case, records: tuple[AuditRecord, ...], principals: Collection[str]) -> tuple[Approval, bool]:
    """Return the approval that counts, and whether it is about what was asked. One that isn't stands behind those that
    are, and comes before what is on another content.
    """
    asked = approval_of(case.subject, records, principals, case.is_answer)
    if asked.standing is Standing.APPROVED:
        return asked, True
    anyway = approval_of(case.subject, records, principals)
    return (anyway, False) if anyway.standing is Standing.APPROVED or asked.record is None else (asked, True)
