"""boto3 clients that call the embedded services in this process, as somebody or as the sandbox itself.

No socket, no global patch: a client is an ordinary boto3 client whose requests end in moto's request path instead of
a connection. Real AWS clients beside it are left alone.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from moto import backend_index, backends
from moto.core.base_backend import BaseBackend
from moto.core.botocore_stubber import MockRawResponse
from moto.core.models import botocore_stubber
from moto.core.request import normalize_request
from werkzeug.exceptions import HTTPException

from sandbox.kernel import traces
from sandbox.kernel.callers import in_process_headers
from sandbox.kernel.identity import Principal
from sandbox.kernel.place import PARTITION, REGION, URL_SUFFIX
from sandbox.kernel.wire.models import session

_SOME_ACCOUNT = "123456789012"
"""Which one doesn't matter: all have the same paths."""

_building = threading.Lock()  # boto3's loaders aren't safe to use from several threads
_calling = threading.local()


def client(service: str, account: str, principal: Principal | None = None, region: str = REGION) -> Any:
    """A boto3 client of `service` in `account`.

    With a principal every call is authorized and logged as that principal's; without one it is the sandbox's own
    administrator: not authorized, not logged. No retries: what the service answers is what the caller sees.
    Returns `Any` because boto3 makes its client classes at run time.
    """
    with _building:
        built = _build(service, region)
    made = object.__new__(type(built))
    vars(made).update(vars(built))
    made.sandbox_headers = {"x-moto-account-id": account, **in_process_headers(principal)}
    made.sandbox_caller = (principal, account)
    return made


@lru_cache(maxsize=1)
def _session() -> boto3.Session:
    return boto3.Session(region_name=REGION, botocore_session=session())


@lru_cache(maxsize=64)
def _build(service: str, region: str) -> Any:
    """A client that takes the headers of its calls from itself, so that a copy of it is another caller's.

    Making one takes as long as a hundred calls.
    """
    made_by: Any = _session()  # the stubs know services by literal names, not by a string
    config = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1})
    # moto reads the Region out of the host, and that of IAM in GovCloud, iam.us-gov.amazonaws.com, has none.
    host = f"https://iam.{region}.{URL_SUFFIX}" if service == "iam" and PARTITION == "aws-us-gov" else None
    made = made_by.client(service, region_name=region, config=config, endpoint_url=host)
    made.__class__ = type(f"InProcess{service}", (_InProcess, type(made)), {})
    events = made.meta.events
    # botocore emits to all handlers: with moto's own one still there, each call would run twice.
    events.unregister("before-send", botocore_stubber)
    events.register_first("before-send", _send)
    made._user_agent_creator.to_string = lambda: "sandbox"  # noqa: SLF001  nobody reads it, and botocore composes it twice
    return made


class _InProcess:
    """What is added to a client's class."""

    sandbox_headers: dict[str, str]
    sandbox_caller: tuple[Principal | None, str]
    """Who calls, None for the administrator, and from which account."""

    def _make_api_call(self, operation_name: str, parameters: dict[str, Any]) -> Any:
        before = getattr(_calling, "headers", {})
        _calling.headers = self.sandbox_headers
        try:
            return super()._make_api_call(operation_name, parameters)  # type: ignore[misc]  # the client's own
        finally:
            _calling.headers = before


def _send(request: AWSPreparedRequest, **_: object) -> AWSResponse:
    for name, value in _calling.headers.items():
        request.headers[name] = value
    if trace := traces.current():
        request.headers[traces.HEADER] = trace
    handler = _handler(request.url.partition("?")[0])
    normalized = normalize_request(request)
    try:
        status, headers, body = handler(normalized, normalized.raw_url, normalized.headers)
    except HTTPException as error:
        status, headers, body = error.code or 500, dict(error.get_headers()), str(error.get_body())
    return AWSResponse(request.url, status, headers, MockRawResponse(body))


@lru_cache(maxsize=4096)
def _path(url: str) -> tuple[str, str]:
    """The service behind a URL, by moto's name, and the pattern of its path; as moto finds them for each request."""
    for service, pattern in backend_index.backend_url_patterns:
        if pattern.match(url):
            for path in _backend(service).urls:
                if re.match(path, url):
                    return service, path
    raise LookupError(f"the sandbox has no service behind {url}")


def _handler(url: str) -> Callable[..., Any]:
    service, path = _path(url)
    handler: Callable[..., Any] = _backend(service).urls[path]
    return handler


def _backend(service: str) -> BaseBackend:
    regions: Any = backends.get_backend(service)[_SOME_ACCOUNT]
    found: BaseBackend = regions[REGION if REGION in regions.regions else PARTITION]
    return found
