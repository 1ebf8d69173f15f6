"""What the approvers were asked about, and whether an approval is an answer to it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from stagegate.approvals.fingerprints import Fingerprints, changed
from stagegate.approvals.records import RECORD_TOLERANCE, Approvable, AuditRecord
from stagegate.core.statuses import RiskRating

_NAMED = 3
"""Addresses that a question names; it counts the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a question is about: what an approval of the subject as it is now would be on.

    `fingerprints` are of a package's bytes; None for a card, and where nobody could look. `card` is the one that the
    package's own card names, "" for none; None where the rules don't ask for cards.
    """

    version: int
    content_hash: str
    risk: RiskRating
    fingerprints: Fingerprints | None = None
    card: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question that was published: `at` is when the message was out, `id` that of the run and its round."""

    id: str
    at: datetime
    asked: Asked


def of_this_one(subject: Approvable, questions: Collection[Question]) -> tuple[Question, ...]:
    """Return the questions that were about this subject, and not about one of its name that has been deleted."""
    return tuple(question for question in questions if question.at + RECORD_TOLERANCE > subject.created)


def is_answer(record: AuditRecord, questions: Collection[Question]) -> bool:
    """Tell whether what a record is about had been asked about before.

    Version and content have to match, and the risk and the bytes where the record knows them. A record's time is that
    of the change where that is known, and else the second in which the call was completed: in the very second of the
    question, it is none.
    """
    at = record.moment or record.at
    return any(question.at <= at and _is_about(question.asked, record) for question in questions)


def _is_about(asked: Asked, record: AuditRecord) -> bool:
    if (asked.version, asked.content_hash) != (record.version, record.content_hash):
        return False
    if record.risk is not None and record.risk is not asked.risk:
        return False
    if None not in (record.card, asked.card) and record.card != asked.card:
        return False
    if record.fingerprints is None:
        return True
    return asked.fingerprints is not None and asked.fingerprints.digest == record.fingerprints.digest


def last_of(questions: Collection[Question]) -> Question | None:
    """Return the question that was asked last, None for none."""
    return max(questions, key=lambda question: (question.at, question.id), default=None)


def is_set_since(questions: Collection[Question], records: Collection[AuditRecord], status: str) -> bool:
    """Tell whether somebody has set this status since the last question, on whatever there was then."""
    last = last_of(questions)
    return last is not None and any(r.status == status and (r.moment or r.at) >= last.at for r in records)


def time_to_decide(
    record: AuditRecord, questions: Collection[Question], records: Collection[AuditRecord]
) -> timedelta | None:
    """Return how long the last question had been open when a record answered it, whatever the answer; None where it
    answers none.

    `records` are those without this one. A question is answered once: what comes later is no answer to it.
    """
    at = record.moment or record.at
    last = last_of([question for question in questions if question.at <= at])
    if last is None or not is_answer(record, [last]):
        return None
    if any(is_answer(other, [last]) and (other.moment or other.at) <= at for other in records):
        return None
    return at - last.at


def what_changed(questions: Collection[Question], now: Asked) -> tuple[str, ...]:
    """Return what is another than when it was asked last, a line each; nothing where nobody was asked before."""
    last = last_of(questions)
    if last is None:
        return ()
    before = last.asked
    lines = []
    if before.version != now.version:
        lines.append(f"version {before.version} is now version {now.version}")
    if before.content_hash != now.content_hash:
        lines.append("the content is another")
    if before.risk is not now.risk:
        lines.append(f"the risk was {before.risk} and is {now.risk}")
    if before.card != now.card and None not in (before.card, now.card):
        lines.append("its own card names another card")
    lines += _bytes(before.fingerprints, now.fingerprints)
    return tuple(f"{line} (asked at {last.at:%Y-%m-%d %H:%M:%S} UTC)" for line in lines)


def _bytes(before: Fingerprints | None, now: Fingerprints | None) -> list[str]:
    if before is None or now is None:
        return [] if before is now else ["what lies at the addresses can be seen now, or can't any more"]
    if before.digest == now.digest:
        return []
    names = changed(before, now)
    if not names:
        return [f"what lies at the addresses is another: {before.count} objects and images then, {now.count} now"]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return [f"what lies at {', '.join(names[:_NAMED])}{more} is another"]
