"""Executions that are stopped between two states, as a person can: at each state of each state machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from moto.stepfunctions.models import stepfunctions_backends

from sandbox.kernel.place import REGION
from sandbox.services.stepfunctions.executions.interpreter import Interpreter


@dataclass(frozen=True, slots=True, order=True)
class Entered:
    """The number of a state that was entered in a step, its machine and its name."""

    number: int
    machine: str
    state: str

    def __str__(self) -> str:
        return f"{self.machine} before {self.state} (state {self.number + 1})"


class Stops:
    """Counts the states that are entered while it is on, and stops the execution that is about to enter one of them.

    `twice`: the execution that enters the next state but two is stopped, too: whoever has taken over, as a rule.
    """

    def __init__(self, at: int | None = None, *, twice: bool = False) -> None:
        self.entered: list[Entered] = []
        self.stopped = 0
        self._stops = set() if at is None else {at, at + 3} if twice else {at}

    @contextmanager
    def on(self) -> Iterator[Stops]:
        """See every state from now on."""
        original = Interpreter._state  # noqa: SLF001  where each state is entered

        def watched(run: Interpreter, name: str, state: Any, value: Any, scope: Any, cursor: Any) -> Any:
            number = len(self.entered)
            machine = str(scope.context["StateMachine"]["Name"])
            self.entered.append(Entered(number, machine, name))
            if number in self._stops:
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
