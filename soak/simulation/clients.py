"""The clients of a function: each request ends in the sandbox's services, as the function's role or as a role it took.

Before each request, other tasks may go on: this is where invocations come between each other. Most requests of these
and of all other clients in this process are made without HTTP (`direct`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import boto3
import botocore.session
from botocore import UNSIGNED
from botocore.config import Config
from moto.core.models import botocore_stubber

from sandbox.kernel.callers import in_process_headers
from sandbox.kernel.clock import clock
from sandbox.kernel.identity import Principal, registry
from sandbox.kernel.place import REGION
from sandbox.kernel.wire import transport
from soak.simulation import direct
from soak.simulation.invocation import check_the_time, current
from soak.simulation.scheduler import scheduler

takes_s = 0.0
"""What a call takes at least, while others go on."""
_real_session = boto3.Session
_real_core = botocore.session.Session
_real_client: Any = boto3.client
_by_http = transport._InProcess._make_api_call  # noqa: SLF001


def install() -> None:
    """Give functions such clients from now on, and everybody else boto3's own."""
    transport._session()  # noqa: SLF001  made by boto3's own class, before that is another
    boto3.client, boto3.Session = _client, _Session  # type: ignore[assignment,misc]
    botocore.session.Session = _Core  # type: ignore[misc]
    transport._InProcess._make_api_call = _make_api_call  # type: ignore[method-assign,assignment]  # noqa: SLF001


def _client(service: str, region_name: str | None = None, config: Config | None = None, **other: Any) -> Any:
    running = current.get()
    if running is None:
        return _real_client(service, region_name=region_name, config=config, **other)
    return _made(service, running.principal, region_name, config)


class _Core:
    """What a function's session would be built on: these have nothing of their own, and making one takes a while."""

    def __new__(cls, *arguments: Any, **named: Any) -> Any:
        return _real_core(*arguments, **named) if current.get() is None else super().__new__(cls)

    def register_component(self, name: str, component: object) -> None:
        """There is nobody who would ask for it."""


class _Session:
    """A function's session, by its role or by what STS has given."""

    def __new__(cls, *arguments: Any, **named: Any) -> Any:
        if current.get() is None:
            return _real_session(*arguments, **named)
        return super().__new__(cls)

    def __init__(self, aws_access_key_id: str | None = None, **_: Any) -> None:
        self._key = aws_access_key_id

    def client(self, service: str, region_name: str | None = None, config: Config | None = None) -> Any:
        running = current.get()
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
    made.sandbox_caller = (principal, principal.account)
    made.is_of_a_function = True
    return made


@lru_cache(maxsize=256)
def _built(service: str, region: str, attempts: int) -> Any:
    config = Config(signature_version=UNSIGNED, retries={"mode": "standard", "total_max_attempts": attempts})
    made_by: Any = transport._session()  # noqa: SLF001  one session reads all models
    made = made_by.client(service, region_name=region, config=config)
    made.__class__ = type(f"Simulated{service}", (transport._InProcess, type(made)), {})  # noqa: SLF001
    events = made.meta.events
    events.unregister("before-send", botocore_stubber)
    events.register_first("before-send", _send)
    made._user_agent_creator.to_string = lambda: "sandbox"  # noqa: SLF001
    return made


def _make_api_call(self: Any, name: str, parameters: dict[str, Any]) -> Any:
    answer = direct.call(self, name, parameters, _before if hasattr(self, "is_of_a_function") else None)
    return _by_http(self, name, parameters) if answer is NotImplemented else answer


def _before() -> None:
    if current.get() is not None:
        check_the_time()
        scheduler.pass_on()
        if takes_s:
            clock.sleep(takes_s)


def _send(request: Any, **_: Any) -> Any:
    headers = transport._calling.headers  # noqa: SLF001  another task's call may come between
    _before()
    transport._calling.headers = headers  # noqa: SLF001
    return transport._send(request)  # noqa: SLF001
