"""Executions that are stopped between two states, as a person can: at each state of each state machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from moto.stepfunctions.models import stepfunctions_backends

from sandbox.kernel.place import REGION
from sandbox.services.stepfunctions.executions.interpreter import Interpreter

_LATER = 3
"""Of two stops, the second is so many states after the first: as a rule, it meets whoever has taken over."""


@dataclass(frozen=True, slots=True, order=True)
class Entered:
    """The number of a state that was entered in a step, its machine and its name."""

    number: int
    machine: str
    state: str

    @property
    def call(self) -> str:
        """Without its number."""
        return f"{self.machine} before {self.state}"

    def __str__(self) -> str:
        return f"{self.call} (state {self.number + 1})"


@dataclass(frozen=True, slots=True)
class Way:
    """A way to be stopped. `lost`: nobody hears of it, until a person starts a run."""

    twice: bool
    lost: bool

    @property
    def kind(self) -> str:
        """How the table calls it."""
        after = "its event lost: a person starts a run" if self.lost else "with its event"
        return f"{'twice' if self.twice else 'once'}, {after}"


WAYS = tuple(Way(twice, lost) for twice in (False, True) for lost in (False, True))


class Stops:
    """Sees each state that is about to be entered while it is on. `meets` says how its execution is stopped, if it is.

    Twice: the execution that enters the next state but two is stopped, too.
    """

    def __init__(self, meets: Callable[[Entered], Way | None]) -> None:
        self.stopped = 0
        self._meets = meets
        self._number = 0
        self._next = -1

    @contextmanager
    def on(self) -> Iterator[Stops]:
        """See every state from now on."""
        original = Interpreter._state  # noqa: SLF001  where each state is entered

        def watched(run: Interpreter, name: str, state: Any, value: Any, scope: Any, cursor: Any) -> Any:
            if self._is_stopped(str(scope.context["StateMachine"]["Name"]), name):
                self.stopped += 1
                arn: str = scope.context["Execution"]["Id"]
                backend = stepfunctions_backends[arn.split(":")[4]][REGION]
                backend.describe_execution(arn).stop(None, None)
                run.halt.check()
            return original(run, name, state, value, scope, cursor)

        Interpreter._state = watched  # type: ignore[method-assign,assignment]  # noqa: SLF001
        try:
            yield self
        finally:
            Interpreter._state = original  # type: ignore[method-assign]  # noqa: SLF001

    def _is_stopped(self, machine: str, state: str) -> bool:
        number = self._number
        self._number += 1
        if self.stopped:
            return number == self._next
        way = self._meets(Entered(number, machine, state))
        if way is not None and way.twice:
            self._next = number + _LATER
        return way is not None
