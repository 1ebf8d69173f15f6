"""Plan a model package group: who may register in it, against every document and key that this takes."""

from collections.abc import Mapping
from datetime import UTC, datetime

from stagegate.core.arns import Subject
from stagegate.core.findings import Finding
from stagegate.core.spelling import other_spelling
from stagegate.ledger.read import Recorded
from stagegate.plans.decision import Basis
from stagegate.plans.wording import Planned
from stagegate.rules.narrowed.members import accounts_of
from stagegate.subjects import observe_roles, observe_standing, observe_targets
from stagegate.subjects.context import Planner, PlanRequest
from stagegate.subjects.groups import observe
from stagegate.subjects.groups.decide import Observed, group_plan
from stagegate.subjects.groups.grants import desired_grants, roles_named
from stagegate.subjects.groups.messages import wording
from stagegate.subjects.observe_roles import look_up, role_findings
from stagegate.subjects.observe_standing import standing
from stagegate.targets.changes import DesiredGrant
from stagegate.targets.refusals import stages_blocked, without

PERMISSIONS = (
    observe.PERMISSIONS | observe_targets.PERMISSIONS | observe_standing.PERMISSIONS | observe_roles.PERMISSIONS
)
MEMBER_PERMISSIONS = (
    observe_targets.MEMBER_PERMISSIONS | observe_standing.MEMBER_PERMISSIONS | observe_roles.MEMBER_PERMISSIONS
)


def plan(planner: Planner, subject: Subject, recorded: Recorded, request: PlanRequest) -> Planned:
    """Return the plan for a group.

    Every run looks at everything, also one for an event: a group's policy goes with it, so the record of one that was
    deleted and made again would say what doesn't stand any more. There are no other events about a group.
    """
    rules, view, environment = planner.rules, recorded.view, planner.environment
    group = observe.observe(planner.sagemaker, subject)
    other = other_spelling(subject, group.arn) if group else None
    accounts = accounts_of(rules, environment.account)
    desired: tuple[DesiredGrant, ...] = ()
    findings: tuple[Finding, ...] = (other,) if other else ()
    policies: Mapping[str, str | None] = {}
    if group and not other:
        named = roles_named(rules, subject, group.name)
        found = {arn for _, arns in named for arn in arns}
        roles = look_up(planner, found, region=subject.region, partition=subject.partition)
        desired, findings = desired_grants(rules, subject, accounts, roles.missing, group.name)
        there = standing(planner, subject, desired)
        policies, findings = there.policies, (*findings, *role_findings(roles, named), *there.findings)
        desired = without(desired, stages_blocked(there.findings))
    seen = observe_targets.look(planner, subject, desired, view, policies)
    lost = observe_targets.lost(seen, desired)
    desired = tuple(each for each in desired if each not in lost)
    basis = Basis(rules=rules, subject=subject, view=view, now=datetime.now(UTC), sweep=request.sweep)
    unseen = observe_targets.unseen_of(seen, subject.partition)
    visibility = basis.visibility(observe_targets.accounts_of(seen, subject.partition), unseen)
    group = None if other else group
    made = group_plan(
        basis, Observed(group=group, desired=desired, findings=findings, seen=seen, visibility=visibility)
    )
    observe_targets.closes_at_least(made.decision.changes, unseen, is_sweep=request.is_sweep)
    return Planned(plan=made, wording=wording(made.decision, group))
