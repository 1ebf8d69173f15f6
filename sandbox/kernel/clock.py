"""The sandbox's one clock: real time plus an offset that a test or a demo may push forward.

Everything of the sandbox that waits (associations that settle, CloudTrail's lateness, expiring invitations,
Step Functions' Wait states) asks this clock, so that advancing it is enough to see what happens later.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

_LOG = logging.getLogger(__name__)


class Timer:
    """A scheduled call that can be called off."""

    __slots__ = ("cancelled", "fn")

    def __init__(self, fn: Callable[[], object]) -> None:
        self.fn = fn
        self.cancelled = False

    def cancel(self) -> None:
        """Call it off; without effect once it has begun."""
        self.cancelled = True


class Clock:
    """Seconds since the epoch that only move forward; thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._offset = 0.0
        self._due: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._running = 0
        self._scheduler: threading.Thread | None = None

    @property
    def offset(self) -> float:
        """How far the clock has been pushed ahead of real time, in seconds."""
        return self._offset

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time() + self._offset

    def datetime(self) -> datetime:
        """The same instant, aware, in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)

    def sleep(self, seconds: float) -> None:
        """Return once `seconds` of this clock's time have passed; an `advance` cuts it short."""
        self.wait_until(self.now() + seconds)

    def wait_until(self, instant: float) -> None:
        """Return once `now()` has reached `instant`."""
        with self._changed:
            while (left := instant - self.now()) > 0:
                self._changed.wait(left)

    def call_later(self, delay_s: float, fn: Callable[[], object]) -> Timer:
        """Call `fn` on the scheduler's thread in `delay_s` seconds; an exception in it is logged, not raised.

        `fn` must be short: whatever is due next waits for it.
        """
        timer = Timer(fn)
        with self._changed:
            heapq.heappush(self._due, (self.now() + max(0.0, delay_s), next(self._order), timer))
            if self._scheduler is None or not self._scheduler.is_alive():
                self._scheduler = threading.Thread(target=self._run, name="sandbox-clock", daemon=True)
                self._scheduler.start()
            self._changed.notify_all()
        return timer

    def advance(self, seconds: float) -> None:
        """Push the clock forward and call, in order of their time, all that has become due before returning."""
        if seconds < 0:
            raise ValueError(f"the clock can't go back ({seconds} s)")
        with self._changed:
            self._offset += seconds
            self._changed.notify_all()
        while (fn := self._take()) is not None:
            self._call(fn)

    def pending(self, within_s: float = float("inf")) -> int:
        """How many calls are running now or fall due within that many seconds."""
        with self._changed:
            horizon = self.now() + within_s
            return self._running + sum(1 for at, _, timer in self._due if at <= horizon and not timer.cancelled)

    def reset(self) -> None:
        """Forget all that is scheduled and return to real time: a new organization starts with a clean clock."""
        with self._changed:
            self._due.clear()
            self._offset = 0.0
            self._changed.notify_all()

    def _take(self) -> Callable[[], object] | None:
        with self._changed:
            while self._due and self._due[0][2].cancelled:
                heapq.heappop(self._due)
            if not self._due or self._due[0][0] > self.now():
                return None
            self._running += 1
            return heapq.heappop(self._due)[2].fn

    def _call(self, fn: Callable[[], object]) -> None:
        try:
            fn()
        except Exception:  # noqa: BLE001  one failing callback must not stop the time of all others
            _LOG.exception("a scheduled call failed")
        finally:
            with self._changed:
                self._running -= 1

    def _run(self) -> None:
        while True:
            if (fn := self._take()) is not None:
                self._call(fn)
                continue
            with self._changed:
                left = self._due[0][0] - self.now() if self._due else None
                if left is None or left > 0:
                    self._changed.wait(left)


clock = Clock()
"""The clock of this process."""
