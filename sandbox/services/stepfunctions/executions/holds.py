"""Executions that are held before a state, as if nobody had got round to them, until they are let go."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.kernel.activities import Activity
from sandbox.kernel.clock import clock


@dataclass(eq=False)
class Hold:
    """The next execution of a machine whose input has a text is held before it enters a state. It happens once."""

    machine: str
    state: str
    text: str
    execution: str = ""
    """Which execution it was, once one is held."""
    _gone_on: threading.Event = field(default_factory=threading.Event)
    _activity: Activity | None = None

    @property
    def is_held(self) -> bool:
        """Whether an execution stands there now."""
        return bool(self.execution) and not self._gone_on.is_set()

    def release(self) -> None:
        """Let it go on, or go by if it hasn't come."""
        if self._activity is not None:
            self._activity.work()  # here, so that no time passes before its thread wakes up
        self._gone_on.set()

    def meets(self, context: Mapping[str, Any], state: str) -> bool:
        """Whether it is for this execution, which is about to enter that state."""
        if self.execution or self._gone_on.is_set() or state != self.state:
            return False
        is_machine: bool = context["StateMachine"]["Name"].endswith(self.machine)
        return is_machine and self.text in json.dumps(context["Execution"]["Input"])

    def stand(self, execution: str) -> None:
        """Keep the execution's thread here."""
        self.execution, self._activity = execution, clock.activities.mine
        if self._activity is not None:
            self._activity.rest()
        self._gone_on.wait()


class Holds:
    """All holds of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: list[Hold] = []

    def hold(self, machine: str, state: str, text: str) -> Hold:
        """Hold the next such execution; see `Hold`."""
        with self._lock:
            self._all.append(Hold(machine, state, text))
            return self._all[-1]

    def pass_by(self, context: Mapping[str, Any], state: str) -> None:
        """An execution is about to enter a state: it returns when it may."""
        with self._lock:
            found = next((hold for hold in self._all if hold.meets(context, state)), None)
            if found is not None:
                found.execution = context["Execution"]["Id"]
        if found is not None:
            found.stand(context["Execution"]["Id"])

    @property
    def held(self) -> int:
        """How many executions are held now."""
        with self._lock:
            return sum(hold.is_held for hold in self._all)

    def clear(self) -> None:
        """Let all go."""
        with self._lock:
            for hold in self._all:
                hold.release()
            self._all.clear()


holds = Holds()
"""The holds of this process."""
