"""Plan a model package group: who may register in it, against every document and key that this takes."""

from datetime import UTC, datetime

from stagegate.core.arns import Subject
from stagegate.ledger.read import Recorded
from stagegate.plans.decision import Basis
from stagegate.plans.wording import Planned
from stagegate.subjects import observe_targets
from stagegate.subjects.context import Planner, PlanRequest
from stagegate.subjects.groups import observe
from stagegate.subjects.groups.decide import Observed, group_plan
from stagegate.subjects.groups.grants import desired_grants
from stagegate.subjects.groups.messages import wording

PERMISSIONS = observe.PERMISSIONS | observe_targets.PERMISSIONS
MEMBER_PERMISSIONS = observe_targets.MEMBER_PERMISSIONS


def plan(planner: Planner, subject: Subject, recorded: Recorded, request: PlanRequest) -> Planned:
    """Return the plan for a group.

    Every run looks at everything, also one for an event: a group's policy goes with it, so the record of one that was
    deleted and made again would say what doesn't stand any more. There are no other events about a group.
    """
    rules, view, environment = planner.rules, recorded.view, planner.environment
    group = observe.observe(planner.sagemaker, subject)
    accounts = environment.members | {environment.account}
    desired, findings = desired_grants(rules, subject, accounts) if group else ((), ())
    seen = observe_targets.look(planner, subject, desired, view)
    basis = Basis(rules=rules, subject=subject, view=view, now=datetime.now(UTC), sweep=request.sweep)
    unseen = observe_targets.unseen_of(seen, subject.partition)
    visibility = basis.visibility(observe_targets.accounts_of(seen, subject.partition), unseen)
    made = group_plan(
        basis, Observed(group=group, desired=desired, findings=findings, seen=seen, visibility=visibility)
    )
    observe_targets.closes_at_least(made.decision.changes, unseen, is_sweep=request.is_sweep)
    return Planned(plan=made, wording=wording(made.decision, group))
