"""The plan for a model package: the difference of what its stages are to have and what is on record or was seen."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from stagegate.approvals.entitlement import Entitled
from stagegate.approvals.status_history import status_history
from stagegate.core.arns import Subject
from stagegate.core.findings import Finding
from stagegate.plans.grants import Grant, View
from stagegate.plans.plan import Outcome, Plan, conclude
from stagegate.rules.model import Rules
from stagegate.subjects.packages.imports.retained import retained_by
from stagegate.subjects.packages.package import Package
from stagegate.targets.changes import DesiredGrant, grant_of, target_changes
from stagegate.targets.compare import TargetDiff


def package_plan(
    rules: Rules,
    subject: Subject,
    package: Package | None,
    entitled: Entitled,
    desired: Collection[DesiredGrant],
    findings: Iterable[Finding],
    view: View,
    *,
    seen: Mapping[str, TargetDiff] | None = None,
    now: datetime,
) -> Plan:
    """Return the plan for a package: what closes or gets less, then what opens.

    `desired` and `findings` are `desired_grants` these entitlements. `seen` has every target of theirs and of the
    record, by its id; without it the record is gone by, which is all that a run for an event looks at.
    """
    closes, opens = target_changes(
        subject, desired, view, seen, retained_by(rules, subject.name.partition("/")[0], view)
    )
    draft = Plan(
        subject=subject,
        outcome=Outcome.UNCHANGED,
        status=package.status.value if package else "Deleted",
        version=package.version if package else None,
        content_hash=package.content_hash if package else None,
        changes=(*closes, *opens),
        grants=tuple(_grant(rules, desired_grant, entitled, view, now) for desired_grant in desired),
        findings=(
            *entitled.findings,
            *findings,
            *(f for target_diff in (seen or {}).values() for f in target_diff.findings),
        ),
        waiting=entitled.waiting,
        records=entitled.new_records,
        planner_state=status_history(view.planner_state, package),
        documents=tuple(line for target in sorted(seen or {}) for line in (seen or {})[target].lines),
    )
    return conclude(rules, draft, view)


def _grant(rules: Rules, desired_grant: DesiredGrant, entitled: Entitled, view: View, now: datetime) -> Grant:
    approval = next((e.approval for e in entitled.entitlements if e.stage == desired_grant.stage), None)
    return grant_of(
        desired_grant, rules.stage(desired_grant.stage), approval, view, permission=desired_grant.permission, now=now
    )
