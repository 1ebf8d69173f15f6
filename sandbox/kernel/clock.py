"""The sandbox's one clock: real time plus an offset, which grows where everybody would only wait.

Everything of the sandbox that waits (associations that settle, CloudTrail's lateness, expiring invitations, Step
Functions' Wait states, functions that sleep) asks this clock. Work takes the time that it takes. When all is quiet
(`activities`) and a test or a story waits for the clock (`until`, `sleep`), or for an answer, the clock jumps to the
next thing that is due. Nothing comes earlier, later or in another order than it would by itself.

With `REALTIME=1` in the environment it never jumps, and what is due is waited for.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import math
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.kernel.activities import Activities, Activity

_LOG = logging.getLogger(__name__)
_PAUSE_S = 0.01
"""At least, between two looks while others are at work; twice as long as the look took, if that is longer: so that
looking doesn't slow down what is looked at."""
_LONGEST_PAUSE_S = 0.25
"""What isn't counted is looked at so often: another process, say."""


class Timer:
    """A scheduled call that can be called off."""

    __slots__ = ("cancelled", "fn")

    def __init__(self, fn: Callable[[], object]) -> None:
        self.fn = fn
        self.cancelled = False

    def cancel(self) -> None:
        """Call it off; without effect once it has begun."""
        self.cancelled = True


@dataclass(eq=False, slots=True)
class _Waiter:
    """Somebody outside who waits for the clock. `seen`: how much had happened when they looked last; None: they don't
    look, they wait for the instant.
    """

    until: float
    seen: int | None = None


def jumps_by_default() -> bool:
    """Whether clocks jump: not with REALTIME=1 in the environment."""
    return os.environ.get("REALTIME", "") in ("", "0")


class Clock:
    """Seconds since the epoch that only move forward; thread-safe."""

    def __init__(self) -> None:
        self.activities = Activities()
        self.jumps = jumps_by_default()
        self._changed = self.activities.changed
        self._offset = 0.0
        self._due: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._running = 0
        self._fired = 0
        self._waiters: set[_Waiter] = set()
        self._scheduler: threading.Thread | None = None

    @property
    def offset(self) -> float:
        """How far the clock is ahead of real time, in seconds."""
        return self._offset

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time() + self._offset

    @property
    def fired(self) -> int:
        """How many of the scheduled calls have been made, marks among them."""
        return self._fired

    def datetime(self) -> datetime:
        """The same instant, aware, in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)

    def until(self, is_so: Callable[[], object], timeout_s: float = 60.0) -> bool:
        """Wait for it, for so many seconds of this clock at most; whether it has come to that.

        It is looked whether it is so while something happens, and before each jump.
        """
        waiter = _Waiter(self.now() + timeout_s)
        with self.activities.looking():
            while True:
                began, waiter.seen = time.perf_counter(), self.activities.happened
                is_late = self.now() >= waiter.until
                if is_so():
                    return True
                if is_late:
                    return False
                self._wait(waiter, max(_PAUSE_S, 2 * (time.perf_counter() - began)))

    def sleep(self, seconds: float) -> None:
        """Return once `seconds` of this clock's time have passed; an `advance` cuts it short."""
        self.wait_until(self.now() + seconds)

    def wait_until(self, instant: float) -> None:
        """Return once `now()` has reached `instant`."""
        with self.activities.looking():
            self._wait(_Waiter(instant), math.inf)

    def next_second(self) -> None:
        """Return at the beginning of the next whole second: CloudTrail's times are whole seconds."""
        self.wait_until(self.now() // 1.0 + 1.0)

    def call_later(self, delay_s: float, fn: Callable[[], object]) -> Timer:
        """Call `fn` on the scheduler's thread in `delay_s` seconds; an exception in it is logged, not raised.

        `fn` must be short: whatever is due next waits for it.
        """
        timer = Timer(fn)
        with self._changed:
            heapq.heappush(self._due, (self.now() + max(0.0, delay_s), next(self._order), timer))
            self._schedule()
            if self._due[0][2] is timer:
                self._changed.notify_all()
        return timer

    def mark(self, instant: float) -> float:
        """Something shows differently from that instant on, without anything being called; returns the instant.

        Who waits for a thing to show finds it then: the clock doesn't jump past it.
        """
        if (left := instant - self.now()) > 0:
            self.call_later(left, _nothing)
        return instant

    def advance(self, seconds: float) -> None:
        """Push the clock forward and call, in order of their time, all that has become due before returning."""
        if seconds < 0:
            raise ValueError(f"the clock can't go back ({seconds} s)")
        with self._changed:
            self._offset += seconds
            self._changed.notify_all()
        while (taken := self._take()) is not None:
            self._call(*taken)

    def pending(self, within_s: float = math.inf) -> int:
        """How many calls are running now or fall due within that many seconds."""
        with self._changed:
            horizon = self.now() + within_s
            return self._running + sum(1 for at, _, timer in self._due if at <= horizon and not timer.cancelled)

    def reset(self, *, jumps: bool | None = None) -> None:
        """Forget all that is scheduled and return to real time: a new organization starts with a clean clock.

        `jumps`: whether it jumps from now on; as the environment says unless given.
        """
        with self._changed:
            self._due.clear()
            self._offset = 0.0
            self.jumps = jumps_by_default() if jumps is None else jumps
            self.activities.forget()

    def _wait(self, waiter: _Waiter, pause_s: float) -> None:
        """Rest until the waiter's instant or, if it looks, until something has happened and a pause is over."""
        mine = self.activities.mine
        with self._changed:
            self._waiters.add(waiter)
            self.activities.waiters = len(self._waiters)
            self._schedule()
            if mine is not None:
                mine.rest()
            looks_at = time.monotonic() + pause_s
            latest = time.monotonic() + max(pause_s, _LONGEST_PAUSE_S)
            while (left := waiter.until - self.now()) > 0:
                now = time.monotonic()
                if waiter.seen is not None:
                    if not self.activities.at_work and waiter.seen != self.activities.happened:
                        break
                    if now >= (looks_at if self.activities.at_work else latest):
                        break
                    left = min(left, (looks_at if now < looks_at else latest) - now)
                self._changed.wait(left)
            self._waiters.discard(waiter)
            self.activities.waiters = len(self._waiters)
            if mine is not None:
                mine.work()

    def _take(self) -> tuple[Callable[[], object], Activity] | None:
        """What is due, and the activity of calling it."""
        with self._changed:
            while self._due and self._due[0][2].cancelled:
                heapq.heappop(self._due)
            if not self._due or self._due[0][0] > self.now():
                return None
            self._running += 1
            return heapq.heappop(self._due)[2].fn, self.activities.begin()

    def _call(self, fn: Callable[[], object], activity: Activity) -> None:
        with self.activities.carrying(activity):
            try:
                fn()
            except Exception:  # noqa: BLE001  one failing callback must not stop the time of all others
                _LOG.exception("a scheduled call failed")
            finally:
                with self._changed:
                    self._running -= 1
                    self._fired += 1

    def _jump(self) -> bool:
        """To the next instant that something is due at, or that somebody waits for, if nothing can come before it."""
        if not self.jumps or self.activities.at_work or not (self._waiters or self.activities.resting_calls):
            return False
        if any(waiter.seen not in (None, self.activities.happened) for waiter in self._waiters):
            return False
        instants = [at for at, _, _ in self._due[:1]] + [waiter.until for waiter in self._waiters]
        ahead = min(instants, default=math.inf) - self.now()
        if not 0 < ahead < math.inf:
            return False
        self._offset += ahead
        self.activities.happened += 1
        self._changed.notify_all()
        return True

    def _schedule(self) -> None:
        if self._scheduler is None or not self._scheduler.is_alive():
            self._scheduler = threading.Thread(target=self._run, name="sandbox-clock", daemon=True)
            self._scheduler.start()

    def _run(self) -> None:
        while True:
            with self._changed:
                while (taken := self._take()) is None:
                    if not self._jump():
                        self._changed.wait(self._due[0][0] - self.now() if self._due else None)
            self._call(*taken)


def _nothing() -> None:
    """What is called at a mark."""


clock = Clock()
"""The clock of this process."""
