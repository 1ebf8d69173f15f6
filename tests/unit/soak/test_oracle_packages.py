"""What the oracle says of small histories of a version of a package; each case is a pair that differs in one thing."""

from dataclasses import replace
from pathlib import Path

import pytest

from soak.oracle import packages
from soak.oracle.facts import Asked, Blindness, Deleted, History, Looked, Set, Wrote
from soak.oracle.rules import Rules, read
from soak.oracle.verdict import Must

ROOT = Path(__file__).parents[3]
DEVELOPER = "arn:aws:iam::222233334444:role/ModelDeveloper"
OWNER, APPROVER = (f"arn:aws:iam::111122223333:role/{name}" for name in ("ModelOwner", "ModelApprover"))


@pytest.fixture
def rules() -> Rules:
    return read(ROOT / "soak" / "rules" / "base.toml")


def approved(*, by: str = APPROVER, status: str = "Approved", registrar: str = DEVELOPER) -> History:
    """Registered, asked about, and approved, ten minutes apart; everything is known."""
    wrote = Wrote(0.0, registrar, 1, recorded=True)
    entered = Set(0.0, registrar, "PendingManualApproval", 1, recorded=True)
    approval = Set(1200.0, by, status, 1, recorded=True)
    return History([wrote, entered, approval], [Asked(600.0, 1)], [Looked(1300.0)])


def prod(history: History, rules: Rules, *, was_open: bool = False, tampered: float = 0.0) -> Must:
    return packages.judge(history, rules, "prod", was_open=was_open, tampered=tampered).must


def test_an_approver_opens(rules: Rules) -> None:
    assert prod(approved(), rules) is Must.OPEN


def test_nobody_else_does(rules: Rules) -> None:
    assert prod(approved(by=OWNER), rules) is Must.CLOSED


def test_a_rejection_closes(rules: Rules) -> None:
    assert prod(approved(status="Rejected"), rules, was_open=True) is Must.CLOSED


def test_only_what_was_asked_about_is_approved(rules: Rules) -> None:
    history = approved()
    history.questions.clear()
    assert prod(history, rules) is Must.CLOSED
    assert prod(history, replace(rules, package_asks=frozenset())) is Must.OPEN


def test_a_question_of_an_earlier_life_asks_nothing(rules: Rules) -> None:
    history = approved()
    history.changes.insert(0, Deleted(-10.0, OWNER))
    history.questions[:] = [Asked(-20.0, 1)]
    assert prod(history, rules) is Must.CLOSED


def test_what_was_taken_out_closes_nothing_less(rules: Rules) -> None:
    assert prod(approved(status="Rejected"), rules, was_open=True, tampered=1250.0) is Must.CLOSED
    assert prod(approved(by=OWNER), rules, tampered=1250.0) is Must.CLOSED


def test_bytes_that_were_written_anew_close_once_a_sweep_has_come_by(rules: Rules) -> None:
    history = approved()
    history.changes.append(Wrote(1800.0, OWNER, 2, recorded=True))
    history.looks.append(Looked(1900.0))
    assert prod(history, rules, was_open=True) is Must.EITHER
    history.looks.append(Looked(2000.0, full=True))
    assert prod(history, rules, was_open=True) is Must.CLOSED


def test_or_stay_open_where_the_rules_ask_only(rules: Rules) -> None:
    history = approved()
    history.changes.append(Wrote(1800.0, OWNER, 2, recorded=True))
    history.looks.append(Looked(2000.0, full=True))
    asks = replace(rules, change_closes=False)
    assert prod(history, asks, was_open=True) is Must.OPEN
    assert prod(history, asks, was_open=False) is Must.CLOSED


def test_bytes_of_about_the_time_of_the_approval_can_be_either(rules: Rules) -> None:
    history = approved()
    history.changes.insert(2, Wrote(1190.0, OWNER, 1, recorded=True))
    assert prod(history, rules) is Must.EITHER


def test_with_four_eyes_whoever_registered_it_approves_nothing(rules: Rules) -> None:
    history = approved(registrar=APPROVER)
    assert prod(history, rules) is Must.OPEN
    assert prod(history, replace(rules, package_four_eyes=True)) is Must.CLOSED


def test_statements_that_somebody_took_out_are_back_after_a_sweep(rules: Rules) -> None:
    history = approved()
    assert prod(history, rules, was_open=True, tampered=1250.0) is Must.EITHER
    history.looks.append(Looked(1400.0, full=True))
    assert prod(history, rules, was_open=True, tampered=1250.0) is Must.OPEN


def test_the_last_change_counts_before_its_record_has_come(rules: Rules) -> None:
    history = approved()
    history.changes[-1] = Set(1200.0, APPROVER, "Approved", 1, recorded=False)
    assert prod(history, rules, was_open=True) is Must.OPEN
    assert prod(history, rules, was_open=False) is Must.EITHER


def test_what_is_deleted_is_closed(rules: Rules) -> None:
    history = approved()
    history.changes.append(Deleted(1400.0, OWNER))
    assert prod(history, rules, was_open=True) is Must.EITHER
    history.looks.append(Looked(1500.0))
    assert prod(history, rules, was_open=True) is Must.CLOSED


def test_a_stage_without_approvers_opens_by_status(rules: Rules) -> None:
    assert packages.judge(approved(by=OWNER), rules, "dev", was_open=False).must is Must.OPEN
    assert packages.judge(approved(by=OWNER), rules, "test", was_open=False).must is Must.CLOSED


def test_what_nobody_could_look_at_closes_after_so_many_sweeps_and_opens_nothing(rules: Rules) -> None:
    assert rules.close_after_blind_sweeps == 2

    def blind(sweeps: int, *, was_open: bool, status: str = "Approved") -> Must:
        history = approved(status=status)
        history.blind_sweeps = sweeps
        return packages.judge(
            history, rules, "prod", was_open=was_open, blindness=Blindness(is_blind=True, turned=1.0)
        ).must

    assert [blind(sweeps, was_open=True) for sweeps in (0, 1, 2)] == [Must.OPEN, Must.OPEN, Must.CLOSED]
    assert blind(0, was_open=False) is Must.CLOSED
    assert blind(0, was_open=True, status="Rejected") is Must.CLOSED, "a close never waits for a look"


def test_what_can_be_looked_at_again_opens_with_the_next_sweep(rules: Rules) -> None:
    history, sees = approved(), Blindness(turned=1250.0)
    assert packages.judge(history, rules, "prod", was_open=False, blindness=sees).must is Must.EITHER
    history.looks.append(Looked(1400.0, full=True))
    assert packages.judge(history, rules, "prod", was_open=False, blindness=sees).must is Must.OPEN


def test_a_pause_keeps_what_is_open_and_what_is_closed(rules: Rules) -> None:
    paused = replace(rules, paused=True)
    assert [prod(approved(), paused, was_open=was) for was in (True, False)] == [Must.OPEN, Must.CLOSED]
    assert prod(approved(status="Rejected"), paused, was_open=True) is Must.OPEN
    assert prod(approved(), paused, was_open=True, tampered=1250.0) is Must.EITHER


def test_an_approved_package_of_the_group_is_imported(rules: Rules) -> None:
    def hosting(group: str, status: str = "Approved") -> Must:
        return packages.judge(approved(status=status), rules, "hosting", was_open=False, group=group).must

    assert hosting("weights-1") is Must.OPEN
    assert hosting("soak-1") is Must.CLOSED
    assert hosting("weights-1", "Rejected") is Must.CLOSED
