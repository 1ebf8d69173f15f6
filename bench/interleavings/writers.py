"""Writers as the answers they have had: running the product's code again up to the call that it makes next."""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, cast
from unittest.mock import patch

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from stagegate.aws.environment import Environment
from stagegate.aws.sessions import Members
from stagegate.core.errors import StagegateError
from stagegate.surfaces.policies import apply as apply_policies
from stagegate.surfaces.policies.apply import PolicyWriter
from stagegate.targets.target import CloseTarget, OpenTarget

from .aws import Answer, Call
from .documents import GOVERNANCE, PREFIX

TABLE = "ledger"
START = 1_800_000_000
OVER_A_LEASE = 1_000
"""Seconds that pass when a lease runs out."""
Change = OpenTarget | CloseTarget
Control = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True, slots=True)
class Ended:
    """A writer has come to its end: `error` is the name of what it raised, which the state machine routes on."""

    error: str | None = None
    message: str = ""


class _Next(BaseException):
    """The writer makes a call that nobody has answered yet. No `except Exception` of the product's sees it."""


@dataclass
class Writers:
    """Runs writers. `control` takes something away from the product, to see that its lack is found."""

    control: Control | None = None
    _known: dict[tuple[Change, str, int, tuple[int, ...]], Call | Ended] = field(default_factory=dict)
    _numbers: dict[Answer, int] = field(default_factory=dict)
    _answers: list[Answer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._tape = _Tape()
        self._session = cast("boto3.Session", _Clients(self._tape))
        environment = Environment(
            account=GOVERNANCE,
            region="us-east-1",
            prefix=PREFIX,
            table=TABLE,
            settings=Path("governance.toml"),
        )
        self._writer = PolicyWriter(environment=environment, dynamodb=self._session.client("dynamodb"))

    def number(self, answer: Answer) -> int:
        """A number for an answer, the same for equal ones."""
        if answer not in self._numbers:
            self._numbers[answer] = len(self._answers)
            self._answers.append(answer)
        return self._numbers[answer]

    def next(self, change: Change, holder: str, tick: int, had: tuple[int, ...]) -> Call | Ended:
        """Return what a writer does that started at a tick of the clock and has had these answers."""
        known = (change, holder, tick, had)
        if known not in self._known:
            self._known[known] = self._run(change, holder, tick, [self._answers[number] for number in had])
        return self._known[known]

    @property
    def runs(self) -> int:
        """How often the product's code has run."""
        return len(self._known)

    def _run(self, change: Change, holder: str, tick: int, answers: list[Answer]) -> Call | Ended:
        self._tape.rewind(answers)
        clock = _Clock(datetime.fromtimestamp(START + tick * OVER_A_LEASE, UTC))
        try:
            with ExitStack() as stack:
                stack.enter_context(patch("time.sleep", lambda _: None))
                stack.enter_context(patch.object(apply_policies, "datetime", clock))
                stack.enter_context(patch.object(Members, "through", lambda *_: self))
                if self.control:
                    stack.enter_context(self.control())
                self._writer.apply(change, holder, None)
        except _Next:
            if self._tape.requested is None:
                raise
            return self._tape.requested
        except StagegateError as error:
            return Ended(type(error).__name__, str(error))
        return Ended()

    def session(self, _account: str, **_: Any) -> boto3.Session:
        """The session of a member account, as `Members` gives it."""
        return self._session


@dataclass(frozen=True)
class _Clock:
    moment: datetime

    def now(self, _zone: object) -> datetime:
        return self.moment


@dataclass
class _Tape:
    """Plays the answers. The first call beyond them ends the run, and so do those of its `finally` blocks."""

    requested: Call | None = None
    _left: list[Answer] = field(default_factory=list)

    def rewind(self, answers: list[Answer]) -> None:
        self._left, self.requested = list(reversed(answers)), None

    @property
    def is_playing(self) -> bool:
        return bool(self._left) and self.requested is None

    def play(self, operation: str) -> Any:
        found = self._left.pop()
        if isinstance(found, str):
            return json.loads(found)
        if not found.code:
            raise ConnectionClosedError(endpoint_url=operation)
        response: Any = {"Error": {"Code": found.code, "Message": ""}, **json.loads(found.more)}
        raise ClientError(response, operation)

    def end(self, operation: str, parameters: Mapping[str, Any]) -> NoReturn:
        self.requested = self.requested or Call(operation, parameters)
        raise _Next


@dataclass
class _Clients:
    """Gives boto3's own clients, which check a request against AWS's model when it is made for the first time."""

    tape: _Tape
    _made: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str, **_: Any) -> Any:
        if service not in self._made:
            # Which of boto3's types a client has depends on `service`.
            made: Any = boto3.client(  # type: ignore[call-overload]
                service, region_name="us-east-1", config=Config(signature_version=UNSIGNED)
            )
            checked = made._make_api_call  # noqa: SLF001  # the one way that all its methods and pages go
            requested: list[Mapping[str, Any]] = []

            def call(operation: str, parameters: Mapping[str, Any]) -> Any:
                if self.tape.is_playing:
                    return self.tape.play(operation)
                requested.append(parameters)
                return checked(operation, parameters)

            made._make_api_call = call  # noqa: SLF001
            made.meta.events.register(
                f"before-call.{service}.*", lambda model, **_: self.tape.end(model.name, requested.pop())
            )
            self._made[service] = made
        return self._made[service]
