"""The figures say what was right of how many, and are `ok` only where that says something."""

import json
from collections import Counter
from pathlib import Path

import pytest

from soak.histories.run import Outcome
from soak.histories.steps import KINDS
from soak.histories.wrong import Wrong
from soak.page import Figure, exit_status, figures, show, write_rows
from soak.rows import histories
from soak.rows.histories import FEWEST_STEPS
from soak.trials.table import ABSORBED, NOT, SWEEP, Table


def outcome(*, often: int, seldom: int, wrong: tuple[str, ...] = ()) -> Outcome:
    steps = Counter({**dict.fromkeys(KINDS, often), "sweep": seldom})
    return Outcome(wanted=100, histories=100, steps=steps, wrong=list(wrong), took_s=60.0)


def right(found: Outcome) -> Figure:
    first, *others = histories.figures(found)
    assert {each.name for each in others} >= {*Wrong}
    return first


def table(*, untried: int = 0, **ends: int) -> Table:
    count = sum(ends.values()) + untried
    made = Table(of=count, asked=count)
    for name, count in ends.items():
        for _ in range(count):
            end = {"absorbed": ABSORBED, "swept_up": SWEEP, "never": NOT}[name]
            made.add(
                {
                    "kind": "denied",
                    "end": end,
                    "story": "approval",
                    "call": "stagegate-plan ram:GetResourceShares",
                    "at": "a call",
                    "why": "prod sees it",
                }
            )
    return made


def test_histories_are_right_unless_one_is_wrong() -> None:
    assert right(outcome(often=1, seldom=1)) == Figure("histories", 100, 100, ok=True)
    wrong = outcome(often=1, seldom=1, wrong=("SEED=1: prod sees it",))
    assert right(wrong) == Figure("histories", 99, 100, ok=False)
    assert "SEED=1: prod sees it" in histories.show(wrong)


def test_fewer_histories_than_there_had_to_be_are_not_enough() -> None:
    assert right(Outcome(wanted=100, histories=40)) == Figure("histories", 40, 100, ok=False)
    assert right(Outcome()) == Figure("histories", 0, 0, ok=False)
    assert right(Outcome(wanted=100, histories=104)) == Figure("histories", 104, 104, ok=True)


@pytest.mark.parametrize(("seldom", "ok"), [(60, True), (2, False), (0, False)])
def test_a_kind_of_action_that_hardly_ever_comes_is_found(seldom: int, *, ok: bool) -> None:
    figure = histories.figures(outcome(often=60, seldom=seldom))[1]
    assert (figure.name, figure.ok) == ("actions' shares", ok)


def test_a_kind_that_never_came_has_no_share_and_is_shown() -> None:
    seen = Outcome(steps=Counter({"sweep": FEWEST_STEPS}), idle=Counter({"late events": 7}))
    assert histories.figures(seen)[1] == Figure("actions' shares", 0.0, 0.01, ok=False)
    lines = histories.show(seen)
    assert any("late events 0.0 %" in line for line in lines)
    assert any("nothing to do" in line and "7 late events" in line for line in lines)


def test_few_steps_say_nothing_of_shares() -> None:
    few = Outcome(steps=Counter({"sweep": FEWEST_STEPS - 1}))
    assert "actions' shares" not in {figure.name for figure in histories.figures(few)}


def test_a_fault_that_nothing_mends_is_shown_and_counted() -> None:
    assert figures(table(absorbed=3, swept_up=2), None) == [Figure("faults", 5, 5, ok=True)]
    bad = table(absorbed=3, never=1)
    assert figures(None, bad) == [Figure("stops", 3, 4, ok=False)]
    assert any("approval: a call: denied: prod sees it" in line for line in show(None, bad))


def test_what_there_was_no_time_for_is_not_right() -> None:
    found = table(absorbed=3, untried=1)
    assert figures(found, None) == [Figure("faults", 3, 4, ok=False)]
    assert any("1 were not tried" in line and "MINUTES=" in line for line in show(found, None))


def test_the_table_is_by_whose_call_it_was_and_by_what_became_of_it() -> None:
    lines = show(table(absorbed=3, swept_up=2, never=1), None)
    assert "  plan ram  3a 2s 1NOT" in lines
    assert "  approval  3a 2s 1NOT" in lines


def test_the_whole_table_is_written_as_json(tmp_path: Path) -> None:
    write_rows(table(absorbed=3, swept_up=2), None, tmp_path / "rows.json")
    (row,) = json.loads((tmp_path / "rows.json").read_text())["faults"]
    assert (row["call"], row["kind"], row[ABSORBED], row[SWEEP], row[NOT]) == (
        "stagegate-plan ram:GetResourceShares",
        "denied",
        3,
        2,
        0,
    )


def test_a_slice_of_the_table_is_right_when_all_that_was_asked_for_was_tried() -> None:
    found = table(absorbed=3)
    found.of = 50
    assert figures(found, None) == [Figure("faults", 3, 50, ok=True)]
    assert not any("not tried" in line for line in show(found, None))


@pytest.mark.parametrize(
    ("ok", "is_wrong", "status"), [(True, False, 0), (False, False, 3), (False, True, 1), (True, True, 1)]
)
def test_what_is_wrong_is_told_from_what_there_was_no_time_for(*, ok: bool, is_wrong: bool, status: int) -> None:
    assert exit_status([Figure("histories", 1, 2, ok=ok)], is_wrong=is_wrong) == status
