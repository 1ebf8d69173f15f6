"""Copies of this process: each goes on from where this one stands, and reports what it found, a line each."""

from __future__ import annotations

import gc
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from soak.simulation import processor, scheduler

Report = dict[str, Any]


def copied(work: Callable[[], Iterable[Report]], most_s: int | None = None) -> Iterator[Report]:
    """Do the work in a copy of this process; yield its reports as they come. {"died": TEXT} where it breaks, or takes
    more seconds of the processor than `most_s`; copies that it makes have their own.
    """
    sys.stdout.flush()
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        gc.disable()  # it ends soon, and a collection would copy all that it shares with this one
        scheduler.forget_threads()
        processor.limit(most_s)
        with os.fdopen(writing, "w") as pipe:
            try:
                for report in work():
                    pipe.write(json.dumps(report) + "\n")
                    pipe.flush()
            except BaseException:  # noqa: BLE001  whatever it is, the other one has to hear of it
                pipe.write(json.dumps({"died": traceback.format_exc()}) + "\n")
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as lines:
        for line in lines:
            yield json.loads(line)
    if killed := processor.why(os.waitpid(process, 0)[1]):
        yield {"died": killed}


def beside(
    works: Iterable[Callable[[], Iterable[Report]]], at_once: int, most_s: int | None = None
) -> Iterator[Report]:
    """Do several in copies beside each other, so many at once; their reports in no order that means anything. `most_s`
    is for each of them.
    """
    left = iter(works)
    going: dict[int, int] = {}
    while True:
        while len(going) < at_once and (work := next(left, None)) is not None:
            reading, process = _begun(work, most_s)
            going[reading] = process
        if not going:
            return
        reading, process = next(iter(going.items()))
        with os.fdopen(reading) as lines:
            yield from (json.loads(line) for line in lines)
        del going[reading]
        if killed := processor.why(os.waitpid(process, 0)[1]):
            yield {"died": killed}


def _begun(work: Callable[[], Iterable[Report]], most_s: int | None) -> tuple[int, int]:
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        code = 1
        try:
            with os.fdopen(writing, "w") as pipe:
                for report in copied(work, most_s):
                    pipe.write(json.dumps(report) + "\n")
                    pipe.flush()
            code = 0
        finally:  # it is a copy: nothing of what this process was about goes on in it
            os._exit(code)
    os.close(writing)
    return reading, process
