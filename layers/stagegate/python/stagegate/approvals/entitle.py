"""Which stages are let at a subject: one loop for everything that somebody approves, with the gate as an argument."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from stagegate.approvals.entitlement import Entitled, Entitlement
from stagegate.approvals.gate import awaited, not_approved, principals_for
from stagegate.approvals.records import Approvable, AuditRecord, Standing, approval_of
from stagegate.core.findings import Finding, blocked
from stagegate.rules.model import Approvers, StageAccess


@dataclass(frozen=True, slots=True)
class Waits:
    """Nothing can be said yet: a record is still on its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A subject whose stages are to be let in or not.

    `what` is what a sentence calls it. `known` are the records as the ledger has them, `records` what is judged: those
    of them that are about this subject, and what SageMaker itself adds. `open_stages` are those that have access now:
    while the record of the last change is missing, a stage that is open on an approval that still stands stays open,
    and no other opens.
    """

    subject: Approvable
    what: str
    approvers: tuple[Approvers, ...]
    known: Collection[AuditRecord]
    records: tuple[AuditRecord, ...]
    open_stages: Collection[str]
    now: datetime

    def awaits(self, stage: str) -> Finding | Waits:
        """Tell that a record is awaited; once that has taken too long, return the finding."""
        return awaited(self.subject, self.now, stage, what=self.what) or Waits()


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


def entitle_each(case: Case, accesses: Iterable[StageAccess], gate: Gate) -> Entitled:
    """Return which of these stages are let in, what keeps others out, and which wait for a record."""
    entitlements: list[Entitlement] = []
    findings: list[Finding] = []
    waiting: list[str] = []
    for access in accesses:
        decision = _decide(case, access, gate)
        if isinstance(decision, Entitlement):
            entitlements.append(decision)
            if decision.approval and (remark := gate.remark(access.stage, decision.approval)):
                findings.append(remark)
        elif isinstance(decision, Finding):
            findings.append(decision)
        else:
            waiting.append(access.stage)
    known = {record.id for record in case.known}
    relied_upon = {e.approval.id: e.approval for e in entitlements if e.approval and e.approval.id not in known}
    return Entitled(
        entitlements=tuple(entitlements),
        findings=tuple(findings),
        waiting=tuple(waiting),
        new_records=tuple(relied_upon.values()),
    )


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
    approval = approval_of(subject, gate.judged(case.records), principals)
    record = next((r for r in case.records if approval.record and r.id == approval.record.id), None)
    if record is None and approval.standing is not Standing.WAITING:
        return not_approved(subject, case.records, principals, stage, what=case.what)
    if record is None or (not approval.settled and not is_open):
        return case.awaits(stage)
    candidate = Candidate(access=access, record=record, standing=approval.standing, gated=gated, is_open=is_open)
    return gate.objection(candidate) or Entitlement(stage=stage, write=access.write, approval=record)
