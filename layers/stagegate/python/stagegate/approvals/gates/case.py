"""A case that is decided: a subject, its stages, who may approve, and what its kind asks for beside that."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from stagegate.approvals.gate import awaited
from stagegate.approvals.questions import Question, is_answer
from stagegate.approvals.records import Approvable, AuditRecord, Standing
from stagegate.core.findings import Finding
from stagegate.rules.model import Approvers, StageAccess


@dataclass(frozen=True, slots=True)
class Waits:
    """Nothing can be said yet: a record is still on its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A subject whose stages are to be let in or not.

    `what` is what a sentence calls it. `records` are those that are about this subject. `questions` are what the
    approvers were asked about it; None where the rules never ask. `open_stages` are those that have access now: while
    the record of the last change is missing, a stage that is open on an approval that still stands stays open, and no
    other opens. `stands_for_all` is the id of the record of which it is taken that it brings along all others who are
    missing (`as_if`), "" for none.
    """

    subject: Approvable
    what: str
    approvers: tuple[Approvers, ...]
    records: tuple[AuditRecord, ...]
    questions: Collection[Question] | None
    open_stages: Collection[str]
    now: datetime
    stands_for_all: str = ""

    def awaits(self, stage: str) -> Finding | Waits:
        """Tell that a record is awaited; once that has taken too long, return the finding."""
        return awaited(self.subject, self.now, stage, what=self.what) or Waits()

    def is_answer(self, record: AuditRecord) -> bool:
        """Tell whether a record is about what had been asked before, if anybody has to ask."""
        return self.questions is None or is_answer(record, self.questions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A stage that an approver has let in: on which record, and how that stands. `gated` says who may approve it."""

    access: StageAccess
    record: AuditRecord
    standing: Standing
    gated: tuple[Approvers, ...]
    is_open: bool


class Gate(Protocol):
    """What one kind of subject asks for beside an approval."""

    def outside(self, stage: str) -> Finding | None:
        """Return what keeps a stage out whoever approves."""

    def judged(self, records: tuple[AuditRecord, ...]) -> tuple[AuditRecord, ...]:
        """Return the records as an approval is looked for among them."""

    def objection(self, candidate: Candidate) -> Finding | Waits | None:
        """Return what keeps a candidate out; None for nothing."""

    def remark(self, stage: str, approval: AuditRecord) -> Finding | None:
        """Return what should be known of a stage that is let in on this approval."""
