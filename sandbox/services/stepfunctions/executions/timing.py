"""Stopping and waiting: an execution that is stopped or times out ends at once, whatever it waits for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from sandbox.kernel.activities import Signal
from sandbox.kernel.clock import clock
from sandbox.services.stepfunctions.errors import TIMEOUT, Halted, StateError


class Halt:
    """Says once, to everybody who waits on behalf of an execution, that it has to end; `reason` is how it ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: set[Signal] = set()
        self._children: list[Halt] = []
        self.reason: str | None = None

    def child(self) -> Halt:
        """A halt for some lines of the execution: it ends with this one, and can end alone."""
        made = Halt()
        with self._lock:
            self._children.append(made)
            made.reason = self.reason
        return made

    def set(self, reason: str) -> None:
        """End all waiting; the first reason counts."""
        with self._lock:
            self.reason = self.reason or reason
            waiting = list(self._waiting)
            children = list(self._children)
        for signal in waiting:
            signal.give()
        for child in children:
            child.set(reason)

    def check(self) -> None:
        """Raise Halted if the execution has to end."""
        if self.reason is not None:
            raise Halted

    def sleep(self, seconds: float) -> None:
        """Wait that long on the sandbox's clock."""
        woken = Signal(clock.activities)
        timer = clock.call_later(seconds, woken.give)
        try:
            self.wait(woken)
        finally:
            timer.cancel()

    def wait(self, signal: Signal) -> None:
        """Wait for `signal`, or raise Halted."""
        with self._lock:
            self._waiting.add(signal)
            is_over = self.reason is not None
        if is_over:
            signal.give()
        signal.wait()
        with self._lock:
            self._waiting.discard(signal)
        self.check()


def call(work: Callable[[], Any], halt: Halt, timeout_s: float | None) -> Any:
    """Run `work` beside the execution and return what it returns, or raise what it raises.

    StateError `States.Timeout` after `timeout_s`; the work itself is left to end by itself, as a task in AWS is.
    """
    done = Signal(clock.activities)
    outcome: list[Callable[[], Any]] = []

    def run() -> None:
        try:
            value = work()
            outcome.append(lambda: value)
        except BaseException as error:  # noqa: BLE001  carried over to the execution's own thread
            failure = error
            outcome.append(lambda: _reraise(failure))
        done.give()

    clock.activities.spawn(run, "sandbox-task")
    timer = clock.call_later(timeout_s, done.give) if timeout_s is not None else None
    try:
        halt.wait(done)
    finally:
        if timer is not None:
            timer.cancel()
    if not outcome:
        raise StateError(TIMEOUT, "")
    return outcome[0]()


def _reraise(error: BaseException) -> Any:
    raise error
