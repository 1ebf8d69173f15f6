"""Copies of the process that go on from within a task: right before an AWS call, or before a state is entered.

Threads of other tasks don't come along (fork). So a step is played alone: a state machine's calls and the branches of a
Map happen on its own thread, and no task gives way at a call. Each copy goes on as always from where it stands.
"""

from __future__ import annotations

import gc
import json
import os
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.services.stepfunctions.errors import TIMEOUT, StateError
from sandbox.services.stepfunctions.executions import interpreter, parallel
from sandbox.services.stepfunctions.executions.timing import Halt
from soak.simulation import processor
from soak.simulation.copies import Report
from soak.simulation.scheduler import forget_threads, scheduler

_beside_each_other: dict[str, Any] = {"call": vars(interpreter)["call"], "beside": vars(parallel)["_beside"]}
Line = Callable[[], Any]


@contextmanager
def alone() -> Iterator[None]:
    """Everything that begins within it happens on the thread of its task, and no task gives way at a call."""
    _go(alone=True)
    try:
        yield
    finally:
        together()


def together() -> None:
    """From now on everything happens beside each other again."""
    _go(alone=False)


def is_possible() -> bool:
    """Whether the current task is the only one that has begun, so that a copy has all that it needs."""
    return scheduler.current is not None and scheduler.begun == 1


def branch(ends: Callable[[], Iterable[Report]]) -> list[Report] | None:
    """Go on from here in a copy of this process as well: there it returns None, and here what the copy has reported.

    In the copy, another thread runs the simulation from now on, by calling `ends`, whose reports are the copy's.
    """
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        gc.disable()  # as in `copies`
        forget_threads()
        processor.limit(processor.MOST_S)
        together()
        scheduler.leave_to_another()
        threading.Thread(target=_run, args=(ends, writing), daemon=True).start()
        return None
    os.close(writing)
    with os.fdopen(reading) as lines:
        found: list[Report] = [json.loads(line) for line in lines]
    if killed := processor.why(os.waitpid(process, 0)[1]):
        found.append({"died": killed})
    return found


def _run(ends: Callable[[], Iterable[Report]], writing: int) -> None:
    with os.fdopen(writing, "w") as pipe:
        try:
            scheduler.take_over()
            for report in ends():
                pipe.write(json.dumps(report) + "\n")
        except BaseException:  # noqa: BLE001  whatever it is, the other one has to hear of it
            pipe.write(json.dumps({"died": traceback.format_exc()}) + "\n")
    os._exit(0)


def _go(*, alone: bool) -> None:
    scheduler.gives_way = not alone
    vars(interpreter)["call"] = _call_alone if alone else _beside_each_other["call"]
    vars(parallel)["_beside"] = _one_after_the_other if alone else _beside_each_other["beside"]


def _call_alone(work: Line, halt: Halt, timeout_s: float | None) -> Any:
    """As `timing.call`, but that it ends with the work, even where that takes too long."""
    latest = None if timeout_s is None else clock.now() + timeout_s
    try:
        return work()
    finally:
        halt.check()
        if latest is not None and clock.now() > latest:
            raise StateError(TIMEOUT, "")


def _one_after_the_other(lines: list[Line], _at_once: int, halt: Halt) -> list[Any]:
    """As `parallel._beside`, but one line at a time."""
    outputs: list[Any] = []
    for line in lines:
        halt.check()
        try:
            outputs.append(line())
        except BaseException:
            halt.set("failed")
            raise
    return outputs
