"""The plan: the difference between what the rules entitle and what is open, in the order in which it may be applied."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from .approvals import ChangeRecord
from .arns import Subject, SubjectKind
from .cards import Card
from .entitlements import Entitled, Entitlement
from .fences import LowerFence, ObservedFence, RaiseFence, access_of, unsettled
from .fencing import fence_changes, fence_warnings, that_can_be_fenced
from .findings import Finding, Severity, blocked, warned
from .guardrails.changes import GuardrailChange
from .hubs import MakeHub, RemoveContents, RemoveHub, SetReferences
from .policy_changes import CloseTarget, OpenTarget
from .rules import Rules
from .shares import (
    CloseShare,
    ObservedShares,
    OpenShare,
    foreign_shares,
    is_as_recorded,
    permission_of,
    share_changes,
    share_of,
)
from .tallies import Tally, tally

HubChange = MakeHub | SetReferences | RemoveContents | RemoveHub
Change = RaiseFence | CloseShare | OpenShare | LowerFence | CloseTarget | OpenTarget | GuardrailChange | HubChange


class Outcome(StrEnum):
    """What a plan comes to."""

    CHANGES = "changes"
    UNCHANGED = "unchanged"
    WAITING = "waiting"
    BLOCKED = "blocked"
    PAUSED = "paused"
    MORE = "more"
    """There is more than one round may do, or read: the run goes round again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One stage's access as it is on record: since when, on whose approval (a record's id), and through what.

    A card is in a share. A package or a group has a grant for each `target` (its id, which starts with the surface),
    and `digest` stands for what the stage has there; so has the key of an encrypted card, beside its share. A hub is in
    a share, and `write` says that its models may be deployed as well as seen.
    """

    stage: str
    accounts: tuple[str, ...]
    write: bool
    permission: str
    since: datetime
    share_arn: str | None = None
    approval: str | None = None
    target: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedImport:
    """An import that has come to nothing: a digest of what was asked for, on which approval, and why."""

    digest: str
    approval: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the ledger last recorded of a subject. `told` is a digest of what the approvers last heard.

    `written` has each shared target, by id, that any run has begun to write for the subject, also one that failed
    before it could record its grants: a digest of what the subject has there, "" where that isn't known. A fence is
    one while it excepts the card (`fences.EXCEPTED`). `memory` is what the last plan that was put down leaves to the
    next. `failed` has each import that has failed, by its target's id.
    """

    grants: tuple[Grant, ...] = ()
    told: str = ""
    written: Mapping[str, str] = field(default_factory=dict)
    memory: Mapping[str, str] = field(default_factory=dict)
    failed: Mapping[str, FailedImport] = field(default_factory=dict)

    def access(self) -> Mapping[str, bool]:
        """Return the accounts that see a card, each with whether it may write it, as `fences.access_of` does."""
        access: dict[str, bool] = {}
        for grant in self.grants:
            for account in () if grant.target else grant.accounts:
                access[account] = access.get(account, False) or grant.write
        return access


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What there is to do for one subject. `grants` is what will be on record once `changes` are applied, in order:
    fences up, then what closes, then what opens, then fences down, and up again where nobody sees the card any more.
    A run that stops half-way has opened too little. A card's key opens before its share and closes after it: who sees
    the card can read it. `documents` says in lines what would become of each policy document that was looked at,
    `tally` how many grants it opens and closes, `news` what has changed by itself since the subject was last told of.
    `memory` is for the next plan of the subject (see `View`).
    """

    subject: Subject
    outcome: Outcome
    status: str
    version: int | None
    changes: tuple[Change, ...] = ()
    grants: tuple[Grant, ...] = ()
    findings: tuple[Finding, ...] = ()
    waiting: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    told: str = ""
    report: bool = False
    content_hash: str | None = None
    records: tuple[ChangeRecord, ...] = field(default=())
    documents: tuple[str, ...] = ()
    news: tuple[str, ...] = ()
    memory: Mapping[str, str] = field(default_factory=dict)
    tally: Tally = field(default=Tally())


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
    what it is for, and by those that a person or a sweep starts (see `looking`).
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
    )
    return conclude(rules, draft, view)


def plan(
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

    The shares without their accounts, and the fences that are left out, are taken to be as they should be (`looking`).
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
        ),
        view,
    )


_MEMBER_OWNED = {
    SubjectKind.MODEL_CARD: ("card", "MemberOwnedCard"),
    SubjectKind.MODEL_PACKAGE: ("model package", "MemberOwnedPackage"),
    SubjectKind.MODEL_PACKAGE_GROUP: ("model package group", "MemberOwnedGroup"),
    SubjectKind.HUB: ("hub", "MemberOwnedHub"),
}


def refuse_members(rules: Rules, subject: Subject, view: View, governance_account: str) -> Plan:
    """Return the plan for a subject that another account owns: a finding, and nothing to change."""
    what, code = _MEMBER_OWNED[subject.kind]
    finding = blocked(
        code,
        f"The {what} belongs to account {subject.account}, and only its owner can share it. Create it in the governance"
        f" account {governance_account}. Nothing was opened.",
    )
    draft = Plan(subject=subject, outcome=Outcome.BLOCKED, status="Unknown", version=None, findings=(finding,))
    return conclude(rules, draft, view)


def conclude(rules: Rules, draft: Plan, view: View) -> Plan:
    """Return the plan with its outcome, and whether it is to be put down and told.

    It is where something changes, has changed by itself, or the record is behind; where there is something to tell that
    wasn't told last; and where what was told last (a question, a finding) doesn't hold any more. While a record is
    awaited, the last of these is left to the run that has it.
    """
    findings = draft.findings
    changes = draft.changes
    if rules.paused and changes:
        findings = (*findings, warned("Paused", "governance.toml says paused: planned and not applied."))
        changes = ()
    told = _digest(draft, findings)
    taken_back = bool(view.told) and not draft.waiting
    worth_telling = bool(findings) or is_asked(rules, draft) or taken_back
    grants = view.grants if rules.paused and draft.changes else draft.grants
    return replace(
        draft,
        changes=changes,
        grants=grants,
        findings=findings,
        outcome=_outcome(draft, findings, changes),
        told=told,
        tally=tally(view.grants, grants, is_changing=bool(changes)),
        report=bool(changes or draft.news) or set(grants) != set(view.grants) or (worth_telling and told != view.told),
    )


def is_asked(rules: Rules, plan: Plan) -> bool:
    """Tell whether the rules ask the approvers for a decision when a subject enters the plan's status."""
    if plan.subject.kind is SubjectKind.MODEL_CARD:
        return any(rule.ask_approvers for status, rule in rules.cards.status.items() if status == plan.status)
    statuses = rules.packages.status if rules.packages and plan.subject.kind is SubjectKind.MODEL_PACKAGE else {}
    return any(rule.ask_approvers for status, rule in statuses.items() if status == plan.status)


def _status(card: Card | None) -> str:
    return card.status.value if card else "Deleted"


def _outcome(draft: Plan, findings: Collection[Finding], changes: Collection[Change]) -> Outcome:
    if changes:
        return Outcome.CHANGES
    if draft.changes:
        return Outcome.PAUSED
    if any(finding.severity is Severity.BLOCK for finding in findings):
        return Outcome.BLOCKED
    return Outcome.WAITING if draft.waiting else Outcome.UNCHANGED


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
    )


def _digest(draft: Plan, findings: Collection[Finding]) -> str:
    """Digest what a person would read: the status, who sees the card, and what was found."""
    said = [
        draft.status,
        sorted([grant.stage, grant.write] for grant in draft.grants),
        sorted([finding.code, finding.stage or "", finding.detail] for finding in findings),
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]
