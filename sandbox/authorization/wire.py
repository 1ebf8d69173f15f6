"""Between HTTP requests and API calls: decoding a request, and errors in each service's own format.

Reads requests with moto's router and parsers, which are built on botocore's models. moto is untyped here.
"""

from __future__ import annotations

import contextlib
import gzip
import socket
from typing import Any
from uuid import uuid4

from botocore.exceptions import ConnectionClosedError
from botocore.parsers import create_parser
from moto.core.errors import COMMON_ERROR_CODES
from moto.core.exceptions import ServiceException
from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

from sandbox.authorization.accesses import Call
from sandbox.authorization.evaluator.errors import NotMapped
from sandbox.authorization.registry import registry

Answer = tuple[int, dict[str, Any], Any]
"""Status, headers, body: what moto's request path returns."""


class _WireError(ServiceException):
    """An error to serialize. A class of our own: moto takes the module of its own one for a service's name."""


# moto warns of error codes that a service's model doesn't have; these are common to all services, or the sandbox's own.
COMMON_ERROR_CODES.extend(
    (
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InternalError",
        "InternalFailure",
        "InvalidPolicy",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "NotMapped",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "UnknownConditionKey",
        "UnrecognizedClientException",
    )
)


def decode(service: str, request: Request, account: str, region: str) -> Call:
    """The API call of a request to `service` (botocore's name). Raises NotMapped when no operation matches it."""
    _decompress(request)
    operation, path_parameters = _operation(service, request)
    protocol = determine_request_protocol(operation.service_model, request.content_type)
    bodies = registry.api(service).bodies
    has_body = bodies is None or operation.name in bodies
    parameters = PROTOCOL_PARSERS[protocol](operation).parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data if has_body else b"",
            "url_path": request.path,
            "url_params": path_parameters,
        }
    )
    return Call(service, str(operation.name), parameters, account, region)


def _operation(service: str, request: Request) -> tuple[OperationModel, dict[str, Any]]:
    try:
        matched: tuple[OperationModel, dict[str, Any]] = get_service_router(service).match(request)
    except (NotFound, NotImplementedError) as error:
        raise NotMapped(f"no operation of {service} matches {request.method} {request.path}") from error
    return matched


def _decompress(request: Request) -> None:
    """As moto does before it parses; it finds the body decompressed then, and leaves it so."""
    if request.content_encoding == "gzip":
        request.stream = gzip.GzipFile(fileobj=request.stream)
        request.get_data(parse_form_data=True)


def error(service: str, request: Request, code: str, message: str, *, forbidden: bool) -> Answer:
    """An error answer; `forbidden` for 403 where the protocol tells status codes apart (JSON 1.x always says 400)."""
    status = 403 if forbidden and _protocol(service, request) != "json" else 400
    return failed(service, request, code, message, status)


def failed(service: str, request: Request, code: str, message: str, status: int) -> Answer:
    """An error answer with this status."""
    serializer_class = get_serializer_class(service, _protocol(service, request))
    serialized = serializer_class(operation_model=_any_operation(service, request)).serialize(_WireError(code, message))
    headers = dict(serialized["headers"]) | {"x-amzn-requestid": str(uuid4())}
    return status, headers, serialized["body"]


def hang_up(request: Request) -> Answer:
    """No answer: the connection is closed. What this returns goes nowhere, over HTTP; in this process, it raises."""
    connection = request.environ.get("werkzeug.socket")
    if connection is None:
        raise ConnectionClosedError(endpoint_url=request.url)
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    return 500, {}, ""


def result(service: str, request: Request, operation: str, answer: dict[str, Any]) -> Answer:
    """A successful answer of `operation`."""
    model = get_service_model(service).operation_model(operation)
    serialized = get_serializer_class(service, _protocol(service, request))(operation_model=model).serialize(answer)
    return 200, dict(serialized["headers"]) | {"x-amzn-requestid": str(uuid4())}, serialized["body"]


def parsed(service: str, operation: str, request: Request, answer: Answer) -> dict[str, Any]:
    """An answer as botocore parses it: `Error.Code` of a failed one, the modelled members of another."""
    status, headers, body = answer
    model = get_service_model(service)
    shape = model.operation_model(operation).output_shape if operation in model.operation_names else None
    content = body.encode() if isinstance(body, str) else body
    lowered = {str(name).lower(): str(value) for name, value in headers.items()}
    parser: Any = create_parser(_protocol(service, request))
    response: dict[str, Any] = parser.parse({"status_code": status, "headers": lowered, "body": content}, shape)
    return response


def _protocol(service: str, request: Request) -> str:
    try:
        return str(determine_request_protocol(get_service_model(service), request.content_type))
    except NotImplementedError:
        return str(get_service_model(service).protocol)


def _any_operation(service: str, request: Request) -> OperationModel:
    """The request's operation, or an unnamed one for a request that matches none."""
    try:
        return _operation(service, request)[0]
    except NotMapped:
        return OperationModel({}, get_service_model(service))
