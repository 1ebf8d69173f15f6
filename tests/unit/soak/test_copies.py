"""What copies of the process report comes back, and so does that one of them has died."""

import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from typing import Any, cast

import pytest

from soak.histories.machine import _Copy
from soak.histories.wrong import WrongError
from soak.simulation import processor
from soak.simulation.copies import Report, beside, copied
from soak.simulation.processor import IN_CIRCLES, WAITS, limit


def work(number: int, *, dies: bool = False) -> Iterator[Report]:
    yield {"number": number}
    if dies:
        raise ValueError(number)


def test_a_copy_reports_line_by_line() -> None:
    assert list(copied(partial(work, 7))) == [{"number": 7}]


def test_a_copy_that_dies_says_of_what() -> None:
    first, last = copied(partial(work, 7, dies=True))
    assert first == {"number": 7}
    assert "ValueError: 7" in last["died"]


def circles() -> Iterator[Report]:
    yield {"number": 1}
    while True:
        pass


def test_what_goes_in_circles_is_ended_and_said() -> None:
    assert list(copied(circles, most_s=1)) == [{"number": 1}, {"died": IN_CIRCLES}]
    assert list(beside([circles], at_once=1, most_s=1)) == [{"number": 1}, {"died": IN_CIRCLES}]


def test_what_waits_for_ever_is_ended_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deadlock takes nothing of the processor."""

    def waits() -> Iterator[Report]:
        yield {"number": 1}
        lock = threading.Lock()
        lock.acquire()
        lock.acquire()

    monkeypatch.setattr(processor, "_SLOWEST", 0.5)
    assert list(copied(waits, most_s=1)) == [{"number": 1}, {"died": WAITS}]


def test_a_copy_that_somebody_kills_is_said() -> None:
    def is_killed() -> Iterator[Report]:
        yield {"number": 1}
        os.kill(os.getppid() if beside_another else os.getpid(), signal.SIGKILL)

    beside_another = False
    assert list(copied(is_killed)) == [{"number": 1}, {"died": "it was killed by SIGKILL"}]
    beside_another = True
    # Here the process in between is killed: what it had not passed on yet is lost with it, and its death is said.
    *passed_on, last = beside([is_killed], at_once=1)
    assert passed_on in ([], [{"number": 1}])
    assert last == {"died": "it was killed by SIGKILL"}


def test_a_copy_under_a_limit_may_let_others_go_on_without() -> None:
    """What begins within it has its own seconds."""

    def within() -> Iterator[Report]:
        limit(None)
        yield {"soft": resource.getrlimit(resource.RLIMIT_CPU)[0]}

    def outer() -> Iterator[Report]:
        yield from copied(within)

    (found,) = copied(outer, most_s=1)
    assert found["soft"] == resource.getrlimit(resource.RLIMIT_CPU)[1]


def test_an_example_that_goes_in_circles_is_wrong_and_ends() -> None:
    class Circles:
        def turns(self) -> None:
            resource.setrlimit(resource.RLIMIT_CPU, (1, -1))
            list(circles())

    example = _Copy(cast("Any", Circles))
    with pytest.raises(WrongError, match=IN_CIRCLES):
        example.does("turns", {})
    assert example.is_over
    example.end()


def test_this_process_itself_ends_with_what_has_taken_so_long() -> None:
    code = "from soak.simulation.processor import limited\nwith limited('rehearsing', 0.5):\n    while True: pass"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert f"rehearsing: {IN_CIRCLES}" in ended.stderr


def test_several_beside_each_other_all_report() -> None:
    found = list(beside([partial(work, number) for number in range(5)], at_once=2))
    assert sorted(each["number"] for each in found) == [0, 1, 2, 3, 4]
