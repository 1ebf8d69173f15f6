"""Which stages may deploy a model package: what the rules say, before AWS is involved."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from stagegate.approvals.entitlement import Entitled, Entitlement
from stagegate.approvals.fingerprints import Fingerprints
from stagegate.approvals.gate import awaited, not_approved, principals_for
from stagegate.approvals.principals import is_one_of
from stagegate.approvals.records import (
    RECORD_TOLERANCE,
    AuditRecord,
    Standing,
    approval_of,
    of_this_one,
    with_last_change,
)
from stagegate.core.findings import Finding, blocked
from stagegate.rules.model import AfterChange, Approvers, Rules
from stagegate.subjects.packages.artifacts import Artifacts, with_fingerprints
from stagegate.subjects.packages.byte_findings import about_these_bytes, is_about_other_bytes, outdated, void
from stagegate.subjects.packages.package import Package


def entitle_package(
    rules: Rules,
    package: Package | None,
    records: Collection[AuditRecord],
    *,
    open_stages: Collection[str] = (),
    artifacts: Artifacts | None = None,
    now: datetime,
) -> Entitled:
    """Return which stages the rules let deploy or import a package that looks like this. No package (deleted): none.

    With `artifacts`, what lies at the package's addresses now, an approval counts if it was about exactly these bytes.
    Without them nobody has looked, and nothing is said of bytes.

    `open_stages` are those that may deploy it now: while the record of the last change is missing, a stage that is open
    on an approval that still stands stays open, and no other opens.
    """
    if package is None or rules.packages is None:
        return Entitled()
    opens = rules.opened_by(package.group, package.status)
    if not package.is_complete:
        return Entitled(findings=_not_complete() if opens else ())
    known = {record.id for record in records}
    records = _certain(with_last_change(package, of_this_one(package, records)))
    if artifacts:
        records = tuple(
            r if r.id in known or r.status is None else with_fingerprints(r, package, artifacts) for r in records
        )
    fingerprints = artifacts.fingerprints if artifacts else None
    entitlements: list[Entitlement] = []
    findings: list[Finding] = []
    waiting: list[str] = []
    for stage in opens:
        decision = _decide(rules, package, records, fingerprints, stage, is_open=stage in open_stages, now=now)
        if isinstance(decision, Entitlement):
            entitlements.append(decision)
            if fingerprints and decision.approval and is_about_other_bytes(decision.approval, fingerprints):
                findings.append(outdated(decision.approval, fingerprints, stage))
        elif isinstance(decision, Finding):
            findings.append(decision)
        else:
            waiting.append(stage)
    relied_upon = {e.approval.id: e.approval for e in entitlements if e.approval and e.approval.id not in known}
    return Entitled(
        entitlements=tuple(entitlements),
        findings=tuple(findings),
        waiting=tuple(waiting),
        new_records=tuple(relied_upon.values()),
    )


def lets_in(entitled: Entitled, open_stages: Collection[str]) -> bool:
    """Tell whether a stage is let in that isn't in yet, or on an approval that isn't on record yet."""
    return bool(entitled.new_records) or any(e.stage not in open_stages for e in entitled.entitlements)


def _decide(
    rules: Rules,
    package: Package,
    records: Collection[AuditRecord],
    fingerprints: Fingerprints | None,
    stage: str,
    *,
    is_open: bool,
    now: datetime,
) -> Entitlement | Finding | None:
    """Return the entitlement, the finding that is in its way, or None while a record is awaited."""
    if outside := _outside_lifecycle(rules, package, stage):
        return outside
    gated = [entry for entry in rules.approvers if entry.stage == stage]
    if not gated:
        return Entitlement(stage=stage, write=False)
    after_change = rules.packages.after_change if rules.packages else AfterChange.CLOSE
    return _through_the_gate(package, records, fingerprints, stage, gated, after_change, is_open=is_open, now=now)


def _through_the_gate(
    package: Package,
    records: Collection[AuditRecord],
    fingerprints: Fingerprints | None,
    stage: str,
    gated: Collection[Approvers],
    after_change: AfterChange,
    *,
    is_open: bool,
    now: datetime,
) -> Entitlement | Finding | None:
    principals = principals_for(gated, package.risk)
    if not principals:
        return blocked(
            "NoApprover", f"governance.toml names nobody who may approve risk {package.risk} for {stage}.", stage
        )
    approval = approval_of(package, about_these_bytes(records, package.content_hash, fingerprints), principals)
    record = next((r for r in records if approval.record and r.id == approval.record.id), None)
    if record is None:
        if approval.standing is Standing.WAITING:
            return awaited(package, now, stage, what="package")
        return not_approved(package, records, principals, stage, what="package")
    if not approval.settled and not is_open:
        return awaited(package, now, stage, what="package")
    if record.content_hash != package.content_hash:
        return blocked(
            "ApprovalVoid",
            f"{record.actor.arn} approved other images, environments or data than the package has now. An approver has"
            " to approve it as it is now.",
            stage,
        )
    if record.risk and not is_one_of(record.actor, principals_for(gated, record.risk)):
        return blocked(
            "ApprovalVoid",
            f"{record.actor.arn} approved it as of risk {record.risk}, for which they are not on the approver list of"
            f" {stage}; its card says {package.risk} now. An approver has to approve it as it is now.",
            stage,
        )
    if approval.standing is Standing.EDITED and fingerprints and (after_change is AfterChange.CLOSE or not is_open):
        return void(record, fingerprints, stage)
    return Entitlement(stage=stage, write=False, approval=record)


def _certain(records: Collection[AuditRecord]) -> tuple[AuditRecord, ...]:
    """Take the content from each record that somebody else's edit came so close after that it may be theirs.

    A package has no versions of its content: what a call was about is read when its record arrives.
    """
    edits = [record for record in records if record.status is None and not record.metadata_only]
    return tuple(
        replace(record, content_hash=None)
        if any(record.at <= edit.at < record.at + RECORD_TOLERANCE and edit.actor != record.actor for edit in edits)
        else record
        for record in records
    )


def _outside_lifecycle(rules: Rules, package: Package, stage: str) -> Finding | None:
    requested = [rule for rule in (rules.packages.lifecycle if rules.packages else ()) if rule.stage == stage]
    is_in = (package.lifecycle_stage, package.lifecycle_status)
    if not requested or any(is_in == (rule.lifecycle_stage, rule.lifecycle_status) for rule in requested):
        return None
    wanted = " or ".join(f"{rule.lifecycle_stage}/{rule.lifecycle_status}" for rule in requested)
    found = "/".join(part or "none" for part in is_in)
    return blocked(
        "OutsideLifecycle", f"The package's ModelLifeCycle is {found}; governance.toml asks for {wanted}.", stage
    )


def _not_complete() -> tuple[Finding, ...]:
    detail = "SageMaker hasn't finished making the package, or has failed to. Nothing is open until it is Completed."
    return (blocked("NotComplete", detail),)
