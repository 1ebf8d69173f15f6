"""The sandbox's clock without any real time in it: while somebody works it only ticks, once for each look at it."""

from __future__ import annotations

import heapq
import itertools
import logging
import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sandbox.kernel.activities import Activities, Places, Signal
from sandbox.kernel.clock import Clock, Timer
from soak.simulation.scheduler import scheduler

_LOG = logging.getLogger(__name__)
_BEGINNING = datetime(2026, 11, 30, 8, tzinfo=UTC).timestamp()
_TICK_S = 0.001
"""What passes while somebody looks at the clock. About five looks make an AWS call."""


class SimulatedClock(Clock):
    """The sandbox's clock object becomes one of these: everybody has imported that object, and keeps it."""

    def begin(self) -> None:
        """Start over, from the same instant each time."""
        self._now = _BEGINNING
        self._heap: list[tuple[float, int, Timer]] = []
        self._number = itertools.count()

    @property
    def offset(self) -> float:
        return 0.0

    def now(self) -> float:
        self._now += _TICK_S
        return self._now

    def until(self, is_so: Callable[[], object], timeout_s: float = 60.0) -> bool:
        latest = self._now + timeout_s
        while not is_so():
            if not self.go_on(latest):
                return bool(is_so())
        return True

    def wait_until(self, instant: float) -> None:
        if scheduler.current is not None:
            signal = Signal(self.activities)
            self.call_later(instant - self._now, signal.give)
            signal.wait()
            return
        while self.go_on(instant):
            pass
        self._now = max(self._now, instant)

    def next_second(self) -> None:
        self.wait_until(math.floor(self._now) + 1.0)

    def call_later(self, delay_s: float, fn: Callable[[], object]) -> Timer:
        timer = Timer(fn)
        heapq.heappush(self._heap, (self._now + max(0.0, delay_s), next(self._number), timer))
        return timer

    def advance(self, seconds: float) -> None:
        self.wait_until(self._now + seconds)

    def pending(self, within_s: float = math.inf) -> int:
        return sum(1 for at, _, timer in self._heap if at <= self._now + within_s and not timer.cancelled)

    def reset(self, *, jumps: bool | None = None) -> None:
        self.begin()
        scheduler.forget()

    def go_on(self, latest: float = math.inf) -> bool:
        """Let one task go on or, where none can, what is due next begin, up to an instant; False: nothing is due."""
        if scheduler.run_one():
            return True
        while self._heap and self._heap[0][2].cancelled:
            heapq.heappop(self._heap)
        if not self._heap or self._heap[0][0] > latest:
            return False
        at, _, timer = heapq.heappop(self._heap)
        self._now = max(self._now, at)
        scheduler.spawn(timer.fn, "due")
        return True


def _give(self: Signal) -> None:
    if not self._given.is_set():
        self._given.set()
        for task in self._waiting:
            scheduler.wake(task)  # type: ignore[arg-type]  # tasks lie here in place of activities
        self._waiting.clear()


def _wait(self: Signal) -> None:
    if self._given.is_set():
        return
    task = scheduler.current
    if task is not None:
        self._waiting.append(task)  # type: ignore[arg-type]
        scheduler.rest()
        return
    clock = _simulated
    while not self._given.is_set():
        if clock is None or not clock.go_on():
            raise RuntimeError("nothing will ever give this signal")


_simulated: SimulatedClock | None = None


class _Nobody:
    """An activity that isn't counted: the current task is the only one at work."""

    is_at_work = False

    def work(self) -> None:
        pass

    rest = end = work

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


_NOBODY = _Nobody()


class SimulatedActivities(Activities):
    """Each piece of work is a task."""

    def spawn(self, work: Callable[[], object], name: str) -> None:
        scheduler.spawn(work, name)

    def begin(self) -> _Nobody:  # type: ignore[override]
        return _NOBODY

    def carrying(self, _activity: object) -> _Nobody:  # type: ignore[override]
        return _NOBODY

    def answering(self) -> Any:
        return _NOBODY

    def looking(self) -> Any:
        return _NOBODY

    @property
    def others_at_work(self) -> int:
        return scheduler.ready


def _enter(_self: Places) -> None:
    """There is room for everybody: one at a time is at work."""


def _leave(_self: Places, *_: object) -> None:
    """As above."""


def run_one(seconds: float) -> bool:
    """Let one task go on, or what is due within that time begin; whether there was any."""
    return _simulated is not None and _simulated.go_on(_simulated.now() + seconds)


def install(clock: Clock) -> SimulatedClock:
    """Make the sandbox's clock such a one, for as long as this process lives."""
    global _simulated  # noqa: PLW0603  there is one clock in a process
    clock.__class__ = SimulatedClock
    clock.activities.__class__ = SimulatedActivities
    Signal.give, Signal.wait = _give, _wait  # type: ignore[method-assign]
    Places.__enter__, Places.__exit__ = _enter, _leave  # type: ignore[method-assign]
    made: Any = clock
    made.begin()
    _simulated = made
    return _simulated
