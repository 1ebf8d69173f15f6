"""The plan for a model card: the difference between what the rules entitle and what is open, fences included."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from stagegate.approvals.entitlement import Entitled, Entitlement
from stagegate.approvals.questions import Asked
from stagegate.approvals.status_history import status_history
from stagegate.core.findings import Finding, blocked, warned
from stagegate.plans.blindness import Visibility
from stagegate.plans.change import Change
from stagegate.plans.decision import DELETED, Basis, Decision
from stagegate.plans.grants import Grant, View
from stagegate.plans.plan import Plan, conclude
from stagegate.rules.model import Rules
from stagegate.subjects.cards.links import with_links
from stagegate.subjects.cards.model import Card
from stagegate.surfaces.fences.changes import fence_changes, fence_warnings, that_can_be_fenced
from stagegate.surfaces.fences.model import ObservedFence, access_of, unsettled
from stagegate.surfaces.shares.changes import (
    ObservedShares,
    foreign_shares,
    is_as_recorded,
    permission_of,
    share_changes,
    share_of,
)
from stagegate.surfaces.shares.repairs import limits, marks
from stagegate.targets.fences import is_fence
from stagegate.targets.use import Use, use_in


@dataclass(frozen=True, slots=True, kw_only=True)
class OnKey:
    """What becomes of the key that a card is encrypted with, and what is recorded of it (see `key`)."""

    closes: tuple[Change, ...] = ()
    opens: tuple[Change, ...] = ()
    grants: tuple[Grant, ...] = ()
    findings: tuple[Finding, ...] = ()
    documents: tuple[str, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)


def is_nothing_new(rules: Rules, entitled: Entitled, view: View, associations: Mapping[str, str]) -> bool:
    """Tell, from the record and the card's own associations, that there is nothing to change and nothing to record.

    An event's run stops here. What else can drift (a share's principals, a fence) is looked at by the runs that open
    what it is for, and by those that a person or a sweep starts (see `scope.reads_of`).
    """
    whom = (permission_of(rules), rules.audience)
    wanted = {(e.stage, e.write, *whom, rules.stage(e.stage).accounts, e.approval_id) for e in entitled.entitlements}
    recorded = {
        (g.stage, g.write, g.permission, g.audience, g.accounts, g.approval) for g in view.grants if not g.target
    }
    return (
        wanted == recorded
        and is_as_recorded(associations, [g.share_arn for g in view.grants if g.share_arn])
        and not unsettled(rules, access_of(rules, entitled.entitlements), view.written)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """All that a card's plan looks at. The shares without their accounts, and the fences that are left out, are taken
    to be as they should be (`scope`). `key` is for the stages `that_can_be_fenced`. `visibility` is what a plan of full
    scope could see, `use` what was found of using the card's key.
    """

    card: Card | None
    entitled: Entitled
    shares: ObservedShares
    fences: Mapping[str, ObservedFence]
    key: OnKey = field(default=OnKey())
    visibility: Visibility | None = None
    use: Use = field(default_factory=Use)


def unchanged(basis: Basis, card: Card | None, entitled: Entitled) -> Plan:
    """Return the plan of a card whose access is as it should be. There may be something to tell all the same."""
    use = use_in(basis.view.planner_state).about({entitlement.stage for entitlement in entitled.entitlements})
    decision = replace(
        _of(basis, card, entitled, use),
        grants=basis.view.grants,
        notes={target: digest for target, digest in basis.view.written.items() if not is_fence(target)},
        findings=(*entitled.findings, *use.findings, *fence_warnings(basis.rules, entitled.entitlements)),
    )
    return conclude(basis, with_links(basis, card, entitled, decision))


def card_plan(basis: Basis, observed: Observed) -> Plan:
    """Return the plan for a card from one observation. Pure: the same input gives the same plan."""
    rules, arn, entitled, key = basis.rules, basis.subject.arn, observed.entitled, observed.key
    visibility = observed.visibility
    too_long = visibility.too_long if visibility else frozenset()
    entitlements, fence_findings = that_can_be_fenced(rules, entitled, observed.fences, basis.view, too_long)
    fencing = fence_changes(
        rules,
        arn,
        entitlements,
        {account: fence for account, fence in observed.fences.items() if not fence.is_closed},
        basis.view,
        governance_account=basis.subject.account,
    )
    closes, opens = share_changes(rules, arn, entitlements, observed.shares)
    foreign, ours = foreign_shares(observed.shares), observed.shares.shares or ()
    closing: list[Change] = [*closes, *limits(ours), *key.closes, *fencing.closes]
    decision = replace(
        _of(basis, observed.card, entitled, observed.use.about({e.stage for e in entitlements})),
        changes=(*closing, *marks(ours, closes), *fencing.first, *key.opens, *opens, *fencing.last),
        grants=(*(_grant(basis, e, observed.shares) for e in entitlements), *key.grants),
        findings=(
            *_unseen(observed),
            *entitled.findings,
            *observed.use.findings,
            *fence_findings,
            *key.findings,
            *_foreign_findings(foreign),
            *(visibility.findings() if visibility else ()),
        ),
        blind=visibility.blind if visibility else basis.view.blind,
        unseen=visibility.unseen if visibility else (),
        looked_at=visibility.looked_at if visibility else frozenset(),
        foreign=foreign,
        documents=key.documents,
        notes=key.notes,
    )
    return conclude(basis, with_links(basis, observed.card, entitled, decision))


def _of(basis: Basis, card: Card | None, entitled: Entitled, use: Use) -> Decision:
    """Return what every decision about the card says."""
    rule = basis.rules.cards.status.get(card.status) if card else None
    return Decision(
        subject=basis.subject,
        status=card.status.value if card else DELETED,
        version=card.version if card else None,
        content_hash=card.content_hash if card else None,
        asks=entitled.asks or (rule is not None and rule.ask_approvers),
        asked=Asked(version=card.version, content_hash=card.content_hash, risk=card.risk) if card else None,
        is_unrecorded=entitled.is_unrecorded,
        waiting=entitled.waiting,
        planner_state={**status_history(basis.view.planner_state, card), **use.state()},
        blind=basis.view.blind,
    )


def _unseen(observed: Observed) -> list[Finding]:
    """Return that a fence could not be looked at. The run goes on without, where something closes."""
    return [
        blocked("AccountClosed", str(fence.unseen))
        if fence.is_closed
        else blocked("FenceUnseen", f"The fence of account {fence.account} could not be looked at: {fence.unseen}")
        for fence in observed.fences.values()
        if fence.unseen
    ]


def _foreign_findings(foreign: Collection[str]) -> tuple[Finding, ...]:
    if not foreign:
        return ()
    detail = (
        f"The card is also in {', '.join(foreign)}, which Stagegate didn't make and leaves alone: somebody else opened"
        " it."
    )
    return (warned("ForeignShare", detail),)


def _grant(basis: Basis, entitlement: Entitlement, shares: ObservedShares) -> Grant:
    rules, stage = basis.rules, basis.rules.stage(entitlement.stage)
    permission = permission_of(rules)
    same = (stage.name, permission, rules.audience)
    before = next((g for g in basis.view.grants if (g.stage, g.permission, g.audience) == same), None)
    holding = share_of(rules, stage.name, shares)
    return Grant(
        stage=stage.name,
        accounts=stage.accounts,
        write=entitlement.write,
        permission=permission,
        since=before.since if before and before.write == entitlement.write else basis.now,
        share_arn=holding.arn if holding else None,
        approval=entitlement.approval_id,
        approved_by=entitlement.approved_by,
        audience=rules.audience or "",
    )
