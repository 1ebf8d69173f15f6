"""The plan for a model card: the difference between what the rules entitle and what is open, fences included."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from stagegate.approvals.entitlement import Entitled, Entitlement
from stagegate.approvals.status_history import status_history
from stagegate.core.arns import Subject
from stagegate.core.findings import Finding, warned
from stagegate.plans.change import Change
from stagegate.plans.grants import Grant, View
from stagegate.plans.plan import Outcome, Plan, conclude
from stagegate.rules.model import Rules
from stagegate.subjects.cards.card import Card
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


@dataclass(frozen=True, slots=True, kw_only=True)
class OnKey:
    """What becomes of the key that a card is encrypted with, and of whom that is put down (see `card_keys`)."""

    closes: tuple[Change, ...] = ()
    opens: tuple[Change, ...] = ()
    grants: tuple[Grant, ...] = ()
    findings: tuple[Finding, ...] = ()
    documents: tuple[str, ...] = ()


def is_nothing_new(rules: Rules, entitled: Entitled, view: View, associations: Mapping[str, str]) -> bool:
    """Tell, from the record and the card's own associations, that there is nothing to change and nothing to put down.

    An event's run stops here. What else can drift (a share's principals, a fence) is looked at by the runs that open
    what it is for, and by those that a person or a sweep starts (see `scope`).
    """
    wanted = {
        (e.stage, e.write, permission_of(rules), rules.stage(e.stage).accounts, e.approval.id if e.approval else None)
        for e in entitled.entitlements
    }
    recorded = {(g.stage, g.write, g.permission, g.accounts, g.approval) for g in view.grants if not g.target}
    return (
        wanted == recorded
        and is_as_recorded(associations, [g.share_arn for g in view.grants if g.share_arn])
        and not unsettled(rules, access_of(rules, entitled.entitlements), view.written)
    )


def unchanged(rules: Rules, subject: Subject, card: Card | None, entitled: Entitled, view: View) -> Plan:
    """Return the plan of a subject whose access is as it should be. There may be something to tell all the same."""
    draft = Plan(
        subject=subject,
        outcome=Outcome.UNCHANGED,
        status=_status(card),
        version=card.version if card else None,
        content_hash=card.content_hash if card else None,
        grants=view.grants,
        findings=(*entitled.findings, *fence_warnings(rules, entitled.entitlements)),
        waiting=entitled.waiting,
        planner_state=status_history(view.planner_state, card),
    )
    return conclude(rules, draft, view)


def card_plan(
    rules: Rules,
    subject: Subject,
    card: Card | None,
    entitled: Entitled,
    view: View,
    shares: ObservedShares,
    fences: Mapping[str, ObservedFence],
    *,
    key: OnKey | None = None,
    now: datetime,
    governance_account: str,
) -> Plan:
    """Return the plan for a card from one observation. Pure: the same input gives the same plan.

    The shares without their accounts, and the fences that are left out, are taken to be as they should be (`scope`).
    `key` is for the stages `that_can_be_fenced`.
    """
    key = key or OnKey()
    entitlements, fence_findings = that_can_be_fenced(rules, entitled, fences)
    fencing = fence_changes(
        rules, subject.arn, entitlements, fences, view.written, governance_account=governance_account
    )
    closes, opens = share_changes(rules, subject.arn, entitlements, shares)
    changes: tuple[Change, ...] = (*fencing.first, *closes, *key.closes, *key.opens, *opens, *fencing.last)
    foreign = foreign_shares(shares)
    findings = (*entitled.findings, *fence_findings, *key.findings, *_foreign_findings(foreign))
    return conclude(
        rules,
        Plan(
            subject=subject,
            outcome=Outcome.UNCHANGED,
            status=_status(card),
            version=card.version if card else None,
            content_hash=card.content_hash if card else None,
            changes=changes,
            grants=(*(_grant(rules, e, view, shares, now) for e in entitlements), *key.grants),
            findings=findings,
            waiting=entitled.waiting,
            foreign=foreign,
            records=entitled.new_records,
            documents=key.documents,
            planner_state=status_history(view.planner_state, card),
        ),
        view,
    )


def _status(card: Card | None) -> str:
    return card.status.value if card else "Deleted"


def _foreign_findings(foreign: Collection[str]) -> tuple[Finding, ...]:
    if not foreign:
        return ()
    detail = (
        f"The card is also in {', '.join(foreign)}, which Stagegate didn't make and leaves alone: somebody else opened"
        " it."
    )
    return (warned("ForeignShare", detail),)


def _grant(rules: Rules, entitlement: Entitlement, view: View, shares: ObservedShares, now: datetime) -> Grant:
    stage = rules.stage(entitlement.stage)
    permission = permission_of(rules)
    before = next((g for g in view.grants if g.stage == stage.name and g.permission == permission), None)
    holding = share_of(rules, stage.name, shares)
    return Grant(
        stage=stage.name,
        accounts=stage.accounts,
        write=entitlement.write,
        permission=permission,
        since=before.since if before and before.write == entitlement.write else now,
        share_arn=holding.arn if holding else None,
        approval=entitlement.approval.id if entitlement.approval else None,
        approved_by=str(entitlement.approval or ""),
    )
