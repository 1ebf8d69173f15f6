"""The plan: the difference between what the rules entitle and what is open, in the order in which it may be applied."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from stagegate.approvals.records import AuditRecord
from stagegate.approvals.status_history import is_elsewhere
from stagegate.core.arns import Subject, SubjectKind
from stagegate.core.findings import Finding, Severity, blocked, warned
from stagegate.plans.change import Change
from stagegate.plans.grants import Grant, GrantCounts, View, count_grants
from stagegate.rules.model import Rules


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
class Plan:
    """What there is to do for one subject. `grants` is what will be on record once `changes` are applied, in order:
    fences up, then what closes, then what opens, then fences down, and up again where nobody sees the card any more.
    A run that stops half-way has opened too little. A card's key opens before its share and closes after it: who sees
    the card can read it. `documents` says in lines what would become of each policy document that was looked at,
    `notify`: it is put down and nobody is told. While governance.toml says paused, `held_back` has the changes that
    aren't applied; `entitled` are the grants that there would be after these, and else those of `grants`.
    `tally` how many grants it opens and closes, `drift` what has changed by itself since the subject was last told of.
    `planner_state` is for the next plan of the subject (see `View`).
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
    last_notified_digest: str = ""
    report: bool = False
    notify: bool = True
    held_back: tuple[Change, ...] = ()
    entitled: tuple[Grant, ...] = ()
    content_hash: str | None = None
    records: tuple[AuditRecord, ...] = field(default=())
    documents: tuple[str, ...] = ()
    drift: tuple[str, ...] = ()
    planner_state: Mapping[str, str] = field(default_factory=dict)
    grant_counts: GrantCounts = field(default=GrantCounts())


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


_PAUSED = warned("Paused", "governance.toml says paused: this is what would be done, and nothing of it is.")


def conclude(rules: Rules, draft: Plan, view: View) -> Plan:
    """Return the plan with its outcome, and whether it is to be put down and told.

    It is where something changes, has changed by itself, or the record is behind; where there is something to tell that
    wasn't told last; and where what was told last (a question, a finding) doesn't hold any more. While a record is
    awaited, the last of these is left to the run that has it. A status that wasn't seen before is put down in silence.
    """
    is_held_back = rules.paused and bool(draft.changes)
    changes, grants, findings = draft.changes, draft.grants, draft.findings
    if is_held_back:
        changes, grants, findings = (), view.grants, (*findings, _PAUSED)
    last_notified_digest = _digest(draft, findings)
    taken_back = bool(view.last_notified_digest) and not draft.waiting
    worth_telling = bool(findings) or is_asked(rules, draft) or taken_back
    is_behind = set(grants) != set(view.grants)
    tells = (
        bool(changes or draft.drift)
        or is_behind
        or (worth_telling and last_notified_digest != view.last_notified_digest)
    )
    return replace(
        draft,
        changes=changes,
        grants=grants,
        findings=findings,
        held_back=draft.changes if is_held_back else (),
        entitled=draft.grants,
        outcome=_outcome(draft, findings, changes),
        last_notified_digest=last_notified_digest if tells else view.last_notified_digest,
        grant_counts=count_grants(view.grants, draft.grants, is_changing=bool(draft.changes)),
        report=tells or is_elsewhere(view.planner_state, draft.planner_state),
        notify=tells,
    )


def is_asked(rules: Rules, plan: Plan) -> bool:
    """Tell whether the rules ask the approvers for a decision when a subject enters the plan's status."""
    if plan.subject.kind is SubjectKind.MODEL_CARD:
        return any(rule.ask_approvers for status, rule in rules.cards.status.items() if status == plan.status)
    statuses = rules.packages.status if rules.packages and plan.subject.kind is SubjectKind.MODEL_PACKAGE else {}
    return any(rule.ask_approvers for status, rule in statuses.items() if status == plan.status)


def _outcome(draft: Plan, findings: Collection[Finding], changes: Collection[Change]) -> Outcome:
    if changes:
        return Outcome.CHANGES
    if draft.changes:
        return Outcome.PAUSED
    if any(finding.severity is Severity.BLOCK for finding in findings):
        return Outcome.BLOCKED
    return Outcome.WAITING if draft.waiting else Outcome.UNCHANGED


def _digest(draft: Plan, findings: Collection[Finding]) -> str:
    """Digest what a person would read: the status, who sees the card, and what was found."""
    said = [
        draft.status,
        sorted([grant.stage, grant.write] for grant in draft.grants),
        sorted([finding.code, finding.stage or "", finding.detail] for finding in findings),
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]
