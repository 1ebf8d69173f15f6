"""The check that a seeded fault names, done in a copy of the process on the product as it is deployed there."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable, Iterator

from soak.histories.actions import Actions
from soak.histories.run import histories
from soak.histories.world import World
from soak.histories.wrong import WrongError
from soak.seeded.head import Check
from soak.simulation.copies import Report
from soak.trials.run import Limits, faults, stops
from soak.trials.table import Table

MOST_S = 600.0
"""Of real time for one check, which takes some seconds of the processor."""
_MODELS = 12
"""Of each team."""


def done(check: Check, world: World) -> Iterator[Report]:
    """Do it, and report once: how much `after` it ended, and what was `wrong`, "" for nothing."""
    yield _PARTS[check.part](check, world)


def _history(check: Check, world: World) -> Report:
    try:
        actions = Actions(world, check.subjects, check.seed)
    except WrongError as wrong:
        return {"wrong": str(wrong), "after": "the first groups"}
    for number, step in enumerate(check.steps, 1):
        try:
            getattr(actions, step.what)(**dict(step.given))
        except WrongError as wrong:
            return {"wrong": str(wrong), "after": _counted(number, "step")}
    return {"wrong": "", "after": _counted(len(check.steps), "step")}


def _histories(check: Check, world: World) -> Report:
    until = time.time() + MOST_S
    found = histories(world, check.histories, check.subjects, check.seed, at_once=1, until=until, shrinks=False)
    wrong = found.wrong[0] if found.wrong else ""
    return {"wrong": wrong, "after": _counted(found.histories, "history", "histories")}


def _faults(check: Check, world: World) -> Report:
    return _tried(faults(world, _limits(check), at_once=1), "fault")


def _stops(check: Check, world: World) -> Report:
    return _tried(stops(world, _limits(check), at_once=1), "stop")


def _teams(check: Check, _world: World) -> Report:
    for name in [name for name in sys.modules if name.startswith(("soak.teams", "soak.rows.teams"))]:
        del sys.modules[name]  # they were made of the product without the fault
    drawn, run = importlib.import_module("soak.teams.drawn"), importlib.import_module("soak.teams.run")
    try:
        found = run.teams(drawn.Size(check.teams, _MODELS * check.teams, check.teams // 2), check.seed)
        wrong = [each for judged in found for each in judged.wrong]
    except AssertionError as never_at_rest:
        wrong = [str(never_at_rest)]
    return {"wrong": wrong[0] if wrong else "", "after": _counted(check.teams, "team")}


def _limits(check: Check) -> Limits:
    stories = (check.story,) if check.story else ()
    return Limits(time.time() + MOST_S, stories, sys.maxsize if check.only else 0, check.only, warms=False)


def _tried(table: Table, what: str) -> Report:
    wrong = table.bad[0].strip().splitlines()[-1] if table.bad else ""
    return {"wrong": wrong, "after": _counted(table.tried, what)}


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


_PARTS: dict[str, Callable[[Check, World], Report]] = {
    "history": _history,
    "histories": _histories,
    "faults": _faults,
    "stops": _stops,
    "teams": _teams,
}
