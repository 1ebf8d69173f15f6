"""The decisions that approvers were asked for and have not taken."""

from collections.abc import Iterable
from dataclasses import dataclass

from stagegate.access.model import SubjectRecord
from stagegate.access.own_rules import rules_of
from stagegate.approvals.gate import ANSWERED
from stagegate.approvals.principals import is_one_of
from stagegate.approvals.questions import Question, last_of
from stagegate.core.statuses import CardStatus, PackageStatus
from stagegate.rules.model import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A question without an answer, and the principals who may give one, for any stage and the risk asked about."""

    record: SubjectRecord
    question: Question
    approvers: tuple[str, ...]


def decisions_waiting(records: Iterable[SubjectRecord], rules: Rules) -> tuple[Waiting, ...]:
    """Return the questions that are open by what is recorded, the oldest first.

    One is, if it is about what is there now, and either the status asks and no approver has set a status since, or a
    finding stands that an approver settles by setting the status once more. Who says no by a status that asks for
    nothing has answered as well.
    """
    records = tuple(records)
    known = {record.subject.arn: record for record in records}
    found = (decision_on(record, rules, known.get(record.card)) for record in records if record.questions)
    return tuple(sorted((each for each in found if each), key=lambda each: each.question.at))


def decision_on(record: SubjectRecord, rules: Rules, card: SubjectRecord | None = None) -> Waiting | None:
    """Return the question about one subject that is open (see `decisions_waiting`), None for none. `card` is what is
    recorded of the card that a package follows.
    """
    rules = rules_of(record, rules, card)
    question, now = last_of(record.questions), record.now
    if question is None or now is None:
        return None
    asked, is_unsettled = question.asked, any(finding.code in ANSWERED for finding in now.findings)
    if not is_unsettled and not _asks(rules, record.subject.kind, now.status):
        return None
    if (asked.version, asked.content_hash) != (now.version, now.content_hash):
        return None
    approvers = tuple(
        dict.fromkeys(
            principal for entry in rules.approvers if asked.risk in entry.risks for principal in entry.principals
        )
    )
    is_answered = any(
        each.status and (each.moment or each.at) >= question.at and is_one_of(each.actor, approvers)
        for each in record.records
    )
    return None if is_answered and not is_unsettled else Waiting(record=record, question=question, approvers=approvers)


def _asks(rules: Rules, kind: str, status: str) -> bool:
    if kind == "model-card" and status in set(CardStatus):
        return rules.cards.status[CardStatus(status)].ask_approvers
    if kind == "model-package" and rules.packages and status in set(PackageStatus):
        return rules.packages.status[PackageStatus(status)].ask_approvers
    return False
