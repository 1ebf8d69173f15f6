"""How long a question was open."""

from datetime import UTC, datetime, timedelta

import pytest

from stagegate.approvals.principals import Actor
from stagegate.approvals.questions import Asked, Question, time_to_decide
from stagegate.approvals.records import AuditRecord
from stagegate.core.statuses import RiskRating

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def question(at: datetime, version: int = 3) -> Question:
    return Question(id=f"asked {at}", at=at, asked=Asked(version=version, content_hash="c", risk=RiskRating.LOW))


def decided(of: AuditRecord, *kept: Question | AuditRecord) -> timedelta | None:
    questions = [each for each in kept if isinstance(each, Question)]
    return time_to_decide(of, questions, [each for each in kept if isinstance(each, AuditRecord)])


def record(at: datetime, status: str = "Approved", version: int = 3) -> AuditRecord:
    actor = Actor(arn="arn:aws:sts::111122223333:assumed-role/ModelApprover/ann")
    return AuditRecord(id=f"{status} {at}", at=at, actor=actor, status=status, version=version, content_hash="c")


@pytest.mark.parametrize("status", ["Approved", "Draft", "Archived"])
def test_any_answer_counts_from_the_question(status: str) -> None:
    assert decided(record(NOON + 2 * HOUR, status), question(NOON)) == 2 * HOUR


def test_the_last_question_counts() -> None:
    asked = (question(NOON), question(NOON + HOUR), question(NOON + 5 * HOUR))
    assert decided(record(NOON + 2 * HOUR), *asked) == HOUR


def test_an_answer_counts_once() -> None:
    assert decided(record(NOON + 2 * HOUR), question(NOON), record(NOON + HOUR, "Draft")) is None


def test_a_record_that_comes_late_counts_by_its_own_time() -> None:
    assert decided(record(NOON + 2 * HOUR), question(NOON), record(NOON + 3 * HOUR, "Draft")) == 2 * HOUR


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param([], id="nobody was asked"),
        pytest.param([question(NOON + 3 * HOUR)], id="asked later"),
        pytest.param([question(NOON, version=2)], id="asked about another version"),
    ],
)
def test_what_answers_no_question_has_no_time(kept: list[Question]) -> None:
    assert decided(record(NOON + 2 * HOUR), *kept) is None
