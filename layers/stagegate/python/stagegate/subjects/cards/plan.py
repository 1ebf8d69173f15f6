"""Plan a model card: its status and its approvals against its shares and fences, and against grants on its key."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from stagegate.approvals.as_if import AS_IF
from stagegate.approvals.entitlement import Entitled
from stagegate.approvals.questions import Question
from stagegate.approvals.reasons import with_reasons
from stagegate.approvals.records import AuditRecord
from stagegate.approvals.status_history import with_status_history
from stagegate.core.arns import Subject
from stagegate.core.errors import PermanentError
from stagegate.core.findings import Finding
from stagegate.ledger.read import Recorded
from stagegate.plans.blindness import Unseen, Visibility
from stagegate.plans.decision import Basis
from stagegate.plans.grants import open_stages
from stagegate.plans.mode import ReadScope
from stagegate.plans.plan import Plan
from stagegate.plans.wording import Planned
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.narrowed.for_subject import for_subject
from stagegate.rules.narrowed.members import accounts_of
from stagegate.subjects import observe_accounts, observe_membership, observe_standing, observe_tags, observe_targets
from stagegate.subjects.basis import basis_of
from stagegate.subjects.cards import observe
from stagegate.subjects.cards.decide import Observed, card_plan, is_nothing_new, unchanged
from stagegate.subjects.cards.entitle import entitle
from stagegate.subjects.cards.key import desired_grants, on_key, with_key_seen, with_key_there, with_open_key
from stagegate.subjects.cards.messages import wording
from stagegate.subjects.cards.model import Card
from stagegate.subjects.cards.questions.question import Gates, question_of
from stagegate.subjects.cards.scope import reads_of
from stagegate.subjects.context import Planner, PlanRequest
from stagegate.subjects.observe_accounts import explained
from stagegate.subjects.observe_membership import ApproverAccounts
from stagegate.subjects.observe_standing import standing
from stagegate.surfaces.fences import observe as observe_fences
from stagegate.surfaces.fences.changes import that_can_be_fenced
from stagegate.surfaces.fences.model import Fence, ObservedFence, access_of, fence_of
from stagegate.surfaces.shares import observe as observe_shares
from stagegate.surfaces.shares import observe_held
from stagegate.targets.changes import DesiredGrant, target_changes
from stagegate.targets.compare import TargetDiff
from stagegate.targets.fences import fence_target
from stagegate.targets.refusals import stages_blocked
from stagegate.targets.use import Use

PERMISSIONS = (
    observe.PERMISSIONS
    | observe_accounts.PERMISSIONS
    | observe_shares.PERMISSIONS
    | observe_fences.PERMISSIONS
    | observe_targets.PERMISSIONS
    | observe_standing.PERMISSIONS
    | observe_membership.PERMISSIONS
    | observe_tags.PERMISSIONS
)
MEMBER_PERMISSIONS = (
    observe_fences.MEMBER_PERMISSIONS | observe_targets.MEMBER_PERMISSIONS | observe_standing.MEMBER_PERMISSIONS
)


def plan(planner: Planner, subject: Subject, recorded: Recorded, request: PlanRequest) -> Planned:
    """Return the plan for a card.

    An event's run stops looking when the record and the card's associations agree with what the rules entitle, and else
    looks at what its changes rest on; one of full scope looks at everything.
    """
    card = observe.observe(planner.sagemaker, subject)
    if card:
        by_tags = observe_tags.settled(planner, subject, recorded.kept.tags, card.created, recorded.flaw)
        planner = replace(planner, rules=for_subject(by_tags, subject))
    basis = basis_of(
        planner.rules,
        subject,
        recorded.view,
        recorded.kept,
        of=card,
        flaw=recorded.flaw,
        now=datetime.now(UTC),
        sweep=request.sweep,
    )
    approver_accounts = ApproverAccounts(planner=planner, request=request, view=basis.view)
    entitled = _entitled(planner, basis, card, recorded, approver_accounts)
    made = _planned(planner, basis, card, entitled, request, approver_accounts.findings(basis.rules, entitled))
    question = None
    if card and made.notify and made.decision.asks:
        question = question_of(
            basis.rules,
            subject,
            card,
            with_status_history(with_reasons(recorded.records, recorded.kept.tags), basis.view.planner_state, card),
            basis.questions,
            made.record.grants,
            _gates(planner, basis),
            now=basis.now,
        )
    said = wording(basis.rules, made.decision, card, question)
    return Planned(plan=made, wording=said, audience=planner.rules.audience or "")


def _gates(planner: Planner, basis: Basis) -> Gates:
    """Return the gates of the card, to be run as if it were another one."""
    accounts = accounts_of(basis.rules, planner.environment.account)

    def entitled(
        card: Card, records: Collection[AuditRecord], questions: Collection[Question], now: datetime
    ) -> Entitled:
        open_now = open_stages(basis.rules, basis.view)
        found = entitle(
            basis.rules, card, records, questions=questions, open_stages=open_now, stands_for_all=AS_IF, now=now
        )
        return with_open_key(basis.subject, card, found, accounts)

    return entitled


def _planned(
    planner: Planner,
    basis: Basis,
    card: Card | None,
    entitled: Entitled,
    request: PlanRequest,
    findings: tuple[Finding, ...],
) -> Plan:
    rules, subject, view, scope = basis.rules, basis.subject, basis.view, request.scope
    associations = observe_shares.associations(planner.ram, subject.arn)
    desired = desired_grants(rules, subject, card, entitled.entitlements)
    if (
        scope is ReadScope.CHANGES
        and is_nothing_new(rules, entitled, view, associations)
        and not any(target_changes(subject, desired, view, None))
    ):
        return unchanged(basis, card, entitled)
    entitled, use = _with_usable_key(planner, subject, entitled, desired)
    use = replace(use, findings=(*use.findings, *findings))
    reads = reads_of(scope, rules, entitled, view, associations)
    fences = {account: _fence(planner, fence_of(rules, account), subject) for account in reads.fences}
    let_in, _ = that_can_be_fenced(rules, entitled, fences, view)
    unseen = _unseen_fences(fences.values())
    seen: Mapping[str, TargetDiff] | None = None
    visibility: Visibility | None = None
    key_unseen: tuple[Unseen, ...] = ()
    if scope is ReadScope.FULL:
        seen = observe_targets.look(planner, subject, desired_grants(rules, subject, card, let_in), view)
        entitled = with_key_there(entitled, seen)
        key_unseen = observe_targets.unseen_of(seen, subject.partition)
        accounts = {*fences, *observe_targets.accounts_of(seen, subject.partition)}
        visibility = basis.visibility(accounts, (*unseen, *key_unseen))
        entitled = with_key_seen(rules, entitled, view, key_unseen, visibility)
        let_in, _ = that_can_be_fenced(rules, entitled, fences, view, visibility.too_long)
    why = str(key_unseen[0].error) if key_unseen else ""
    desired = desired_grants(rules, subject, card, let_in)
    observed = Observed(
        card=card,
        entitled=entitled,
        shares=observe_held.with_misplaced(
            planner.ram,
            rules,
            observe_shares.observe(
                planner.ram, subject.arn, associations, reads.stages, view.grants, audience=rules.audience
            ),
            partial(observe_tags.settled_by_record, planner),
        ),
        fences=fences,
        key=on_key(basis, desired, let_in, seen=None if key_unseen else seen, unseen=why),
        visibility=visibility,
        use=use,
    )
    made = card_plan(basis, observed)
    kept = {fence_target(fence.account) for fence in fences.values() if fence.unseen} & {
        fence_target(account) for account in access_of(rules, let_in)
    }
    real = [change for change in made.decision.changes if change.closes and not kept.issuperset(change.places)]
    observe_targets.closes_at_least(real, unseen, is_sweep=request.is_sweep)
    return made


def _unseen_fences(fences: Iterable[ObservedFence]) -> tuple[Unseen, ...]:
    return tuple(
        Unseen(
            place=fence_target(fence.account),
            account=fence.account,
            what=f"the fence of account {fence.account}",
            error=fence.unseen,
        )
        for fence in fences
        if fence.unseen and not fence.is_closed
    )


def _entitled(
    planner: Planner, basis: Basis, card: Card | None, recorded: Recorded, approver_accounts: ApproverAccounts
) -> Entitled:
    view = basis.view
    stages_open = open_stages(basis.rules, view)
    records = with_status_history(with_reasons(recorded.records, recorded.kept.tags), view.planner_state, card)
    entitled = approver_accounts.entitled(
        basis.rules,
        lambda rules: entitle(rules, card, records, questions=basis.questions, open_stages=stages_open, now=basis.now),
    )
    return with_open_key(basis.subject, card, entitled, accounts_of(basis.rules, planner.environment.account))


def _with_usable_key(
    planner: Planner, subject: Subject, entitled: Entitled, desired: Collection[DesiredGrant]
) -> tuple[Entitled, Use]:
    """Return the entitlements without the stages that couldn't decrypt the card, and what was found of its key."""
    if not desired:
        return entitled, Use()
    use = Use(findings=standing(planner, subject, desired).findings)
    refused = stages_blocked(use.findings)
    return replace(entitled, entitlements=tuple(e for e in entitled.entitlements if e.stage not in refused)), use


def _fence(planner: Planner, fence: Fence, subject: Subject) -> ObservedFence:
    """Return a fence as it stands. What can't be seen of one keeps no share from closing: it is taken not to stand."""
    prefix = planner.environment.prefix
    try:
        if fence.kind is FenceKind.SCP:
            return observe_fences.observe_scp(planner.organizations, fence, prefix)
        return observe_fences.observe_boundary(planner.members, fence, prefix, subject.partition)
    except PermanentError as error:
        return ObservedFence(account=fence.account, unseen=explained(planner, fence.account, error))
