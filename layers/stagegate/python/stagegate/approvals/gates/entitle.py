"""Which stages are let at a subject: one loop for everything that somebody approves, with the gate as an argument."""

from collections.abc import Collection

from stagegate.approvals.entitlement import Entitled, Entitlement
from stagegate.approvals.gate import ANSWERED, not_approved, principals_for, still_not_asked
from stagegate.approvals.gates.case import Case, Gate, Waits
from stagegate.approvals.gates.enough import Enough
from stagegate.approvals.gates.several import needed_for
from stagegate.approvals.records import Standing, approval_of, own_record
from stagegate.core.findings import Finding, blocked
from stagegate.rules.model import StageAccess


def entitle_each(case: Case, accesses: Collection[StageAccess], gate: Gate) -> Entitled:
    """Return which of these stages are let in, what keeps others out, and which wait for a record."""
    entitlements: list[Entitlement] = []
    findings: list[Finding] = []
    waiting: list[str] = []
    for access in accesses:
        decision = _decide(case, access, gate)
        if isinstance(decision, Entitlement):
            entitlements.append(decision)
            findings += _remarks(case, gate, decision)
        elif isinstance(decision, Waits):
            waiting.append(access.stage)
        else:
            findings += [decision] if isinstance(decision, Finding) else decision
    is_gated = any(entry.stage == access.stage for entry in case.approvers for access in accesses)
    return Entitled(
        entitlements=tuple(entitlements),
        findings=tuple(findings),
        waiting=tuple(waiting),
        is_unrecorded=is_gated and own_record(case.subject, case.records) is not None,
        asks=case.questions is not None and any(finding.code in ANSWERED for finding in findings),
    )


def _remarks(case: Case, gate: Gate, let_in: Entitlement) -> list[Finding]:
    """Return what should be known of a stage that is let in on these approvals."""
    approval = let_in.approval
    if approval is None:
        return []
    if remark := gate.remark(let_in.stage, approval):
        return [remark]
    is_present = approval.content_hash == case.subject.content_hash
    unasked = [each for each in let_in.approvals if is_present and not case.is_answer(each)]
    return [still_not_asked(each, let_in.stage, what=case.what) for each in unasked[-1:]]


def _decide(case: Case, access: StageAccess, gate: Gate) -> Entitlement | tuple[Finding, ...] | Finding | Waits:
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
    if approval.standing is Standing.NOT_APPROVED:
        return not_approved(subject, case.records, principals, stage, what=case.what)
    if approval.standing is Standing.WAITING or (not approval.settled and not is_open):
        return case.awaits(stage)
    needed = needed_for(gated, subject.risk)
    enough = Enough(case=case, gate=gate, access=access, gated=gated, principals=principals, needed=needed)
    return enough.decided(approval.all)
