"""boto3 clients that call the embedded services in this process, as somebody or as the sandbox itself.

No socket, no global patch: a client is an ordinary boto3 client whose requests end in moto's request path instead of
a connection. Real AWS clients beside it are left alone.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from moto.core.botocore_stubber import MockRawResponse
from moto.core.models import botocore_stubber

from sandbox.kernel.callers import in_process_headers
from sandbox.kernel.identity import Principal

REGION = "us-east-1"

_building = threading.Lock()  # boto3's loaders aren't safe to use from several threads


def client(service: str, account: str, principal: Principal | None = None, region: str = REGION) -> Any:
    """A boto3 client of `service` in `account`.

    With a principal every call is authorized and logged as that principal's; without one it is the sandbox's own
    administrator: not authorized, not logged. No retries: what the service answers is what the caller sees.
    Returns `Any` because boto3 makes its client classes at run time.
    """
    with _building:
        return _build(service, account, principal, region)


@lru_cache(maxsize=1)
def _session() -> boto3.Session:
    return boto3.Session(region_name=REGION)


@lru_cache(maxsize=256)
def _build(service: str, account: str, principal: Principal | None, region: str) -> Any:
    session: Any = _session()  # the stubs know services by literal names, not by a string
    config = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1})
    made = session.client(service, region_name=region, config=config)
    headers = {"x-moto-account-id": account, **in_process_headers(principal)}

    def send(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        for name, value in headers.items():
            request.headers[name] = value
        answer = botocore_stubber.process_request(request)
        if answer is None:
            raise LookupError(f"the sandbox has no service behind {request.url}")
        status, answer_headers, body = answer
        return AWSResponse(request.url, status, answer_headers, MockRawResponse(body))

    # botocore emits to all handlers: with moto's own one still there, each call would run twice.
    made.meta.events.unregister("before-send", botocore_stubber)
    made.meta.events.register_first("before-send", send)
    return made
