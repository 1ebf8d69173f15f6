"""The plan for a model package group: the difference of who may register in it and what is there."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from stagegate.core.arns import Subject
from stagegate.core.findings import Finding
from stagegate.plans.grants import Grant, View
from stagegate.plans.plan import Outcome, Plan, conclude
from stagegate.rules.model import Rules
from stagegate.subjects.groups.group import Group
from stagegate.targets.changes import DesiredGrant, grant_of, target_changes
from stagegate.targets.compare import TargetDiff
from stagegate.targets.target import TargetType

REGISTER = "register"
"""What a grant is called on record by which a stage registers."""
READ = "read"
"""And one by which the group's account reads what the stage registers."""


def group_plan(
    rules: Rules,
    subject: Subject,
    group: Group | None,
    desired: Collection[DesiredGrant],
    findings: Iterable[Finding],
    view: View,
    *,
    seen: Mapping[str, TargetDiff],
    now: datetime,
) -> Plan:
    """Return the plan for a group: what closes or gets less, then what opens.

    `seen` has every target of these wants and of the record, by its id. Nobody approves a registration: the rules say
    who may, and the version that comes in has its own approval before it.
    """
    closes, opens = target_changes(subject, desired, view, seen)
    draft = Plan(
        subject=subject,
        outcome=Outcome.UNCHANGED,
        status=group.status if group else "Deleted",
        version=None,
        changes=(*closes, *opens),
        grants=tuple(_grant(rules, subject, desired_grant, view, now) for desired_grant in desired),
        findings=(*findings, *(finding for target_diff in seen.values() for finding in target_diff.findings)),
        documents=tuple(line for target in sorted(seen) for line in seen[target].lines),
    )
    return conclude(rules, draft, view)


def _grant(rules: Rules, subject: Subject, desired_grant: DesiredGrant, view: View, now: datetime) -> Grant:
    stage, registers = rules.stage(desired_grant.stage), desired_grant.target.type is TargetType.GROUP_POLICY
    permission = REGISTER if registers else READ
    grant = grant_of(desired_grant, stage, None, view, permission=permission, now=now)
    return grant if registers else replace(grant, accounts=(subject.account,))
