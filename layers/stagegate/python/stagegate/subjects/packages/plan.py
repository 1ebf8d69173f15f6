"""Plan a model package: its approval against what is on record, and by hand against every document and key."""

from datetime import UTC, datetime

from stagegate.approvals.status_history import with_status_history
from stagegate.core.arns import Subject
from stagegate.core.findings import Finding, Severity
from stagegate.ledger.read import Recorded
from stagegate.plans.mode import ReadScope
from stagegate.plans.plan import Plan
from stagegate.subjects import observe_targets
from stagegate.subjects.context import Planner
from stagegate.subjects.packages import artifact_reader, observe
from stagegate.subjects.packages.artifact_findings import artifact_blockers
from stagegate.subjects.packages.artifact_reader import ArtifactReader
from stagegate.subjects.packages.artifacts import Artifacts
from stagegate.subjects.packages.blockers import reach_blockers
from stagegate.subjects.packages.decide import package_plan
from stagegate.subjects.packages.entitle import entitle_package, lets_in
from stagegate.subjects.packages.grants import desired_grants
from stagegate.subjects.packages.package import Package

PERMISSIONS = observe.PERMISSIONS | observe_targets.PERMISSIONS | artifact_reader.PERMISSIONS
"""Those of `plan_imports` come on top."""
MEMBER_PERMISSIONS = observe_targets.MEMBER_PERMISSIONS | artifact_reader.PERMISSIONS


def plan_package(
    planner: Planner, subject: Subject, recorded: Recorded, *, scope: ReadScope, retry_failed: bool = False
) -> tuple[Plan, Package | None]:
    """Return the plan for a package, and the package (None for one that is gone).

    An event's run goes by the record, which has a digest of all that each stage has on each target; before it lets a
    stage in, it looks at what lies at the package's addresses. A run of full scope looks there in any case,
    reads every document and every key's grants, and finds what else has become of them. `retry_failed`: an import that
    has failed is tried once more.
    """
    rules, view, environment = planner.rules, recorded.view, planner.environment
    package = observe.observe(planner.sagemaker, subject)
    now = datetime.now(UTC)
    open_stages = {grant.stage for grant in view.grants}
    records = with_status_history(recorded.records, view.planner_state, package)
    entitled = entitle_package(rules, package, records, open_stages=open_stages, now=now)
    accounts = environment.members | {environment.account}
    is_imported = package is not None and bool(rules.importing(package.group, package.status))
    if package and is_imported:
        # Here and not above, as for hubs (`planning`): only a run about an import waits for it to load.
        from stagegate.subjects.packages.imports.plan import ImportPlanner

        imports = ImportPlanner(planner=planner, subject=subject, package=package, view=view)
    blocking: tuple[Finding, ...] = ()
    artifacts: Artifacts | None = None
    begins = is_imported and imports.begins(entitled)
    if package and entitled.entitlements and (scope is ReadScope.FULL or begins or lets_in(entitled, open_stages)):
        reader = ArtifactReader(rules=rules, environment=environment, members=planner.members)
        artifacts = reader.observe(subject, package, encryption=True)
        blocking = (*reach_blockers(rules, subject, package, accounts), *artifact_blockers(rules, artifacts))
        entitled = entitle_package(rules, package, records, open_stages=open_stages, artifacts=artifacts, now=now)
    desired, findings = (
        desired_grants(rules, subject, package, entitled.entitlements, accounts) if package else ((), ())
    )
    if blocking:
        desired, findings = (), blocking
    elif is_imported and not any(finding.severity is Severity.BLOCK for finding in findings):
        requested = imports.plan(entitled, artifacts, retry_failed=retry_failed)
        desired, findings = (*desired, *requested.desired), (*findings, *requested.findings)
    seen = observe_targets.look(planner, subject, desired, view) if scope is ReadScope.FULL else None
    return package_plan(rules, subject, package, entitled, desired, findings, view, seen=seen, now=now), package
