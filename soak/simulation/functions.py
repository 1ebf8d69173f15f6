"""The product's functions, run where they are called: in this process, without HTTP.

What is theirs stays theirs: the code that was deployed, the role, the environment variables, the timeout, and the
clients that a warm environment keeps.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.authorization.service_roles import assume
from sandbox.kernel.clock import clock
from sandbox.kernel.identity import Principal
from sandbox.services.lambda_.code.files import files
from sandbox.services.lambda_.pool import ThrottledError
from sandbox.services.lambda_.runtime_api import Answer
from soak.simulation import clients, environment
from soak.simulation.invocation import Killed, Running, current

_number = itertools.count()


@dataclass(slots=True)
class Warm:
    """An environment of a function: its handler, with what that keeps."""

    handler: Callable[[dict[str, Any], Any], Any]
    principal: Principal
    variables: dict[str, str]


@dataclass(slots=True)
class Functions:
    """Takes the place of the pool of workers. `settings` is the governance.toml that environments are made with."""

    settings: Path
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
            token = current.set(running)
            try:
                if warm is None:
                    warm = self._warm[name] = Warm(_load(function), principal, variables)
                context = _Context(function, request_id, running.deadline)
                answer = warm.handler(json.loads(payload), context)
            finally:
                current.reset(token)
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


def install(settings: Path) -> Functions:
    """Run functions so from now on in this process."""
    environment.install()
    clients.install()
    return Functions(settings)
