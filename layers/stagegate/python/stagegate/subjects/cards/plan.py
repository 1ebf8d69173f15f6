"""Plan a model card: its status and its approvals against its shares and fences, and against grants on its key."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from stagegate.approvals.entitlement import Entitled
from stagegate.approvals.status_history import with_status_history
from stagegate.core.arns import Subject
from stagegate.core.errors import MemberRoleError, RefusedError
from stagegate.ledger.read import Recorded
from stagegate.plans.grants import View
from stagegate.plans.mode import ReadScope
from stagegate.plans.plan import Plan
from stagegate.rules.model import FenceKind
from stagegate.subjects import observe_targets
from stagegate.subjects.cards import observe
from stagegate.subjects.cards.card import Card
from stagegate.subjects.cards.decide import card_plan, is_nothing_new, unchanged
from stagegate.subjects.cards.entitle import entitle
from stagegate.subjects.cards.key import desired_grants, on_key, with_open_key
from stagegate.subjects.cards.scope import reads_of
from stagegate.subjects.context import Planner
from stagegate.surfaces.fences import observe as observe_fences
from stagegate.surfaces.fences.changes import that_can_be_fenced
from stagegate.surfaces.fences.model import Fence, ObservedFence, fence_of
from stagegate.surfaces.shares import observe as observe_shares
from stagegate.targets.changes import DesiredGrant, target_changes
from stagegate.targets.compare import TargetDiff

PERMISSIONS = (
    observe.PERMISSIONS | observe_shares.PERMISSIONS | observe_fences.PERMISSIONS | observe_targets.PERMISSIONS
)
MEMBER_PERMISSIONS = observe_fences.MEMBER_PERMISSIONS | observe_targets.MEMBER_PERMISSIONS


def plan_card(planner: Planner, subject: Subject, recorded: Recorded, *, scope: ReadScope) -> tuple[Plan, Card | None]:
    """Return the plan for a card, and the card (None for one that is gone).

    An event's run stops looking when the record and the card's associations agree with what the rules entitle,
    and else looks at what its changes rest on; one of full scope looks at everything.
    """
    rules, view = planner.rules, recorded.view
    card = observe.observe(planner.sagemaker, subject)
    now = datetime.now(UTC)
    entitled = _entitled(planner, subject, card, recorded, now)
    seen = observe_shares.associations(planner.ram, subject.arn)
    desired = desired_grants(rules, subject, card, entitled.entitlements)
    if (
        scope is ReadScope.CHANGES
        and is_nothing_new(rules, entitled, view, seen)
        and not any(target_changes(subject, desired, view, None))
    ):
        return unchanged(rules, subject, card, entitled, view), card
    reads = reads_of(scope, rules, entitled, view, seen)
    stand = {account: _fence(planner, fence_of(rules, account), subject) for account in reads.fences}
    let_in, _ = that_can_be_fenced(rules, entitled, stand)
    desired = desired_grants(rules, subject, card, let_in)
    diffs, unseen = _at_keys(planner, subject, desired, view) if scope is ReadScope.FULL else (None, "")
    return card_plan(
        rules,
        subject,
        card,
        entitled,
        view,
        observe_shares.observe(planner.ram, subject.arn, seen, reads.stages),
        stand,
        key=on_key(rules, subject, desired, let_in, view, seen=diffs, unseen=unseen, now=now),
        now=now,
        governance_account=planner.environment.account,
    ), card


def _entitled(planner: Planner, subject: Subject, card: Card | None, recorded: Recorded, now: datetime) -> Entitled:
    open_stages = {grant.stage for grant in recorded.view.grants}
    records = with_status_history(recorded.records, recorded.view.planner_state, card)
    entitled = entitle(planner.rules, card, records, open_stages=open_stages, now=now)
    return with_open_key(subject, card, entitled, planner.environment.members | {planner.environment.account})


def _at_keys(
    planner: Planner, subject: Subject, desired: Collection[DesiredGrant], view: View
) -> tuple[Mapping[str, TargetDiff] | None, str]:
    """Return what was seen of the keys' grants; or None, and why nothing was."""
    try:
        return observe_targets.look(planner, subject, desired, view), ""
    except (RefusedError, MemberRoleError) as error:
        return None, str(error)


def _fence(planner: Planner, fence: Fence, subject: Subject) -> ObservedFence:
    prefix = planner.environment.prefix
    if fence.kind is FenceKind.SCP:
        return observe_fences.observe_scp(planner.organizations, fence, prefix)
    return observe_fences.observe_boundary(planner.members, fence, prefix, subject.partition)
