"""So many histories, a few in each copy of the process: every copy begins with the same fresh organization.

The organization is made once. What one batch leaves behind slows down no other one, and a seed gives the same histories
again.
"""

from __future__ import annotations

import itertools
import math
import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from soak.histories.machine import Results, machine
from soak.histories.world import World
from soak.histories.wrong import Wrong
from soak.simulation.copies import Report, beside

EXAMPLES = 40
"""Of Hypothesis, in one copy, at most."""
STEPS = 40
"""Of one example, at most; about half of them are taken."""


@dataclass(slots=True)
class Outcome:
    """What all batches came to. `wrong` has the text of each batch that failed, and `kinds` counts what that was;
    `wanted` is how many histories there had to be.
    """

    wanted: int = 0
    histories: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    """Of each kind. Those in which nobody could do anything are `idle`."""
    idle: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    wrong_for: int = 0
    wrong: list[str] = field(default_factory=list)
    kinds: Counter[Wrong] = field(default_factory=Counter)
    took_s: float = 0.0
    processor_s: float = 0.0
    """Of all copies, without what it takes to get ready."""

    def add(self, part: Report) -> None:
        """Add what a batch has reported."""
        if "died" in part:
            self.wrong.append(part["died"])
            self.kinds[Wrong.OTHER] += 1
            return
        if "wrong" in part:
            self.wrong.append(part["wrong"])
            self.kinds[Wrong(part["kind"])] += 1
            return
        if "histories" not in part:
            return
        self.histories += part["histories"]
        self.steps.update(part["steps"])
        self.idle.update(part["idle"])
        self.verdicts.update(part["verdicts"])
        self.events.update(part["events"])
        self.runs += part["runs"]
        self.wrong_for = max(self.wrong_for, part["wrong_for"])


def histories(
    world: World,
    wanted: int,
    subjects: int,
    first_seed: int,
    *,
    at_once: int,
    until: float,
    shrinks: bool = True,
) -> Outcome:
    """Try histories of so many subjects in each example, until there are enough, one is wrong, or time is up.

    `shrinks`: look for the fewest steps that lead to what is wrong, which takes longer than to find it.
    """
    outcome, began, used = Outcome(wanted), time.time(), _used_s()
    examples = min(EXAMPLES, 1 + math.ceil(wanted / subjects))  # in the first of all nothing happens

    def batches() -> Iterator[partial[Iterator[Report]]]:
        for number in itertools.count(first_seed):
            if outcome.histories >= wanted or outcome.wrong or time.time() >= until:
                return
            yield partial(_batch, world, subjects, number, examples, until, shrinks=shrinks)

    for report in beside(batches(), at_once):
        outcome.add(report)
    outcome.took_s = time.time() - began
    outcome.processor_s = _used_s() - used
    return outcome


def _used_s() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _batch(world: World, subjects: int, number: int, examples: int, until: float, *, shrinks: bool) -> Iterator[Report]:
    results, wrong = Results(until), ""
    chosen = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink) if shrinks else (Phase.generate,),
        verbosity=Verbosity.quiet,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    made = seed(number)(machine(world, results, subjects))
    try:
        run_state_machine_as_test(made, settings=chosen)
    except Exception as error:  # noqa: BLE001  what is wrong fails the machine; so does time that is up while it shrinks
        wrong = "\n  ".join((f"SEED={number}:", *(results.smallest or (repr(error),))))
    yield from results.reports
    if wrong:
        yield {"wrong": wrong, "kind": results.kind}
