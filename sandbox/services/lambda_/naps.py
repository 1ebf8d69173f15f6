"""A function's sleep: its invocation is at rest until the clock comes to the end of it."""

from __future__ import annotations

import threading

from sandbox.kernel.activities import Activity
from sandbox.kernel.clock import clock


class Nap:
    """Begins when it is made. The invocation is at work again before whoever waits for the end of the nap goes on."""

    def __init__(self, invocation: Activity, seconds: float) -> None:
        self._invocation = invocation
        self._over = threading.Event()
        with clock.activities.changed:  # or a short nap might end before it has begun
            self._timer = clock.call_later(seconds, self.end)
            invocation.rest()

    def end(self) -> None:
        """It is over, if it hasn't been for long."""
        with clock.activities.changed:
            if not self._over.is_set():
                self._timer.cancel()
                self._invocation.work()
                self._over.set()

    def wait(self) -> None:
        """Return when it is over."""
        self._over.wait()
