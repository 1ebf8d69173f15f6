"""Which stages may deploy a model package: what the rules say, before AWS is involved."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from .approvals import RECORD_TOLERANCE, ChangeRecord, Standing, approval_of, of_this_one, with_last_change
from .entitlements import Entitled, Entitlement
from .findings import Finding, blocked
from .gate import awaited, not_approved, principals_for
from .packages import Package
from .rules import Approvers, Rules


def entitle_package(
    rules: Rules,
    package: Package | None,
    records: Collection[ChangeRecord],
    *,
    open_stages: Collection[str] = (),
    now: datetime,
) -> Entitled:
    """Return which stages the rules let deploy a package that looks like this. No package (it was deleted): none.

    `open_stages` are those that may deploy it now: while the record of the last change is missing, a stage that is open
    on an approval that still stands stays open, and no other opens.
    """
    if package is None or rules.packages is None:
        return Entitled()
    opens = rules.packages.status[package.status].opens
    if not package.is_complete:
        return Entitled(findings=_not_complete() if opens else ())
    known = {record.id for record in records}
    records = _certain(with_last_change(package, of_this_one(package, records)))
    entitlements: list[Entitlement] = []
    findings: list[Finding] = []
    waiting: list[str] = []
    for stage in opens:
        decision = _decide(rules, package, records, stage, is_open=stage in open_stages, now=now)
        if isinstance(decision, Entitlement):
            entitlements.append(decision)
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


def _decide(
    rules: Rules, package: Package, records: Collection[ChangeRecord], stage: str, *, is_open: bool, now: datetime
) -> Entitlement | Finding | None:
    """Return the entitlement, the finding that is in its way, or None while a record is awaited."""
    if outside := _outside_lifecycle(rules, package, stage):
        return outside
    gated = [entry for entry in rules.approvers if entry.stage == stage]
    if not gated:
        return Entitlement(stage=stage, write=False)
    return _through_the_gate(package, records, stage, gated, is_open=is_open, now=now)


def _through_the_gate(
    package: Package,
    records: Collection[ChangeRecord],
    stage: str,
    gated: Collection[Approvers],
    *,
    is_open: bool,
    now: datetime,
) -> Entitlement | Finding | None:
    principals = principals_for(gated, package.risk)
    if not principals:
        return blocked(
            "NoApprover", f"governance.toml names nobody who may approve risk {package.risk} for {stage}.", stage
        )
    approval = approval_of(package, records, principals)
    record = approval.record
    if record is None:
        if approval.standing is Standing.WAITING:
            return awaited(package, now, stage, what="package")
        return not_approved(package, records, principals, stage, what="package")
    if not approval.settled and not is_open:
        return awaited(package, now, stage, what="package")
    if approval.standing is Standing.EDITED:
        return blocked(
            "ApprovalVoid",
            f"{record.actor.arn} approved other images or data than the package has now. An approver has to approve it"
            " as it is now.",
            stage,
        )
    return Entitlement(stage=stage, write=False, approval=record)


def _certain(records: Collection[ChangeRecord]) -> tuple[ChangeRecord, ...]:
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
    asked = [rule for rule in (rules.packages.lifecycle if rules.packages else ()) if rule.stage == stage]
    is_in = (package.lifecycle_stage, package.lifecycle_status)
    if not asked or any(is_in == (rule.lifecycle_stage, rule.lifecycle_status) for rule in asked):
        return None
    wanted = " or ".join(f"{rule.lifecycle_stage}/{rule.lifecycle_status}" for rule in asked)
    found = "/".join(part or "none" for part in is_in)
    return blocked(
        "OutsideLifecycle", f"The package's ModelLifeCycle is {found}; governance.toml asks for {wanted}.", stage
    )


def _not_complete() -> tuple[Finding, ...]:
    detail = "SageMaker hasn't finished making the package, or has failed to. Nothing is open until it is Completed."
    return (blocked("NotComplete", detail),)
