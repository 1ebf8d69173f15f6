"""An approval is an answer where what it is on had been asked about, to the byte."""

from dataclasses import replace

import pytest

from stagegate.approvals.fingerprints import fingerprints_of
from stagegate.approvals.questions import is_answer, is_set_since, last_of, of_this_one, what_changed
from stagegate.approvals.records import AuditRecord
from stagegate.core.findings import Severity
from stagegate.core.statuses import RiskRating
from stagegate.subjects.cards.entitle import entitle
from tests.support.builders import (
    APPROVED,
    AUTHOR,
    DRAFT,
    a_card,
    a_question,
    a_record,
    asked_about,
    at,
    some_rules,
    written,
)

HERE, THERE = fingerprints_of({"s3://b/a": "1"}), fingerprints_of({"s3://b/a": "2", "s3://b/c": "1"})


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        pytest.param(a_record(), True, id="the same"),
        pytest.param(a_record(version=2), False, id="another version"),
        pytest.param(a_record(content="two"), False, id="another content"),
        pytest.param(a_record(content=None, version=None), False, id="nobody knows which content"),
        pytest.param(replace(a_record(), risk=RiskRating.HIGH), True, id="the same risk"),
        pytest.param(replace(a_record(), risk=RiskRating.LOW), False, id="another risk"),
        pytest.param(replace(a_record(), fingerprints=HERE), True, id="the same bytes"),
        pytest.param(replace(a_record(), fingerprints=THERE), False, id="other bytes"),
        pytest.param(a_record(seconds=-61), False, id="given before"),
        pytest.param(a_record(seconds=-60), False, id="in the second of the question"),
        pytest.param(replace(a_record(seconds=-60), moment=at(-59.4)), True, id="later in that second"),
        pytest.param(replace(a_record(), moment=at(-59.6)), False, id="completed after it, and made before"),
    ],
)
def test_what_an_answer_is(record: AuditRecord, *, expected: bool) -> None:
    assert is_answer(record, [a_question(fingerprints=HERE, seconds=-59.5)]) is expected


def test_what_was_asked_of_another_card_is_no_answer() -> None:
    """Where either is of a release or of rules that didn't look, it isn't known to be another."""
    question = a_question()
    asked = replace(question, asked=replace(question.asked, card="one"))
    answers = {card: is_answer(replace(a_record(), card=card), [asked]) for card in ("one", "two", "", None)}
    assert answers == {"one": True, "two": False, "": False, None: True}
    assert is_answer(replace(a_record(), card="two"), [question])
    moved = replace(asked.asked, card="two")
    assert what_changed([asked], moved) == ("its own card names another card (asked at 2026-03-02 10:00:00 UTC)",)


def test_nothing_is_an_answer_to_no_question() -> None:
    assert not is_answer(a_record(), [])
    assert not is_answer(replace(a_record(), fingerprints=HERE), [a_question()]), "nobody could look at the bytes"


def test_a_question_says_what_is_another_than_when_it_was_asked_last() -> None:
    before = [a_question(9, "nine", seconds=-9000), a_question(fingerprints=HERE)]
    now = a_question(2, "two", risk=RiskRating.LOW, fingerprints=THERE).asked
    said = [line.removesuffix(" (asked at 2026-03-02 10:00:00 UTC)") for line in what_changed(before, now)]
    assert said == [
        "version 1 is now version 2",
        "the content is another",
        "the risk was High and is Low",
        "what lies at s3://b/a, s3://b/c is another",
    ]
    assert what_changed([], now) == what_changed(before, before[1].asked) == ()
    assert last_of(before) == before[1]


def test_a_question_about_a_card_that_is_gone_is_none_about_one_of_its_name() -> None:
    card = a_card()
    before, since = a_question(seconds=-60), a_question(seconds=60)
    assert of_this_one(replace(card, created=at(0)), [before, since]) == (since,)


def test_whether_a_status_was_set_since_the_last_question() -> None:
    question = a_question(seconds=-1)
    assert is_set_since([question], [a_record()], "Approved")
    assert not is_set_since([question], [a_record(DRAFT)], "Approved")
    assert not is_set_since([question], [a_record(seconds=-2)], "Approved")
    assert not is_set_since([], [a_record()], "Approved")


class TestAnApprovalThatNobodyAskedFor:
    rules = some_rules()
    records = (written(), a_record())

    def found(self, *records: AuditRecord, open_: str = "", asked: bool = False) -> tuple[list[str], list[str], bool]:
        questions = asked_about(records) if asked else [a_question(seconds=10)]
        entitled = entitle(self.rules, a_card(), records, questions=questions, open_stages=open_.split(), now=at(60))
        stages = [e.stage for e in entitled.entitlements]
        return stages, [f"{f.code} {f.severity}" for f in entitled.findings], entitled.asks

    def test_opens_nothing_and_asks(self) -> None:
        assert self.found(*self.records) == (["dev", "test"], [f"ApprovalNotAsked {Severity.BLOCK}"], True)
        assert self.found(*self.records, asked=True) == (["dev", "test", "prod"], [], False)

    def test_closes_nothing_and_asks(self) -> None:
        found = self.found(*self.records, open_="dev test prod")
        assert found == (["dev", "test", "prod"], [f"ApprovalNotAsked {Severity.WARN}"], True)

    def test_is_answered_by_its_repeat(self) -> None:
        again = a_record(seconds=20)
        assert self.found(*self.records, again)[0] == ["dev", "test", "prod"]
        somebody = a_record(APPROVED, AUTHOR, 20)
        assert self.found(*self.records, somebody)[1] == [f"ApprovalNotAsked {Severity.BLOCK}"]

    def test_is_an_approval_where_the_rules_never_ask(self) -> None:
        entitled = entitle(some_rules(asks=()), a_card(), self.records, now=at(60))
        assert [e.stage for e in entitled.entitlements] == ["dev", "test", "prod"]
        assert not entitled.asks
