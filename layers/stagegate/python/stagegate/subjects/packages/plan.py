"""Plan a model package: its approval against what is recorded, and in a full scope against every document and key."""

from dataclasses import replace
from datetime import UTC, datetime

from stagegate.approvals.entitlement import Entitled
from stagegate.approvals.questions import Asked, is_set_since, last_of
from stagegate.approvals.records import AuditRecord
from stagegate.approvals.status_history import with_status_history
from stagegate.core.arns import Subject
from stagegate.core.errors import PermanentError
from stagegate.core.findings import Finding, Severity
from stagegate.ledger.read import Recorded
from stagegate.plans.decision import Basis
from stagegate.plans.mode import ReadScope
from stagegate.plans.wording import Planned
from stagegate.subjects import observe_targets
from stagegate.subjects.basis import basis_of
from stagegate.subjects.context import Planner, PlanRequest
from stagegate.subjects.packages import artifact_reader, observe
from stagegate.subjects.packages.artifact_findings import artifact_blockers
from stagegate.subjects.packages.artifact_reader import ArtifactReader
from stagegate.subjects.packages.artifacts import Artifacts
from stagegate.subjects.packages.blockers import reach_blockers, remarks
from stagegate.subjects.packages.decide import Observed, package_plan
from stagegate.subjects.packages.entitle import entitle_package, lets_in
from stagegate.subjects.packages.grants import desired_grants
from stagegate.subjects.packages.messages import wording
from stagegate.subjects.packages.model import Package

PERMISSIONS = observe.PERMISSIONS | observe_targets.PERMISSIONS | artifact_reader.PERMISSIONS
"""Those of `plan_imports` come on top."""
MEMBER_PERMISSIONS = observe_targets.MEMBER_PERMISSIONS | artifact_reader.PERMISSIONS


def plan(planner: Planner, subject: Subject, recorded: Recorded, request: PlanRequest) -> Planned:
    """Return the plan for a package.

    An event's run goes by the record, which has a digest of all that each stage has on each target; before it lets a
    stage in, it looks at what lies at the package's addresses. One of full scope looks there in any case, reads
    every document and every key's grants, and finds what else has become of them.
    """
    package = observe.observe(planner.sagemaker, subject)
    basis = basis_of(planner.rules, subject, recorded.view, recorded.kept, flaw=recorded.flaw, now=datetime.now(UTC))
    observed = Observed(package=None, entitled=Entitled())
    if package:
        observed = _observed(planner, basis, package, recorded.records, request)
    if request.scope is ReadScope.FULL:
        seen = observe_targets.look(planner, subject, observed.desired, basis.view)
        observed = replace(observed, seen=seen)
    made = package_plan(basis, observed)
    observe_targets.closes_at_least(made.decision.changes, observed.seen or {})
    return Planned(plan=made, wording=wording(basis.rules, made.decision, package))


def _observed(
    planner: Planner, basis: Basis, package: Package, known: tuple[AuditRecord, ...], request: PlanRequest
) -> Observed:
    """Return what a package that is there is to have, and what is in its way."""
    rules, subject, view, environment = basis.rules, basis.subject, basis.view, planner.environment
    open_stages = {grant.stage for grant in view.grants}
    records = with_status_history(known, view.planner_state, package)
    entitled = _entitled(basis, package, records)
    accounts = environment.members | {environment.account}
    is_imported = bool(rules.importing(package.group, package.status))
    if is_imported:
        # Here and not above: only a run about an import waits for it to load.
        from stagegate.subjects.packages.imports.plan import ImportPlanner

        imports = ImportPlanner(planner=planner, subject=subject, package=package, view=view)
    status_rule = rules.packages.status[package.status] if rules.packages else None
    noted = remarks(rules, package) if entitled.entitlements or (status_rule and status_rule.ask_approvers) else ()
    blocking: tuple[Finding, ...] = ()
    artifacts: Artifacts | None = None
    begins = is_imported and imports.begins(entitled)
    if entitled.entitlements and (request.scope is ReadScope.FULL or begins or lets_in(entitled, open_stages)):
        reader = ArtifactReader(rules=rules, environment=environment, members=planner.members)
        artifacts = reader.observe(subject, package, encryption=True)
        blocking = (*reach_blockers(rules, subject, package, accounts), *artifact_blockers(rules, artifacts))
        entitled = _entitled(basis, package, records, artifacts)
    asks = entitled.asks or (status_rule is not None and status_rule.ask_approvers)
    is_whole = request.scope is ReadScope.FULL or is_set_since(basis.questions, records, package.status)
    asked = _asked(planner, basis, package, artifacts, is_whole=is_whole) if asks else None
    if blocking:
        return Observed(package=package, entitled=entitled, asked=asked, findings=(*blocking, *noted))
    desired, findings = desired_grants(rules, subject, package, entitled.entitlements, accounts)
    if is_imported and not any(finding.severity is Severity.BLOCK for finding in findings):
        requested = imports.plan(entitled, artifacts, retry_failed=request.retry_failed)
        desired, findings = (*desired, *requested.desired), (*findings, *requested.findings)
    return Observed(package=package, entitled=entitled, asked=asked, desired=desired, findings=(*findings, *noted))


def _entitled(
    basis: Basis, package: Package, records: tuple[AuditRecord, ...], artifacts: Artifacts | None = None
) -> Entitled:
    return entitle_package(
        basis.rules,
        package,
        records,
        questions=basis.questions,
        open_stages={grant.stage for grant in basis.view.grants},
        artifacts=artifacts,
        now=basis.now,
    )


def _asked(planner: Planner, basis: Basis, package: Package, artifacts: Artifacts | None, *, is_whole: bool) -> Asked:
    """Return what the approvers are asked about: the package as it is, to the byte.

    An event says nothing of bytes. Where all else is as it was asked last, an event's run takes them to be, too, unless
    somebody has set the status since: perhaps on others. One of full scope looks. Bytes that nobody may look at are
    asked about without, and no approval answers that.
    """
    asked = Asked(version=package.version, content_hash=package.content_hash, risk=package.risk)
    last = last_of(basis.questions)
    if artifacts is None and not is_whole and last and replace(last.asked, fingerprints=None) == asked:
        return last.asked
    try:
        reader = ArtifactReader(rules=basis.rules, environment=planner.environment, members=planner.members)
        found = artifacts or reader.observe(basis.subject, package, encryption=False)
    except PermanentError:
        return asked
    return replace(asked, fingerprints=found.fingerprints)
