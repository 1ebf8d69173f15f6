"""What is decided about a subject, and what the decision rests on."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from stagegate.approvals.kept import Head
from stagegate.approvals.questions import Asked, Question
from stagegate.core.arns import Subject
from stagegate.core.findings import Finding
from stagegate.links.linking import Linking
from stagegate.plans.blindness import Blind, Unseen, Visibility
from stagegate.plans.change import Change
from stagegate.plans.grants import Grant, View
from stagegate.rules.model import Rules

DELETED = "Deleted"
"""The status of a card, a package or a group that isn't there."""
WITHDRAWN = "Withdrawn"
"""The status of a guardrail that the rules don't have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What every decision rests on beside what was observed: the rules, the subject, its record, the time, and the id
    of the sweep that asks, "" for none.

    `questions` were asked about it, `head` is that of its approvals, and `findings` is what was found about its record.
    """

    rules: Rules
    subject: Subject
    view: View
    now: datetime
    sweep: str = ""
    questions: tuple[Question, ...] = ()
    head: Head = field(default=Head())
    findings: tuple[Finding, ...] = ()

    def visibility(self, looked_at: Collection[str], unseen: Iterable[Unseen]) -> Visibility:
        """Return what a plan that looks at everything could see, in these accounts."""
        most = self.rules.sweep.close_after_blind_sweeps
        return Visibility.of(most, self.view.blind, sweep=self.sweep, looked_at=looked_at, unseen=unseen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is to become of a subject, and why. The same observation gives the same decision.

    `changes` are in the order in which they are made: what closes (shares, documents, then fences), then what opens
    (fences that a share waits for, documents, shares, then fences down). Every close is tried, and nothing opens before
    all of them are done. A card's key opens before its share and closes after it: who sees the card can read it.
    `grants` is what is open then.

    `asks`: the approvers are asked for a decision, which would be on `asked`. `is_unrecorded`: SageMaker names who made
    the last change, and that has to go on record. `waiting` is what waits for a record or a further read (a stage, or
    words for people), `foreign` is what is open and isn't ours. `drift` says what has changed by itself since the
    subject was last told of, `documents` what would become of each policy document that was read.

    For the next plan of the subject (see `View`) are `planner_state`, `notes` (what is written on its targets then,
    where the next event's run takes the record's word for it) and what is `blind`; `linking` says what becomes of its
    links on record. `unseen` and `looked_at` say what a plan that looked at everything could see, and in which accounts
    (see `Visibility`).
    """

    subject: Subject
    status: str
    version: int | None = None
    content_hash: str | None = None
    asks: bool = False
    asked: Asked | None = None
    is_unrecorded: bool = False
    changes: tuple[Change, ...] = ()
    grants: tuple[Grant, ...] = ()
    findings: tuple[Finding, ...] = ()
    waiting: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    drift: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    planner_state: Mapping[str, str] = field(default_factory=dict)
    blind: Mapping[str, Blind] = field(default_factory=dict)
    unseen: tuple[Unseen, ...] = ()
    looked_at: frozenset[str] = frozenset()
    notes: Mapping[str, str] = field(default_factory=dict)
    linking: Linking = field(default=Linking())
