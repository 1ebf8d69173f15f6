"""Deliveries: worker threads, retries, dead-letter queues, and a way for tests to hold them."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sandbox.kernel.activities import Activity
from sandbox.kernel.clock import clock
from sandbox.kernel.delays import delays

_LOG = logging.getLogger(__name__)
_WORKERS = 4
_LONGEST_PAUSE_S = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """One event on its way to one target of one rule. `target` is the rule's own JSON."""

    rule_arn: str
    rule_name: str
    account: str
    region: str
    target: dict[str, Any]
    event: dict[str, Any]
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a delivery ended: `error` is None when it arrived, else `CODE: message`; `dead_letter` if it was kept."""

    at: float
    rule_name: str
    target_arn: str
    event: dict[str, Any]
    attempts: int
    error: str | None
    dead_letter: bool = False


Attempt = Callable[[Delivery], "Outcome | float"]
"""Tries a delivery: its outcome, or the seconds after which to try again."""


class Deliveries:
    """All deliveries of this process. `attempt` is set by the module that knows the targets."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: queue.SimpleQueue[tuple[int, Delivery, Activity]] = queue.SimpleQueue()
        self._workers: list[threading.Thread] = []
        self._generation = 0
        self._open = 0
        self._hold: Callable[[Delivery], bool] | None = None
        self._held: list[Delivery] = []
        self._trace: list[Outcome] = []
        self.attempt: Attempt | None = None

    def start(self, delivery: Delivery) -> None:
        """Deliver, soon, on a worker thread; or keep it, while `hold` is on."""
        with self._lock:
            if self._hold is not None and self._hold(delivery):
                self._held.append(delivery)
                return
            self._enqueue(delivery)

    def hold(self, which: Callable[[Delivery], bool] = lambda _: True) -> None:
        """From now on keep the deliveries that `which` picks, until `release`."""
        with self._lock:
            self._hold = which

    @property
    def held(self) -> tuple[Delivery, ...]:
        """What is being held, oldest first."""
        with self._lock:
            return tuple(self._held)

    def release(self, order: Callable[[list[Delivery]], list[Delivery]] = lambda held: held) -> None:
        """Stop holding and deliver what `order` makes of the held ones: reversed, doubled, one left out."""
        with self._lock:
            self._hold = None
            held, self._held = self._held, []
            for delivery in order(held):
                self._enqueue(delivery)

    def drain(self, timeout: float = 30.0) -> bool:
        """Wait until nothing is on its way (held ones and events still to be emitted not counted); False if late."""
        return clock.until(lambda: self._open == 0, timeout)

    @property
    def open(self) -> int:
        """How many are on their way, waiting for a retry included."""
        return self._open

    @property
    def trace(self) -> tuple[Outcome, ...]:
        """How every delivery so far ended."""
        with self._lock:
            return tuple(self._trace)

    def reset(self) -> None:
        """Forget everything; deliveries under way end unheard."""
        with self._lock:
            self._generation += 1
            self._open = 0
            self._hold = None
            self._held.clear()
            self._trace.clear()

    def _enqueue(self, delivery: Delivery) -> None:
        while len(self._workers) < _WORKERS:
            worker = threading.Thread(target=self._work, name="sandbox-delivery", daemon=True)
            self._workers.append(worker)
            worker.start()
        self._open += 1
        self._queue.put((self._generation, delivery, clock.activities.begin()))

    def _work(self) -> None:
        while True:
            generation, delivery, activity = self._queue.get()
            with clock.activities.carrying(activity):
                if generation != self._generation:
                    continue
                outcome = self._try(delivery)
                if isinstance(outcome, Outcome):
                    self._end(generation, outcome)
                else:
                    again = replace(delivery, attempts=delivery.attempts + 1)
                    clock.call_later(outcome, partial(self._again, generation, again))

    def _again(self, generation: int, delivery: Delivery) -> None:
        self._queue.put((generation, delivery, clock.activities.begin()))

    def _try(self, delivery: Delivery) -> Outcome | float:
        if self.attempt is None:
            raise RuntimeError("the bus is not installed")
        try:
            return self.attempt(delivery)
        except Exception as error:  # noqa: BLE001  a fault of the sandbox must not lose the worker, nor go unseen
            _LOG.exception("a delivery broke the sandbox")
            arn = delivery.target["Arn"]
            message = f"SANDBOX: {error!r}"
            return Outcome(clock.now(), delivery.rule_name, arn, delivery.event, delivery.attempts + 1, message)

    def _end(self, generation: int, outcome: Outcome) -> None:
        with self._lock:
            if generation != self._generation:
                return
            self._trace.append(outcome)
            self._open -= 1


def retry_pause(attempts: int) -> float:
    """Seconds before the next attempt: doubling, capped."""
    return min(delays.delivery_retry * 2.0**attempts, _LONGEST_PAUSE_S)


deliveries = Deliveries()
"""The deliveries of this process."""
