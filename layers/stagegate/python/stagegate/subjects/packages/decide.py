"""The plan for a model package: the difference of what its stages are to have and what is on record or was seen."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from stagegate.approvals.status_memory import remembered
from stagegate.core.arns import Subject
from stagegate.core.findings import Finding
from stagegate.plans.grants import Grant, View
from stagegate.plans.plan import Outcome, Plan, conclude
from stagegate.rules.model import Rules
from stagegate.subjects.cards.entitle import Entitled
from stagegate.subjects.packages.imports.retained import kept_by
from stagegate.subjects.packages.package import Package
from stagegate.targets.changes import Want, grant_of, target_changes
from stagegate.targets.compare import Sight


def package_plan(
    rules: Rules,
    subject: Subject,
    package: Package | None,
    entitled: Entitled,
    wants: Collection[Want],
    findings: Iterable[Finding],
    view: View,
    *,
    seen: Mapping[str, Sight] | None = None,
    now: datetime,
) -> Plan:
    """Return the plan for a package: what closes or gets less, then what opens.

    `wants` and `findings` are `wants_of` these entitlements. `seen` has every target of theirs and of the record, by
    its id; without it the record is gone by, which is all that a run for an event looks at.
    """
    closes, opens = target_changes(subject, wants, view, seen, kept_by(rules, subject.name.partition("/")[0], view))
    draft = Plan(
        subject=subject,
        outcome=Outcome.UNCHANGED,
        status=package.status.value if package else "Deleted",
        version=package.version if package else None,
        content_hash=package.content_hash if package else None,
        changes=(*closes, *opens),
        grants=tuple(_grant(rules, want, entitled, view, now) for want in wants),
        findings=(*entitled.findings, *findings, *(f for sight in (seen or {}).values() for f in sight.findings)),
        waiting=entitled.waiting,
        records=entitled.new_records,
        memory=remembered(view.memory, package),
        documents=tuple(line for target in sorted(seen or {}) for line in (seen or {})[target].lines),
    )
    return conclude(rules, draft, view)


def _grant(rules: Rules, want: Want, entitled: Entitled, view: View, now: datetime) -> Grant:
    approval = next((e.approval for e in entitled.entitlements if e.stage == want.stage), None)
    return grant_of(want, rules.stage(want.stage), approval, view, permission=want.permission, now=now)
