"""The plan: what comes of a decision, given the record and whether governance.toml says paused."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from stagegate.approvals.questions import Asked, what_changed
from stagegate.approvals.status_history import is_elsewhere
from stagegate.core.findings import Finding, Severity, warned
from stagegate.links.recorded import follows_another
from stagegate.plans.change import Change
from stagegate.plans.decision import DELETED, Basis, Decision
from stagegate.plans.grants import GrantCounts, View, count_grants
from stagegate.plans.record import Outcome, Record
from stagegate.rules.narrowed.choice import kind_selected
from stagegate.rules.narrowed.for_subject import nobody
from stagegate.rules.narrowed.units import unsettled


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What there is to do for one subject: the `decision`, and the `record` once it is carried out.

    While governance.toml says paused, the changes are held back (`is_held_back`). `report`: it goes on record.
    `before` is what was on record. `notify`: people are told, too. `asked` is what they are asked with it, and
    `since_asked` what is another than when they were asked last. `grant_counts`: how many grants it opens and closes.
    """

    decision: Decision
    record: Record
    before: View = field(default=View())
    is_held_back: bool = False
    report: bool
    notify: bool
    asked: Asked | None = None
    since_asked: tuple[str, ...] = ()
    grant_counts: GrantCounts

    @property
    def outcome(self) -> Outcome:
        """What it comes to."""
        return self.record.outcome

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes that are made, in order."""
        return () if self.is_held_back else self.decision.changes


_WITHDRAWN = warned(
    "StagegateWithdrawn",
    "Somebody has withdrawn Stagegate: nothing that it governs is to be open, whatever the rules and approvals say.",
)
_PAUSED = warned("Paused", "governance.toml says paused: this is what would be done, and nothing of it is.")
PAUSED = _PAUSED.code


def conclude(basis: Basis, decision: Decision) -> Plan:
    """Return what comes of a decision, and whether it is recorded and told.

    It is where something changes, has changed by itself, or the record is behind; where there is something to tell that
    wasn't told last; and where what was told last (a question, a finding) doesn't hold any more. While a record is
    awaited, the last of these is left to the run that has it. A status that wasn't seen before is recorded, and nobody
    is told.
    """
    view = basis.view
    is_held_back = basis.rules.paused and bool(decision.changes)
    unselected: tuple[Finding, ...] = ()
    if decision.status != DELETED and kind_selected(basis.subject.kind):
        unselected = (*nobody(basis.rules, basis.subject), *unsettled(basis.rules))
    changes, grants = decision.changes, decision.grants
    findings: tuple[Finding, ...] = (*basis.findings, *unselected, *decision.findings)
    if is_held_back:
        changes, grants, findings = (), view.grants, (*findings, _PAUSED)
    digest = _digest(decision, findings)
    if basis.rules.is_withdrawn and (decision.changes or view.grants):  # once nothing is open, nobody is told again
        findings = (*findings, _WITHDRAWN)
    asked = decision.asked if decision.asks else None
    taken_back = bool(view.last_notified_digest) and not decision.waiting
    worth_telling = bool(findings) or decision.asks or taken_back
    is_behind = set(grants) != set(view.grants)
    tells = bool(changes or decision.drift) or is_behind or (worth_telling and digest != view.last_notified_digest)
    return Plan(
        decision=decision,
        record=Record(
            subject=decision.subject,
            outcome=_outcome(decision, findings, changes),
            status=decision.status,
            version=decision.version,
            content_hash=decision.content_hash,
            grants=grants,
            findings=findings,
            waiting=decision.waiting,
            foreign=decision.foreign,
            head=basis.head,
            last_notified_digest=digest if tells else view.last_notified_digest,
            planner_state=decision.planner_state,
            notes=decision.notes,
            blind=decision.blind,
            linking=decision.linking,
        ),
        before=view,
        is_held_back=is_held_back,
        report=(
            tells
            or decision.is_unrecorded
            or is_elsewhere(view.planner_state, decision.planner_state)
            or follows_another(view.planner_state, decision.planner_state)
            or _is_blinder(view, decision)
            or decision.linking.is_something
        ),
        notify=tells,
        asked=asked if tells else None,
        since_asked=what_changed(basis.questions, asked) if asked else (),
        grant_counts=replace(
            count_grants(view.grants, decision.grants, is_changing=bool(decision.changes)),
            to_close=sum(change.closes for change in decision.changes),
        ),
    )


def refused(basis: Basis, finding: Finding) -> Plan:
    """Return the plan for a subject that another account owns: a finding, and nothing to change."""
    return conclude(basis, Decision(subject=basis.subject, status="Unknown", findings=(finding,)))


def _is_blinder(view: View, decision: Decision) -> bool:
    """Tell whether a place could not be looked at once more, or can be again."""
    before, now = ({place: blind.sweeps for place, blind in of.blind.items()} for of in (view, decision))
    return before != now


def _outcome(decision: Decision, findings: Collection[Finding], changes: Collection[Change]) -> Outcome:
    if changes:
        return Outcome.CHANGES
    if decision.changes:
        return Outcome.PAUSED
    if any(finding.severity is Severity.BLOCK for finding in findings):
        return Outcome.BLOCKED
    return Outcome.WAITING if decision.waiting else Outcome.UNCHANGED


def _digest(decision: Decision, findings: Collection[Finding]) -> str:
    """Digest what a person would read: the status, which stages have access, what was found, and what is asked."""
    said = [
        decision.status,
        sorted([grant.stage, grant.write] for grant in decision.grants),
        sorted([finding.code, finding.stage or "", finding.detail] for finding in findings),
        *([_of_asked(decision.asked)] if decision.asks and decision.asked else []),
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def _of_asked(asked: Asked) -> list[object]:
    bytes_ = asked.fingerprints
    of_card = [] if asked.card is None else [asked.card]
    return [asked.version, asked.content_hash, asked.risk.value, bytes_.digest if bytes_ else None, *of_card]
