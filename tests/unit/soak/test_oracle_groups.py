"""What the oracle says of registering in a group; each case is a pair that differs in one thing."""

from dataclasses import replace
from pathlib import Path

import pytest

from soak.oracle import groups
from soak.oracle.facts import Deleted, History, Looked, Set, Wrote
from soak.oracle.rules import Rules, read
from soak.oracle.verdict import Must

ROOT = Path(__file__).parents[3]
OWNER = "arn:aws:iam::111122223333:role/ModelOwner"


@pytest.fixture
def rules() -> Rules:
    return read(ROOT / "soak" / "rules" / "base.toml")


def made() -> History:
    return History([Wrote(0.0, OWNER, 1), Set(0.0, OWNER, "made", 1)], [], [Looked(1.0)])


def registers(history: History, rules: Rules, *, stage: str = "dev", was_open: bool = False) -> Must:
    return groups.judge(history, "soak-1", rules, stage, was_open=was_open).must


def test_the_stage_of_the_registration_registers_and_no_other(rules: Rules) -> None:
    assert registers(made(), rules) is Must.OPEN
    assert registers(made(), rules, stage="prod") is Must.CLOSED


@pytest.mark.parametrize(("pattern", "must"), [("soak-*", Must.OPEN), ("soak-1", Must.OPEN), ("soak", Must.CLOSED)])
def test_a_group_is_named_whole_or_by_its_start(rules: Rules, pattern: str, must: Must) -> None:
    named = replace(rules, registering={"dev": (pattern,)})
    assert registers(made(), named) is must


def test_a_group_that_was_deleted_takes_nothing_once_that_is_known(rules: Rules) -> None:
    history = made()
    history.changes.append(Deleted(2.0, OWNER))
    assert registers(history, rules) is Must.EITHER
    history.looks.append(Looked(3.0))
    assert registers(history, rules) is Must.CLOSED


def test_a_pause_changes_nothing(rules: Rules) -> None:
    paused = replace(rules, paused=True)
    assert [registers(made(), paused, was_open=was) for was in (True, False)] == [Must.OPEN, Must.CLOSED]
