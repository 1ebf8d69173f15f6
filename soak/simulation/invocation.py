"""The invocation of a function that is under way: its role, its environment variables, and its deadline."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.kernel.identity import Principal


class Killed(BaseException):
    """The function's process has gone. `says` is the error that Lambda answers with."""

    def __init__(self, says: str = "Runtime.ExitError") -> None:
        super().__init__(says)
        self.says = says


@dataclass(eq=False, slots=True)
class Running:
    """One invocation."""

    function: Any
    principal: Principal
    variables: dict[str, str]
    deadline: float


current: ContextVar[Running | None] = ContextVar("running", default=None)
"""That of this task; None where no function is at work."""


def check_the_time() -> None:
    """Raises Killed where the function's timeout is over."""
    running = current.get()
    if running is not None and clock.now() >= running.deadline:
        raise Killed("Sandbox.Timedout")
