"""Which stages may do what with a card: what the rules say, before AWS is involved."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from stagegate.approvals.attribution import authors_of
from stagegate.approvals.entitlement import Entitled
from stagegate.approvals.gates.case import Candidate, Case, Waits
from stagegate.approvals.gates.entitle import entitle_each
from stagegate.approvals.gates.four_eyes import four_eyes
from stagegate.approvals.principals import could_be_one_person
from stagegate.approvals.questions import Question
from stagegate.approvals.reasons import reason_missing
from stagegate.approvals.records import AuditRecord, Standing, of_this_one
from stagegate.core.findings import Finding, blocked, warned
from stagegate.core.untrusted import word
from stagegate.rules.model import AfterEdit, Rules
from stagegate.subjects.cards.contents.metrics import not_met
from stagegate.subjects.cards.model import Card


def entitle(
    rules: Rules,
    card: Card | None,
    records: Collection[AuditRecord],
    *,
    questions: Collection[Question] = (),
    open_stages: Collection[str] = (),
    stands_for_all: str = "",
    now: datetime,
) -> Entitled:
    """Return which stages the rules let at a card that looks like this. No card (it was deleted): none.

    Where the rules ask about any status, an approval counts if what it is on had been asked before (`questions`).
    `open_stages` are those that see the card now: while the record of the last change is missing, a stage that
    is open on an approval that still stands stays open, and no other opens.
    """
    if card is None:
        return Entitled()
    opens = rules.cards.status[card.status].opens
    if card.is_sealed:
        return Entitled(findings=_sealed(card) if opens else ())
    case = Case(
        subject=card,
        what="card",
        approvers=rules.approvers,
        records=of_this_one(card, records),
        questions=questions if any(rule.ask_approvers for rule in rules.cards.status.values()) else None,
        open_stages=open_stages,
        now=now,
        stands_for_all=stands_for_all,
    )
    return entitle_each(case, opens, _CardGate(rules=rules, card=card, case=case))


@dataclass(frozen=True, slots=True, kw_only=True)
class _CardGate:
    """What a card needs beside an approval: the content that was approved, its sections, and a second person."""

    rules: Rules
    card: Card
    case: Case

    def outside(self, stage: str) -> Finding | None:
        """Return the finding for a card whose metrics aren't what the stage asks for."""
        return not_met(self.rules.stage(stage), self.card.metrics, shows=not self.card.kms_key)

    def judged(self, records: tuple[AuditRecord, ...]) -> tuple[AuditRecord, ...]:
        """Return the records as they are: a card's content has a hash."""
        return records

    def objection(self, candidate: Candidate) -> Finding | Waits | None:
        """Return what keeps a stage out that an approver has let in."""
        rules, card, record, stage = self.rules, self.card, candidate.record, candidate.access.stage
        is_edited = candidate.standing is Standing.EDITED
        if is_edited and (rules.cards.after_edit is AfterEdit.CLOSE or not candidate.is_open):
            return blocked(
                "ApprovalVoid",
                f"{word(record.actor.arn)} approved version {record.version}; the content has been edited since"
                f" (version {card.version}). An approver has to approve the card as it is now.",
                stage,
            )
        if problem := _sections_missing(rules, card, stage):
            return problem
        if rules.stage(stage).reason_required and (problem := reason_missing(record, stage, of_a_card=True)):
            return problem
        return self._second_person(record, stage) if rules.cards.four_eyes else None

    def remark(self, stage: str, approval: AuditRecord) -> Finding | None:
        """Return the question about a content that was edited since it was approved."""
        return _ask_again(stage, approval) if approval.content_hash != self.card.content_hash else None

    def _second_person(self, record: AuditRecord, stage: str) -> Finding | Waits | None:
        card, records = self.card, self.case.records
        authors = authors_of(record.version, record.content_hash, records)
        if not authors:
            return self.case.awaits(stage)
        authors |= authors_of(card.version, card.content_hash, records)
        same = [author for author in authors if could_be_one_person(record.actor, author)]
        return four_eyes(record, same, stage) if same else None


def _sealed(card: Card) -> tuple[Finding, ...]:
    finding = blocked(
        "CardSealed",
        f"The card is encrypted with {word(card.kms_key)}, and Stagegate may not decrypt it: what an approval was about"
        " can't be told. Name the key's ARN in ArtifactKeys of the governance stack, and let the key's policy have IAM"
        " decide there. Until then nobody outside the governance account sees the card.",
    )
    return (finding,)


def _sections_missing(rules: Rules, card: Card, stage: str) -> Finding | None:
    missing = [section for section in rules.cards.required_sections if section not in card.sections]
    if not missing:
        return None
    return blocked(
        "SectionsMissing", f"The card has nothing under {', '.join(missing)}; fill it in and ask again.", stage
    )


def _ask_again(stage: str, approval: AuditRecord) -> Finding:
    return warned(
        "ApprovalOutdated",
        f"The content was edited after {word(approval.actor.arn)} approved version {approval.version}. {stage} stays"
        " open"
        ' (after_edit = "ask"); please approve the card as it is now, or take it back.',
        stage,
    )
