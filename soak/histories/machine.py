"""The histories: a stateful Hypothesis machine, whose rules are what `Actions` can do.

Each example happens in a copy of the process, which begins with the same fresh organization: so the same steps come to
the same end, and Hypothesis can shrink what fails to the fewest of them.
"""

from __future__ import annotations

import gc
import json
import os
import random
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from soak.histories.actions import Actions
from soak.histories.events import Fate
from soak.histories.steps import MINUTES_S
from soak.histories.trouble import Trouble
from soak.histories.world import PROD, TEST, World
from soak.histories.wrong import Wrong, WrongError
from soak.simulation import processor, scheduler
from soak.simulation.copies import Report

CARD = ("PendingReview", "Approved", "Draft", "Archived")
PACKAGE = ("PendingManualApproval", "Approved", "Rejected")
RISK = ("Low", "High", "Unknown")
FATE = tuple(each.value for each in (Fate.ARRIVES, Fate.ARRIVES, Fate.ARRIVES, *Fate))
PAUSE = (MINUTES_S, MINUTES_S, MINUTES_S, 1, 1000)
WRITER = ("owner", "developer", "approver")
REGISTRAR = ("developer", "owner")
WRONG = ("owner", "developer", "reviewer")
RULES = ("lenient", "strict", "risks", "unasked", "base")
SWEEPS = (True, False)
PAUSED = ("card", "package", "deletion", "rejection", "tampering")
FILLED = (True, True, False)
TROUBLE = tuple(each.value for each in Trouble)
N = tuple(range(64))


@dataclass(slots=True)
class Results:
    """Where the examples report to. `until`: when time is up (epoch), and nobody does anything any more."""

    until: float
    reports: list[Report] = field(default_factory=list)
    smallest: tuple[str, ...] = ()
    """What was wrong first of all, and the steps up to it; the fewest that were found until time was up."""
    kind: Wrong = Wrong.OTHER
    """Of what was wrong there."""


class _Copy:
    """An example in a copy of this process, which does one action after another, and says what was wrong."""

    def __init__(self, make: Callable[[], Actions]) -> None:
        asked, self._tell = os.pipe()
        self._hear, says = os.pipe()
        self._process = os.fork()
        if self._process == 0:
            os.close(self._tell)
            os.close(self._hear)
            gc.disable()
            scheduler.forget_threads()
            with os.fdopen(asked) as lines, os.fdopen(says, "w") as answers:
                _serve(make, lines, answers)
            os._exit(0)
        os.close(asked)
        os.close(says)
        self._lines, self._answers = os.fdopen(self._tell, "w"), os.fdopen(self._hear)
        self._is_over = False

    @property
    def is_over(self) -> bool:
        """Whether it has ended before it was to."""
        return self._is_over

    def does(self, what: str, given: dict[str, Any]) -> Report:
        """Let it do that, and return what it says. Raises WrongError, for what goes in circles too."""
        print(json.dumps([what, given]), file=self._lines, flush=True)
        line = self._answers.readline()
        if not line:
            self._is_over = True
            killed = processor.why(os.waitpid(self._process, 0)[1])
            raise WrongError(Wrong.OTHER, f"{what}: {killed or 'the copy has ended'}")
        report: Report = json.loads(line)
        if "wrong" in report:
            raise WrongError(Wrong(report["kind"]), report["wrong"])
        if "died" in report:
            raise RuntimeError(report["died"])
        return report

    def end(self) -> None:
        """Let it end, and wait for that."""
        self._lines.close()
        self._answers.close()
        if not self._is_over and (killed := processor.why(os.waitpid(self._process, 0)[1])):
            raise RuntimeError(f"at its end: {killed}")


def _serve(make: Callable[[], Actions], lines: IO[str], answers: IO[str]) -> None:
    actions = None
    for line in lines:
        what, given = json.loads(line)
        processor.limit(processor.MOST_S)
        try:
            actions = actions or make()
            report = _report(actions) if what == "report" else {}
            if what != "report":
                getattr(actions, what)(**given)
        except WrongError as wrong:
            report = {"wrong": str(wrong), "kind": wrong.kind}
        except BaseException:  # noqa: BLE001  whatever it is, the other one has to hear of it
            report = {"died": traceback.format_exc()}
        print(json.dumps(report), file=answers, flush=True)


def _report(actions: Actions) -> Report:
    actions.counts.end()
    return {
        "histories": len(actions.touched),
        "steps": actions.steps,
        "idle": actions.idle,
        "verdicts": actions.counts.verdicts,
        "events": {fate.value: count for fate, count in actions.world.events.counted.items()},
        "runs": len(actions.world.organization.executions()),
        "wrong_for": actions.counts.wrong_for,
    }


_ACTIONS: dict[str, dict[str, Sequence[Any]]] = {
    "approves_a_card": {"n": N, "pause": PAUSE, "fate": FATE},
    "creates_a_card": {"n": N, "status": CARD, "risk": RISK, "filled": FILLED, "pause": PAUSE, "fate": FATE},
    "edits_a_card": {"n": N, "who": WRITER, "risk": RISK, "pause": PAUSE, "fate": FATE},
    "sets_a_card": {"n": N, "status": CARD, "pause": PAUSE, "fate": FATE},
    "approves_a_card_wrongly": {"n": N, "who": WRONG, "pause": PAUSE},
    "sets_a_card_twice": {"n": N, "first": CARD, "second": CARD, "pause": PAUSE},
    "deletes_a_card": {"n": N, "pause": PAUSE, "fate": FATE},
    "takes_a_name_again": {"n": N, "status": CARD, "pause": PAUSE, "same": (True, False)},
    "sets_a_card_meanwhile": {
        "n": N,
        "first": CARD,
        "second": CARD,
        "after": range(1, 60),
        "pause": PAUSE,
        "fate": FATE,
    },
    "sets_all_packages_in_trouble": {"status": PACKAGE, "trouble": TROUBLE, "pause": PAUSE},
    "sets_all_packages": {"status": PACKAGE, "pause": PAUSE},
    "creates_a_sealed_card": {"n": N, "status": CARD, "risk": RISK, "pause": PAUSE},
    "takes_grants_off_the_key": {"n": N, "pause": PAUSE},
    "turns_the_key": {"n": N, "pause": PAUSE, "and_sweeps": (True, False)},
    "registers_a_package": {"n": N, "who": REGISTRAR, "status": PACKAGE, "pause": PAUSE},
    "sets_a_package": {"n": N, "status": PACKAGE, "pause": PAUSE, "fate": FATE},
    "approves_a_package": {"n": N, "pause": PAUSE, "fate": FATE},
    "approves_a_package_wrongly": {"n": N, "who": WRONG, "pause": PAUSE},
    "writes_bytes_anew": {"n": N, "pause": PAUSE},
    "somebody_deletes_the_model": {"n": N, "pause": PAUSE, "and_sweeps": SWEEPS},
    "deletes_a_package": {"n": N, "pause": PAUSE, "fate": FATE},
    "deletes_a_group": {"n": N, "pause": PAUSE},
    "a_slow_call_approves": {"n": N, "took": (20, 60, 110), "pause": PAUSE},
    "does_several_at_once": {"n": N, "m": N, "pause": PAUSE},
    "sweeps": {"pause": PAUSE},
    "late_events_arrive": {"order": N},
    "others_edit": {"number": N},
    "somebody_takes_ours_out": {"n": N, "pause": PAUSE},
    "a_member_turns_blind": {"pause": PAUSE, "and_sweeps": (0, 1, 2, 3)},
    "aws_publishes": {"number": N, "pause": PAUSE, "and_sweeps": SWEEPS},
    "somebody_edits_the_hub": {"number": N, "pause": PAUSE, "and_sweeps": SWEEPS},
    "somebody_takes_the_guardrail_off": {"number": N, "pause": PAUSE, "and_sweeps": SWEEPS},
    "starts_what_has_no_events": {"number": N, "pause": PAUSE},
    "an_account_is_closed": {"account": (TEST, PROD), "pause": PAUSE, "and_sweeps": SWEEPS},
    "a_pause_passes": {"n": N, "during": PAUSED},
    "rules_change": {"which": RULES},
    "stops_a_run": {"n": N, "after": range(1, 40)},
    "starts_a_run": {"n": N, "pause": PAUSE},
}
"""What `Actions` can do, and with what. An action is added in both places."""
_KINDS = sorted(_ACTIONS)
_OFTEN = {
    "approves_a_card": 1.5,
    "edits_a_card": 1.5,
    "late_events_arrive": 1.5,
    "starts_a_run": 1.3,
    "stops_a_run": 2.0,
    "sweeps": 1.5,
}
"""How often an action is chosen, where once as often as each other would be too seldom: no other one has steps of its
kind, or there is nothing to do in many of them.
"""


def machine(world: World, results: Results, subjects: int) -> type[RuleBasedStateMachine]:
    """The machine of one world, whose examples are of so many subjects each."""

    class Histories(RuleBasedStateMachine):
        _copy: _Copy | None = None

        def __init__(self) -> None:
            super().__init__()
            self._steps: list[str] = []
            self._seed = self._place = 0

        @initialize(seed=st.integers(0, 2**23 - 1))
        def begins(self, seed: int) -> None:
            self._seed = seed
            self._copy = _Copy(lambda: Actions(world, subjects, seed))

        def teardown(self) -> None:
            if self._copy is not None:
                try:
                    if not self._copy.is_over:
                        results.reports.append(self._copy.does("report", {}))
                finally:
                    self._copy.end()

        # What a step does follows from the seed and its place, so that all kinds are as frequent. Whether it is taken
        # is Hypothesis's choice, which shrinks to the fewest that are.
        @rule(is_taken=st.booleans())
        def happens(self, *, is_taken: bool) -> None:
            self._place += 1
            if self._copy is None or not is_taken or time.time() >= results.until:
                return
            what, given = _step(f"{self._seed} {self._place}")
            self._steps.append(f"{what}({', '.join(f'{name}={value!r}' for name, value in given.items())})")
            try:
                self._copy.does(what, given)
            except WrongError as wrong:
                if not results.smallest or len(self._steps) < len(results.smallest):
                    results.smallest, results.kind = (str(wrong), *self._steps), wrong.kind
                raise

    return Histories


def rehearsal() -> list[tuple[str, dict[str, Any]]]:
    """Each action once, in an order in which most of them have something to do."""
    chosen = random.Random(0)
    return [(what, {name: chosen.choice(values) for name, values in given.items()}) for what, given in _ACTIONS.items()]


def _step(place: str) -> tuple[str, dict[str, Any]]:
    """What happens there."""
    chosen = random.Random(place)
    (what,) = chosen.choices(_KINDS, [_OFTEN.get(each, 1.0) for each in _KINDS])
    return what, {name: chosen.choice(values) for name, values in _ACTIONS[what].items()}
