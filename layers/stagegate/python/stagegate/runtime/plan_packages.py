"""Plan a model package: its approval against what is on record, and by hand against every document and key."""

from datetime import UTC, datetime

from stagegate.domain.arns import Subject
from stagegate.domain.package_entitlements import entitle_package
from stagegate.domain.package_grants import wants_of
from stagegate.domain.package_plan import package_plan
from stagegate.domain.packages import Package
from stagegate.domain.plan import Plan
from stagegate.ledger.subjects import OnRecord
from stagegate.sources import model_packages

from . import look_at_targets
from .planner import Planner

PERMISSIONS = model_packages.PERMISSIONS | look_at_targets.PERMISSIONS
MEMBER_PERMISSIONS = look_at_targets.MEMBER_PERMISSIONS


def plan_package(
    planner: Planner, subject: Subject, on_record: OnRecord, *, by_hand: bool
) -> tuple[Plan, Package | None]:
    """Return the plan for a package, and the package (None for one that is gone).

    An event's run goes by the record, which has a digest of all that each stage has on each target. A run that a person
    started reads every document and every key's grants, and finds what else has become of them.
    """
    rules, view, environment = planner.rules, on_record.view, planner.environment
    package = model_packages.observe(planner.sagemaker, subject)
    now = datetime.now(UTC)
    open_stages = {grant.stage for grant in view.grants}
    entitled = entitle_package(rules, package, on_record.records, open_stages=open_stages, now=now)
    accounts = environment.members | {environment.account}
    wants, findings = wants_of(rules, subject, package, entitled.entitlements, accounts) if package else ((), ())
    seen = look_at_targets.look(planner, subject, wants, view) if by_hand else None
    return package_plan(rules, subject, package, entitled, wants, findings, view, seen=seen, now=now), package
