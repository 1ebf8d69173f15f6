"""The figures say what was right of how many, and are `ok` only where that says something."""

from collections import Counter

import pytest

from soak.histories.run import Outcome
from soak.page import FEWEST_STEPS, Figure, figures, show
from soak.trials.table import ABSORBED, NOT, SWEEP, Table


def outcome(*, often: int, seldom: int, wrong: tuple[str, ...] = ()) -> Outcome:
    steps = Counter({"card created": often, "sweep": seldom})
    return Outcome(histories=100, steps=steps, wrong=list(wrong), took_s=60.0)


def table(**ends: int) -> Table:
    made = Table(of=50)
    for name, count in ends.items():
        for _ in range(count):
            end = {"absorbed": ABSORBED, "swept_up": SWEEP, "never": NOT}[name]
            made.add({"kind": "denied", "end": end, "story": "approval", "call": "a call", "why": "prod sees it"})
    return made


def test_histories_are_right_unless_one_is_wrong() -> None:
    assert figures(outcome(often=1, seldom=1), None, None) == [Figure("histories", 100, 100, ok=True)]
    wrong = outcome(often=1, seldom=1, wrong=("SEED=1: prod sees it",))
    assert figures(wrong, None, None) == [Figure("histories", 99, 100, ok=False)]
    assert "SEED=1: prod sees it" in show(wrong, None, None)


@pytest.mark.parametrize(("seldom", "ok"), [(FEWEST_STEPS // 10, True), (2, False), (0, False)])
def test_a_kind_of_action_that_hardly_ever_comes_is_found(seldom: int, *, ok: bool) -> None:
    figure = figures(outcome(often=FEWEST_STEPS, seldom=seldom), None, None)[-1]
    assert (figure.name, figure.ok) == ("actions' shares", ok)


def test_few_steps_say_nothing_of_shares() -> None:
    named = {figure.name for figure in figures(outcome(often=FEWEST_STEPS - 1, seldom=0), None, None)}
    assert named == {"histories"}


def test_a_fault_that_nothing_mends_is_shown_and_counted() -> None:
    assert figures(None, table(absorbed=3, swept_up=2), None) == [Figure("faults", 5, 5, ok=True)]
    bad = table(absorbed=3, never=1)
    assert figures(None, None, bad) == [Figure("stops", 3, 4, ok=False)]
    assert any("approval: a call: denied: prod sees it" in line for line in show(None, None, bad))
