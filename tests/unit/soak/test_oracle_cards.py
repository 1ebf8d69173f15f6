"""The oracle says of small histories what the documents say; each case is a pair that differs in one thing."""

from dataclasses import replace
from pathlib import Path

import pytest

from soak.oracle import cards
from soak.oracle.facts import Asked, Deleted, History, Key, Looked, Set, Wrote
from soak.oracle.rules import Rules, read
from soak.oracle.verdict import Must

ROOT = Path(__file__).parents[3]
OWNER, APPROVER = (f"arn:aws:iam::111122223333:role/{name}" for name in ("ModelOwner", "ModelApprover"))
FILLED = frozenset({"training_details"})


@pytest.fixture
def rules() -> Rules:
    return read(ROOT / "soak" / "rules" / "base.toml")


def approved(**changes: object) -> History:
    """Written, asked about, and approved by an approver, ten minutes apart; everything is known."""
    wrote = Wrote(0.0, OWNER, 1, "Low", FILLED, recorded=True)
    entered = Set(0.0, OWNER, "PendingReview", 1, recorded=True)
    approval = Set(1200.0, APPROVER, "Approved", 1, recorded=True)
    for name, value in changes.items():
        target = wrote if name in ("risk", "sections") else approval
        setattr(target, name, value)
    return History([wrote, entered, approval], [Asked(600.0, 1)], [Looked(1300.0)])


def prod(history: History, rules: Rules, *, was_open: bool = False) -> Must:
    return cards.judge(history, rules, "prod", was_open=was_open).must


def test_an_approver_opens(rules: Rules) -> None:
    assert prod(approved(), rules) is Must.OPEN


@pytest.mark.parametrize(
    "changes",
    [{"by": OWNER}, {"recorded": False}, {"sections": frozenset()}, {"status": "Draft"}, {"content": 7}],
    ids=str,
)
def test_and_nobody_and_nothing_else(rules: Rules, changes: dict[str, object]) -> None:
    assert prod(approved(**changes), rules) is Must.CLOSED


def test_only_what_was_asked_about_is_approved(rules: Rules) -> None:
    history = approved()
    history.questions.clear()
    assert prod(history, rules) is Must.CLOSED
    assert prod(history, replace(rules, card_asks=frozenset())) is Must.OPEN


def test_whoever_wrote_it_approves_nothing(rules: Rules) -> None:
    history = approved()
    history.changes[0] = Wrote(0.0, APPROVER, 1, "Low", FILLED, recorded=True)
    assert prod(history, rules) is Must.CLOSED
    assert prod(history, replace(rules, four_eyes=False)) is Must.OPEN


def test_an_approver_of_other_risks_is_none(rules: Rules) -> None:
    reviewer = "arn:aws:iam::111122223333:role/ModelReviewer"
    assert prod(approved(by=reviewer), rules) is Must.OPEN
    assert prod(approved(by=reviewer, risk="High"), rules) is Must.CLOSED


def test_what_nobody_has_heard_of_may_be_either(rules: Rules) -> None:
    history = approved()
    history.looks.clear()
    assert prod(history, rules) is Must.EITHER


def test_what_is_deleted_is_closed(rules: Rules) -> None:
    history = approved()
    history.changes.append(Deleted(1400.0, OWNER))
    assert prod(history, rules, was_open=True) is Must.EITHER
    history.looks.append(Looked(1500.0))
    assert prod(history, rules, was_open=True) is Must.CLOSED


def test_taking_it_back_ends_an_approval(rules: Rules) -> None:
    history = approved()
    history.changes += [Set(1400.0, OWNER, "Draft", 1, recorded=True), Set(1600.0, OWNER, "Approved", 1, recorded=True)]
    history.looks.append(Looked(1700.0))
    assert prod(history, rules) is Must.CLOSED


def test_a_stage_without_approvers_opens_by_status(rules: Rules) -> None:
    verdict = cards.judge(approved(), rules, "dev", was_open=False)
    assert (verdict.must, verdict.write) == (Must.OPEN, False)


def edited(history: History, at: float, *, by: str = OWNER, recorded: bool = True) -> History:
    history.changes.append(Wrote(at, by, 2, "Low", FILLED, recorded=recorded))
    history.looks.append(Looked(at + 100.0))
    return history


def test_an_edit_closes_what_was_open(rules: Rules) -> None:
    assert prod(approved(), rules, was_open=True) is Must.OPEN
    assert prod(edited(approved(), 2000.0), rules, was_open=True) is Must.CLOSED


def test_or_keeps_it_open_where_the_rules_ask_only(rules: Rules) -> None:
    asks = replace(rules, edit_closes=False)
    assert prod(edited(approved(), 2000.0), asks, was_open=True) is Must.OPEN
    assert prod(edited(approved(), 2000.0), asks, was_open=False) is Must.CLOSED


def test_what_waits_for_a_record_opens_nothing_and_may_close(rules: Rules) -> None:
    unknown = edited(approved(), 2000.0, recorded=False)
    assert prod(unknown, rules, was_open=False) is Must.CLOSED
    assert prod(unknown, rules, was_open=True) is Must.EITHER


def test_an_approval_of_about_the_time_of_an_edit_can_be_either(rules: Rules) -> None:
    history = approved()
    history.changes.insert(2, Wrote(1100.0, OWNER, 1, "Low", FILLED, recorded=True))
    assert prod(history, rules) is Must.EITHER


def test_a_name_that_is_taken_again_begins_without_approvals(rules: Rules) -> None:
    history = approved()
    history.changes += [
        Deleted(1400.0, OWNER),
        Wrote(2000.0, OWNER, 1, "Low", FILLED, recorded=True),
        Set(2000.0, OWNER, "Approved", 1, recorded=True),
    ]
    history.looks.append(Looked(2100.0))
    assert prod(history, rules) is Must.CLOSED


def test_a_card_that_nobody_can_decrypt_is_closed_once_somebody_has_looked(rules: Rules) -> None:
    def with_key(key: Key, looks: list[Looked]) -> Must:
        history = approved()
        history.looks = looks
        return cards.judge(history, rules, "prod", was_open=True, key=key).must

    looked, everything = [Looked(1300.0)], [Looked(1300.0, full=True)]
    assert with_key(Key(), looked) is Must.OPEN
    assert with_key(Key(is_shut=True, turned=1250.0), looked) is Must.CLOSED
    assert with_key(Key(is_shut=True, turned=1350.0), looked) is Must.EITHER
    assert with_key(Key(turned=1250.0), looked) is Must.OPEN
    assert with_key(Key(lost=1250.0), looked) is Must.EITHER, "a run for an event reads no key"
    assert with_key(Key(lost=1250.0), everything) is Must.OPEN


def test_a_pause_keeps_what_is_open_and_what_is_closed(rules: Rules) -> None:
    paused = replace(rules, paused=True)
    assert [prod(approved(), paused, was_open=was) for was in (True, False)] == [Must.OPEN, Must.CLOSED]
    assert prod(approved(status="Archived"), paused, was_open=True) is Must.OPEN
