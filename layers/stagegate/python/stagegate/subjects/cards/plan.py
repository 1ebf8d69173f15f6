"""Plan a model card: its status and its approvals against its shares and fences, and against grants on its key."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from stagegate.approvals.status_memory import with_departure
from stagegate.core.arns import Subject
from stagegate.core.errors import MemberRoleError, RefusedError
from stagegate.ledger.read import OnRecord
from stagegate.plans.grants import View
from stagegate.plans.mode import ReadScope
from stagegate.plans.plan import Plan
from stagegate.rules.model import FenceKind
from stagegate.subjects import observe_targets as look_at_targets
from stagegate.subjects.cards import observe as model_cards
from stagegate.subjects.cards.card import Card
from stagegate.subjects.cards.decide import card_plan, is_nothing_new, unchanged
from stagegate.subjects.cards.entitle import Entitled, entitle
from stagegate.subjects.cards.key import on_key, wants_of, with_open_key
from stagegate.subjects.cards.scope import reads_of
from stagegate.subjects.context import Planner
from stagegate.surfaces.fences import observe as fences
from stagegate.surfaces.fences.changes import that_can_be_fenced
from stagegate.surfaces.fences.model import Fence, ObservedFence, fence_of
from stagegate.surfaces.shares import observe as resource_shares
from stagegate.targets.changes import Want, target_changes
from stagegate.targets.compare import Sight

PERMISSIONS = model_cards.PERMISSIONS | resource_shares.PERMISSIONS | fences.PERMISSIONS | look_at_targets.PERMISSIONS
MEMBER_PERMISSIONS = fences.MEMBER_PERMISSIONS | look_at_targets.MEMBER_PERMISSIONS


def plan_card(planner: Planner, subject: Subject, on_record: OnRecord, *, scope: ReadScope) -> tuple[Plan, Card | None]:
    """Return the plan for a card, and the card (None for one that is gone).

    An event's run stops looking when the record and the card's associations agree with what the rules entitle,
    and else looks at what its changes rest on; one of full scope looks at everything.
    """
    rules, view = planner.rules, on_record.view
    card = model_cards.observe(planner.sagemaker, subject)
    now = datetime.now(UTC)
    entitled = _entitled(planner, subject, card, on_record, now)
    seen = resource_shares.associations(planner.ram, subject.arn)
    wants = wants_of(rules, subject, card, entitled.entitlements)
    if (
        scope is ReadScope.CHANGES
        and is_nothing_new(rules, entitled, view, seen)
        and not any(target_changes(subject, wants, view, None))
    ):
        return unchanged(rules, subject, card, entitled, view), card
    reads = reads_of(scope, rules, entitled, view, seen)
    stand = {account: _fence(planner, fence_of(rules, account), subject) for account in reads.fences}
    let_in, _ = that_can_be_fenced(rules, entitled, stand)
    wants = wants_of(rules, subject, card, let_in)
    sights, unseen = _at_keys(planner, subject, wants, view) if scope is ReadScope.FULL else (None, "")
    return card_plan(
        rules,
        subject,
        card,
        entitled,
        view,
        resource_shares.observe(planner.ram, subject.arn, seen, reads.stages),
        stand,
        key=on_key(rules, subject, wants, let_in, view, seen=sights, unseen=unseen, now=now),
        now=now,
        governance_account=planner.environment.account,
    ), card


def _entitled(planner: Planner, subject: Subject, card: Card | None, on_record: OnRecord, now: datetime) -> Entitled:
    open_stages = {grant.stage for grant in on_record.view.grants}
    records = with_departure(on_record.records, on_record.view.memory, card)
    entitled = entitle(planner.rules, card, records, open_stages=open_stages, now=now)
    return with_open_key(subject, card, entitled, planner.environment.members | {planner.environment.account})


def _at_keys(
    planner: Planner, subject: Subject, wants: Collection[Want], view: View
) -> tuple[Mapping[str, Sight] | None, str]:
    """Return what was seen of the keys' grants; or None, and why nothing was."""
    try:
        return look_at_targets.look(planner, subject, wants, view), ""
    except (RefusedError, MemberRoleError) as error:
        return None, str(error)


def _fence(planner: Planner, fence: Fence, subject: Subject) -> ObservedFence:
    prefix = planner.environment.prefix
    if fence.kind is FenceKind.SCP:
        return fences.observe_scp(planner.organizations, fence, prefix)
    return fences.observe_boundary(planner.members, fence, prefix, subject.partition)
