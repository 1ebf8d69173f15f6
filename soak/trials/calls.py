"""Every AWS call of the functions and of the state machines, and a fault at one of them.

The calls come from playing the step once: a call that is new is tried by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sandbox.authorization import enforce
from sandbox.authorization.accesses import Access, Call
from sandbox.kernel.identity import Principal
from sandbox.kernel.wire.failures import LOST_ANSWER, Failure, errors_of, failures
from soak.simulation.invocation import Killed, current

_OURS, _EVENTBRIDGES = "stagegate-", "stagegate-start-"
"""How the roles of functions and of state machines are called, those in member accounts too; EventBridge has others."""


@dataclass(frozen=True, slots=True, order=True)
class Made:
    """A call: by which role, of what, and how many of the same that role has made before in this step.

    `in_function`: a function made it; otherwise a state machine did.
    """

    role: str
    service: str
    operation: str
    number: int
    in_function: bool = True

    def __str__(self) -> str:
        return f"{self.role} {self.service}:{self.operation}" + (f" #{self.number + 1}" if self.number else "")


@dataclass(frozen=True, slots=True)
class Fault:
    """What becomes of it. `times`: of that many attempts in a row. `kind` is how the table calls it."""

    kind: str
    code: str = ""
    status: int = 0
    moment: str = "before"
    times: int = 1


def faults_of(made: Made) -> list[Fault]:
    """Every fault that is tried on a call."""
    known = errors_of(made.service, made.operation)
    errors = dict(known.values())
    throttle = next(code for code in ("ThrottlingException", "Throttling", "SlowDown") if code in errors)
    denied = next(code for code in ("AccessDeniedException", "AccessDenied") if code in errors)
    found = [
        Fault("throttled", throttle, errors[throttle], times=6),
        Fault("denied", denied, errors[denied]),
        Fault("lost before", LOST_ANSWER),
        Fault("lost after", LOST_ANSWER, moment="after"),
    ]
    if made.in_function:
        found += [Fault("timeout"), Fault("killed before"), Fault("killed after", moment="after")]
    taken = {throttle, denied}
    found += [Fault(code, code, status) for code, status in sorted(errors.items()) if code not in taken]
    return found


_caller: ContextVar[str] = ContextVar("caller's role", default="")


class Watch:
    """Counts the calls while it is on, and lets one of them meet its fault."""

    def __init__(self, at: Made | None = None, fault: Fault | None = None) -> None:
        self.made: list[Made] = []
        self.has_met = False
        self._at, self._fault = at, fault
        self._at_operation = (at.role, at.service, at.operation) if at is not None else None
        self._killing = False
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._left = fault.times if fault is not None else 0

    @contextmanager
    def on(self) -> Iterator[Watch]:
        """See every call from now on."""
        answered, take = enforce._Answering._answered, failures.take  # noqa: SLF001  the one place that knows all

        def watched(answering: Any, principal: Principal, call: Call, needed: list[Access]) -> Any:
            _caller.set((principal.role_arn or "").rsplit("/", 1)[-1])
            answer = answered(answering, principal, call, needed)
            self._after()
            return answer

        enforce._Answering._answered = watched  # type: ignore[method-assign,assignment]  # noqa: SLF001
        failures.take = self._take  # type: ignore[method-assign]
        try:
            yield self
        finally:
            enforce._Answering._answered, failures.take = answered, take  # type: ignore[method-assign]  # noqa: SLF001

    def _take(self, service: str, operation: str, account: str) -> Failure | None:
        role = _caller.get()
        if not role.startswith(_OURS) or role.startswith(_EVENTBRIDGES):
            return None
        fault = self._fault
        again = self.has_met and self._left and self._at is not None
        if again and fault is not None and (role, service, operation) == self._at_operation:
            self._left -= 1
            return Failure(service, operation, fault.code, fault.status, "before", account)
        key = (role, service, operation)
        made = Made(*key, self._counts[key], current.get() is not None)
        self._counts[key] += 1
        self.made.append(made)
        if made != self._at or fault is None:
            return None
        self.has_met = True
        self._left -= 1
        if fault.code:
            return Failure(service, operation, fault.code, fault.status, fault.moment, account)  # type: ignore[arg-type]
        if fault.moment == "after":
            self._killing = True
            return None
        raise Killed("Sandbox.Timedout" if fault.kind == "timeout" else "Runtime.ExitError")

    def _after(self) -> None:
        if self._killing:
            self._killing = False
            raise Killed
