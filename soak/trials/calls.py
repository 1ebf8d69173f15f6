"""Every AWS call of the functions and of the state machines, and what can become of one.

The calls come from playing the step: a call that is new is tried by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, NoReturn

from sandbox.authorization import enforce
from sandbox.authorization.accesses import Access, Call
from sandbox.kernel.clock import clock
from sandbox.kernel.identity import Principal
from sandbox.kernel.wire.failures import LOST_ANSWER, Failure, errors_of, failures
from soak.simulation.invocation import Killed, current
from soak.trials.alike import Alike, seen_by_a_function, seen_by_a_state_machine

_OURS, _EVENTBRIDGES = "stagegate-", "stagegate-start-"
"""How the roles of functions and of state machines are called, those in member accounts too; EventBridge has others."""
_ATTEMPTS = 6
"""More than the SDK makes: whoever is throttled so long hears of it."""


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

    @property
    def call(self) -> str:
        """Without its number."""
        return f"{self.role} {self.service}:{self.operation}"

    def __str__(self) -> str:
        return self.call + (f" #{self.number + 1}" if self.number else "")


@dataclass(frozen=True, slots=True)
class Fault:
    """What becomes of it. `times`: of that many attempts in a row. `kind` is how the table calls it.

    `alike`: what the product can see of an error; nothing for what is no error that its model has.
    """

    kind: str
    code: str = ""
    status: int = 0
    moment: str = "before"
    times: int = 1
    alike: Alike = ()


def faults_of(made: Made) -> list[Fault]:
    """Every fault that can be tried on a call."""
    known = errors_of(made.service, made.operation)
    errors = dict(known.values())
    throttle = next(code for code in ("ThrottlingException", "Throttling", "SlowDown") if code in errors)
    denied = next(code for code in ("AccessDeniedException", "AccessDenied") if code in errors)
    found = [
        Fault("throttled", throttle, errors[throttle], times=_ATTEMPTS),
        Fault("denied", denied, errors[denied]),
        Fault("lost before", LOST_ANSWER),
        Fault("lost after", LOST_ANSWER, moment="after"),
    ]
    if made.in_function:
        found += [Fault("timeout"), Fault("killed before"), Fault("killed after", moment="after")]
    for code, status in sorted(errors.items()):
        if code in (throttle, denied):
            continue
        call = made.service, made.operation, code
        alike = seen_by_a_function(*call, status) if made.in_function else seen_by_a_state_machine(*call)
        found.append(Fault(code, code, status, alike=alike))
    return found


_caller: ContextVar[str] = ContextVar("caller's role", default="")


class Watch:
    """Sees each call while it is on, before anything has become of it. `meets` says what is to become of it."""

    def __init__(self, meets: Callable[[Made], Fault | None]) -> None:
        self._meets = meets
        self._killing = False
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._at: tuple[str, str, str] | None = None
        self._fault: Fault | None = None
        self._left = 0

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
        key = (role, service, operation)
        if self._fault is not None:
            # One fault is met. The attempts that follow meet the same, as long as it lasts.
            if self._left and key == self._at:
                return self._failure(self._fault, service, operation, account)
            return None
        made = Made(*key, self._counts[key], current.get() is not None)
        self._counts[key] += 1
        fault = self._meets(made)
        if fault is None:
            return None
        self._at, self._fault, self._left = key, fault, fault.times
        if fault.code:
            return self._failure(fault, service, operation, account)
        self._left = 0
        if fault.moment == "after":
            self._killing = True
            return None
        if fault.kind == "timeout":
            _run_out_of_time()
        raise Killed

    def _failure(self, fault: Fault, service: str, operation: str, account: str) -> Failure:
        self._left -= 1
        return Failure(service, operation, fault.code, fault.status, fault.moment, account)  # type: ignore[arg-type]

    def _after(self) -> None:
        if self._killing:
            self._killing = False
            raise Killed


def _run_out_of_time() -> NoReturn:
    """The call takes all the time that its function has, while others go on."""
    running = current.get()
    if running is not None and (left := running.deadline - clock.now()) > 0.0:
        clock.sleep(left)
    raise Killed("Sandbox.Timedout")
