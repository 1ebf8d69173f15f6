"""The product's functions, run where they are called: no process, no HTTP, and each call of theirs is a turn.

What is theirs stays theirs: the code that was deployed, the role, the environment variables, the timeout, and the
clients that a warm environment keeps. A client's requests end in the sandbox's services, as the function's role.
"""

from __future__ import annotations

import datetime
import importlib
import importlib.util
import itertools
import json
import os
import pkgutil
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import botocore.endpoint
from botocore import UNSIGNED
from botocore.config import Config
from moto.core.models import botocore_stubber

from sandbox.authorization.service_roles import assume
from sandbox.kernel.callers import in_process_headers
from sandbox.kernel.clock import clock
from sandbox.kernel.identity import Principal, registry
from sandbox.kernel.place import REGION
from sandbox.kernel.wire import transport
from sandbox.services.cloudwatch.alarms import put_metric
from sandbox.services.lambda_.files import files
from sandbox.services.lambda_.pool import ThrottledError
from sandbox.services.lambda_.runtime_api import Answer
from soak.stage.turns import turns

_real_session = boto3.Session
_real_client: Any = boto3.client
_real_datetime = datetime.datetime


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
    calls: int = 0


@dataclass(slots=True)
class Warm:
    """An environment of a function: its handler, with what that keeps."""

    handler: Callable[[dict[str, Any], Any], Any]
    principal: Principal
    variables: dict[str, str]


Watch = Callable[[Running, str, str], None]
"""Sees each call before it is sent (the invocation, service, operation), and may raise Killed."""

_running: ContextVar[Running | None] = ContextVar("running", default=None)
_number = itertools.count()


@dataclass(slots=True)
class Functions:
    """Takes the place of the pool of workers. `settings` is the governance.toml that environments are made with."""

    settings: Path
    watch: Watch | None = None
    endpoint_url: str = ""
    _warm: dict[str, Warm] = field(default_factory=dict)
    _at_work: dict[str, int] = field(default_factory=dict)

    def run(self, function: Any, request_id: str, payload: bytes) -> Answer:
        """Run the function once."""
        arn: str = function.function_arn
        if function.reserved_concurrency is not None and self._at_work.get(arn, 0) >= int(
            function.reserved_concurrency
        ):
            raise ThrottledError(arn)
        self._at_work[arn] = self._at_work.get(arn, 0) + 1
        try:
            return self._run(function, request_id, payload)
        finally:
            self._at_work[arn] -= 1

    def begin_anew(self, settings: Path) -> None:
        """As after a deployment: no environment is warm, and the rules are another file."""
        self.settings = settings
        self._warm.clear()

    def preload(self) -> None:
        """There is nothing that the first invocation would wait for."""

    def stop(self) -> None:
        """Forget all environments."""
        self._warm.clear()

    def _run(self, function: Any, request_id: str, payload: bytes) -> Answer:
        name: str = function.function_name
        started = clock.now()
        try:
            warm = self._warm.get(name)
            if warm is None:
                principal = assume("lambda.amazonaws.com", function.role, name)
                variables = self._variables(function)
            else:
                principal, variables = warm.principal, warm.variables
            running = Running(function, principal, variables, started + float(function.timeout))
            token = _running.set(running)
            try:
                if warm is None:
                    warm = self._warm[name] = Warm(_load(function), principal, variables)
                context = _Context(function, request_id, running.deadline)
                answer = warm.handler(json.loads(payload), context)
            finally:
                _running.reset(token)
            return Answer("response", json.dumps(answer).encode())
        except Killed as killed:
            self._warm.pop(name, None)
            return _error(killed.says, f"RequestId: {request_id} Error: {killed.says}", [])
        except Exception as error:  # noqa: BLE001  the handler's own failure is its answer
            return _error(type(error).__name__, str(error), traceback.format_tb(error.__traceback__))

    def _variables(self, function: Any) -> dict[str, str]:
        own = {name: str(value) for name, value in function.environment_vars.items()}
        if "STAGEGATE_SETTINGS" in own:
            own["STAGEGATE_SETTINGS"] = str(self.settings)
        return {
            **own,
            "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
            "AWS_REGION": function.region,
            "AWS_DEFAULT_REGION": function.region,
        }


def is_running() -> bool:
    """Whether a function is at work on this line."""
    return _running.get() is not None


def _error(kind: str, message: str, trace: list[str]) -> Answer:
    body = {"errorMessage": message, "errorType": kind, "stackTrace": trace}
    return Answer("error", json.dumps(body).encode())


class _Context:
    """The handler's context object."""

    identity = None
    client_context = None
    function_version = "$LATEST"

    def __init__(self, function: Any, request_id: str, deadline: float) -> None:
        self.aws_request_id = request_id
        self.invoked_function_arn = function.function_arn
        self.function_name = function.function_name
        self.memory_limit_in_mb = str(function.memory_size)
        self._deadline = deadline

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - clock.now()) * 1000))


def _load(function: Any) -> Callable[[dict[str, Any], Any], Any]:
    """The handler of a new environment: `app.py` is imported anew, the layer's modules are everybody's."""
    module_name, _, handler = function.handler.rpartition(".")
    file = files.code(function.code_bytes) / f"{module_name}.py"
    name = f"soak_function_{next(_number)}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(str(file))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Callable[[dict[str, Any], Any], Any] = getattr(module, handler)
    return found


# --- what the product's modules find in place of the machine ----------------------------------------------------------


class _IsAnyDatetime(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _real_datetime)


class _Datetime(_real_datetime, metaclass=_IsAnyDatetime):
    """What the product imports in place of `datetime.datetime`."""

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return _real_datetime.fromtimestamp(clock.now(), tz)


def _sleep(seconds: float) -> None:
    _look_at_the_time()
    clock.sleep(seconds)
    _look_at_the_time()


_time = SimpleNamespace(
    **{**vars(time), "time": clock.now, "monotonic": clock.now, "perf_counter": clock.now, "sleep": _sleep}
)


def _look_at_the_time() -> None:
    running = _running.get()
    if running is not None and clock.now() >= running.deadline:
        raise Killed("Sandbox.Timedout")


def _import_the_product() -> None:
    """Import all of it now, so that all of it knows this time, whatever a function imports late."""
    datetime.datetime = _Datetime  # type: ignore[misc]
    sys.modules["time"] = _time  # type: ignore[assignment]
    try:
        product = importlib.import_module("stagegate")
        for found in pkgutil.walk_packages(product.__path__, "stagegate."):
            if not found.name.endswith("__main__"):
                importlib.import_module(found.name)
    finally:
        datetime.datetime = _real_datetime  # type: ignore[misc]
        sys.modules["time"] = time


class _Variables(type(os.environ)):  # type: ignore[misc]  # its class has no public name
    """The machine's environment variables, and for a function that runs, its own."""

    def __getitem__(self, key: str) -> str:
        running = _running.get()
        if running is not None and key in running.variables:
            return running.variables[key]
        found: str = super().__getitem__(key)
        return found


def _observability() -> ModuleType:
    """In place of `stagegate.aws.observability`: metrics at once, no log lines."""
    module = ModuleType("stagegate.aws.observability")

    def observed(metric: str) -> Callable[[Any], Any]:
        def decorate(handler: Any) -> Any:
            def observe(event: Any, context: Any) -> Any:
                _metric(name=metric, unit="Count", value=1)
                return handler(event, context)

            return observe

        return decorate

    module.observed = observed  # type: ignore[attr-defined]
    module.metrics = SimpleNamespace(add_metric=_metric)  # type: ignore[attr-defined]
    return module


def _metric(name: str, unit: object, value: float) -> None:  # noqa: ARG001  as Powertools is called
    running = _running.get()
    if running is not None:
        function = running.function
        put_metric(function.account_id, function.region, "Stagegate", name, {"service": "stagegate"}, float(value))


# --- clients ----------------------------------------------------------------------------------------------------------


def _client(service: str, region_name: str | None = None, config: Config | None = None, **other: Any) -> Any:
    running = _running.get()
    if running is None:
        return _real_client(service, region_name=region_name, config=config, **other)
    return _made(service, running.principal, region_name, config)


class _Session:
    """A function's session, by its role or by what STS has given."""

    def __new__(cls, *arguments: Any, **named: Any) -> Any:
        if _running.get() is None:
            return _real_session(*arguments, **named)
        return super().__new__(cls)

    def __init__(self, aws_access_key_id: str | None = None, **_: Any) -> None:
        self._key = aws_access_key_id

    def client(self, service: str, region_name: str | None = None, config: Config | None = None) -> Any:
        running = _running.get()
        if running is None:
            raise RuntimeError("a session of a function is used outside of it")
        principal = running.principal
        if self._key is not None:
            credential = registry.find(self._key)
            if credential is None:
                raise LookupError("the sandbox knows no credentials of this session")
            principal = credential.principal
        return _made(service, principal, region_name, config)


def _made(service: str, principal: Principal, region: str | None, config: Config | None) -> Any:
    retries: dict[str, Any] = getattr(config, "retries", None) or {}
    attempts = int(retries.get("total_max_attempts", 3))
    built = _built(service, region or REGION, attempts)
    made = object.__new__(type(built))
    vars(made).update(vars(built))
    made.sandbox_headers = {"x-moto-account-id": principal.account, **in_process_headers(principal)}
    return made


@lru_cache(maxsize=256)
def _built(service: str, region: str, attempts: int) -> Any:
    config = Config(signature_version=UNSIGNED, retries={"mode": "standard", "total_max_attempts": attempts})
    made_by: Any = transport._session()  # noqa: SLF001  one session reads all models
    made = made_by.client(service, region_name=region, config=config)
    made.__class__ = type(f"Played{service}", (transport._InProcess, type(made)), {})  # noqa: SLF001
    events = made.meta.events
    events.unregister("before-send", botocore_stubber)
    events.register_first("before-send", _send)
    made._user_agent_creator.to_string = lambda: "sandbox"  # noqa: SLF001
    return made


def _send(request: Any, **named: Any) -> Any:
    running = _running.get()
    if running is not None:
        _look_at_the_time()
        running.calls += 1
        watch = _functions.watch if _functions else None
        _, service, operation = named.get("event_name", "..").split(".", 2)
        headers = transport._calling.headers  # noqa: SLF001  another line's call may come between
        turns.pass_on()
        transport._calling.headers = headers  # noqa: SLF001
        if watch is not None:
            watch(running, service, operation)
    return transport._send(request)  # noqa: SLF001


_functions: Functions | None = None


def play(settings: Path) -> Functions:
    """Run functions so from now on in this process."""
    global _functions  # noqa: PLW0603  there is one sandbox in a process
    transport._session()  # noqa: SLF001  made by boto3's own class, before that is another
    importlib.import_module("aws_lambda_powertools.utilities.typing")
    sys.modules["stagegate.aws.observability"] = _observability()
    _import_the_product()
    boto3.client, boto3.Session = _client, _Session  # type: ignore[assignment,misc]
    vars(botocore.endpoint)["time"] = _time
    os.environ.__class__ = _Variables
    _functions = Functions(settings)
    return _functions


@contextmanager
def watching(functions: Functions, watch: Watch) -> Iterator[None]:
    """Let `watch` see each call meanwhile."""
    functions.watch = watch
    try:
        yield
    finally:
        functions.watch = None
