"""Calls without HTTP: a client's method goes straight to the operation of the service, through the same authorization.

Four fifths of what an embedded call takes is spent on writing requests and answers down and reading them again. What
is left out changes nothing that anybody could see, and `compared` says so of every operation that histories use: the
parameters as the service reads them, and the answer or the error as the client does. Services and operations that
aren't simple in that way (S3's, most of Lambda's) are called by HTTP as ever.
"""

from __future__ import annotations

import io
import itertools
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ConnectionClosedError, ParamValidationError
from botocore.handlers import json_decode_policies
from botocore.model import OperationModel
from botocore.parsers import create_parser
from botocore.response import StreamingBody
from botocore.validate import ParamValidator
from moto.awslambda.utils import get_backend
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionContext, ActionResult, BaseResponse
from moto.core.serialize import get_serializer_class
from moto.core.utils import camelcase_to_underscores, get_service_model
from moto.dynamodb.models import dynamodb_backends
from werkzeug.exceptions import HTTPException

from sandbox.authorization import enforce
from sandbox.authorization.accesses import Access, Call
from sandbox.authorization.wire import Answer
from sandbox.kernel import traces
from sandbox.kernel.identity import Principal
from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire import contract, transport
from sandbox.kernel.wire.errors import aws_error
from sandbox.kernel.wire.failures import Failure
from sandbox.kernel.wire.protocol import ServiceResponse
from soak.simulation import shapes, table

SERVICES = (
    "bedrock",
    "dynamodb",
    "ecr",
    "iam",
    "kms",
    "organizations",
    "ram",
    "sagemaker",
    "sns",
    "stepfunctions",
    "sts",
)
"""Those whose operations of our own are called so."""
MOTOS = {
    "dynamodb": (
        "BatchGetItem",
        "DeleteItem",
        "GetItem",
        "PutItem",
        "Query",
        "Scan",
        "TransactWriteItems",
        "UpdateItem",
    ),
    "ecr": ("BatchGetImage", "DescribeImages"),
    "iam": (
        "GetPolicy",
        "GetPolicyVersion",
        "GetRole",
        "GetRolePolicy",
        "ListEntitiesForPolicy",
        "ListRoles",
    ),
    "lambda": ("Invoke",),
    "sns": ("Publish",),
    "stepfunctions": ("ListExecutions", "StartExecution", "StopExecution"),
    "sts": ("AssumeRole",),
}
"""Operations of moto's own that take parsed parameters and give an answer that is still to be written down."""
_EXACT = (*((service, name) for service in ("dynamodb", "lambda") for name in MOTOS[service]), ("sns", "Publish"))
"""Those whose answers have their members by name, and nothing else."""
_number = itertools.count(1)
_validator = ParamValidator()


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """An operation and who answers it. `is_exact`: its answers are dictionaries of the output's members."""

    model: OperationModel
    response: type[BaseResponse]
    method: str
    is_exact: bool

    @property
    def service(self) -> str:
        """botocore's name."""
        return str(self.model.service_model.service_name)

    def prepared(self, given: dict[str, Any]) -> dict[str, Any]:
        """What botocore would send. Raises ParamValidationError."""
        parameters = dict(given)
        for name in self.model.idempotent_members:
            parameters.setdefault(name, _token())
        if self.model.input_shape is not None and not shapes.is_valid(self.model, parameters):
            report = _validator.validate(parameters, self.model.input_shape)
            if report.has_errors():
                raise ParamValidationError(report=report.generate_report())
        return parameters


def _token() -> str:
    return str(uuid.uuid4())


@lru_cache(maxsize=1024)
def _operation(service: str, name: str, url: str) -> Operation | None:
    """None where it takes HTTP."""
    model = transport._session()._session.get_service_model(service).operation_model(name)  # noqa: SLF001
    response: Any = BaseResponse
    if service in SERVICES:
        response = transport._handler(url + model.http["requestUri"].partition("?")[0]).__self__  # type: ignore[attr-defined]  # noqa: SLF001
    is_ours = issubclass(response, ServiceResponse) and name in response.operations
    if not is_ours and name not in MOTOS.get(service, ()):
        return None
    return Operation(model, response, camelcase_to_underscores(name), is_exact=is_ours or (service, name) in _EXACT)


def call(client: Any, name: str, given: dict[str, Any], before: Callable[[], None] | None) -> Any:
    """What the client's method answers; NotImplemented for what takes HTTP. `before` each attempt, others may go on;
    None is for a client that doesn't try again.
    """
    operation = _operation(client.meta.service_model.service_name, name, client.meta.endpoint_url.rstrip("/"))
    if operation is None:
        return NotImplemented
    parameters = operation.prepared(given)
    try:
        sent = SENT(operation, parameters)
    except shapes.UnusualError:
        _give_back(operation)
        return NotImplemented
    context: dict[str, Any] = {}
    for attempt in itertools.count(1):
        answering = Answering(operation, sent, client)
        status, parsed, error = answering.attempt(before)
        if before is None or (error is None and status < 300):
            break
        http = None if error else (SimpleNamespace(status_code=status, headers={}), parsed)
        asked = (attempt, operation.model, {"context": context}, http, error)
        if not client._endpoint._needs_retry(*asked):  # noqa: SLF001  its own decision, and its own wait
            break
    if error is not None:
        raise error
    parsed["ResponseMetadata"] = answering.metadata(status, attempt - 1)
    if status >= 300:
        raise client.exceptions.from_code(parsed.get("Error", {}).get("Code"))(parsed, name)
    if operation.service == "iam":  # what a client does to an answer once it has parsed it
        json_decode_policies(parsed, operation.model)
    return parsed


def _give_back(operation: Operation) -> None:
    """moto may change items now."""
    if operation.service == "dynamodb":
        for backends in dynamodb_backends.values():
            for backend in backends.values():
                table.give_back(backend.tables)


def _sent(operation: Operation, parameters: dict[str, Any]) -> dict[str, Any]:
    if operation.service == "lambda":
        return parameters
    found: dict[str, Any] = shapes.sent(parameters)
    return found


def _received(context: ActionContext, operation: Operation, result: Any) -> dict[str, Any]:
    """What the client makes of an operation's result."""
    if operation.is_exact:
        return shapes.received(operation.model, result)
    return by_wire(context, operation, result)


def trust_answers() -> None:
    """Hold no answer of the embedded services to botocore's model from now on, as every test and `compared` do."""
    contract.require_response = lambda *_: None


SENT, RECEIVED = _sent, _received
"""What `compared` compares."""


def by_wire(context: ActionContext, operation: Operation, result: Any) -> dict[str, Any]:
    """The same, written down and read again."""
    service = str(context.service_model.service_name)
    serializer_class = get_serializer_class(service, _protocol(operation))
    written: Any = ActionResult(result).execute_result(
        ActionContext(context.service_model, context.operation_model, serializer_class, context.response)
    )
    status, headers, body = written
    return read(operation, status, headers, body)


def read(operation: Operation, status: int, headers: dict[str, Any], body: Any) -> dict[str, Any]:
    """An answer as botocore reads it, without metadata."""
    content = body.encode() if isinstance(body, str) else body
    response = {"status_code": status, "headers": {name.lower(): str(each) for name, each in headers.items()}}
    parser: Any = _parser(_protocol(operation))
    parsed: dict[str, Any] = parser.parse({**response, "body": content}, operation.model.output_shape)
    if status >= 300:
        code = parsed.get("Error", {}).get("Code")
        shape = operation.model.service_model.shape_for_error_code(code) if code is not None else None
        if shape is not None:
            parsed.update(parser.parse({**response, "body": content}, shape))
    parsed.pop("ResponseMetadata", None)
    return parsed


@lru_cache(maxsize=16)
def _parser(protocol: str) -> Any:
    return create_parser(protocol)


def _protocol(operation: Operation) -> str:
    return str(operation.model.service_model.resolved_protocol)


class _Reads:
    """In place of the class that writes an answer down."""

    def __init__(self, operation: Operation, context: ActionContext) -> None:
        self._operation, self._context = operation, context

    def __call__(self, **_: Any) -> _Reads:
        return self

    def serialize(self, result: Any) -> dict[str, Any]:
        return {"status_code": 200, "headers": {}, "body": RECEIVED(self._context, self._operation, result)}


_MESSAGE = "the message"
_worded: dict[tuple[str, str, str], Any] = {}
"""Errors as they are read, with that message."""


def _filled(known: Any, message: str) -> Any:
    if isinstance(known, dict):
        return {name: _filled(value, message) for name, value in known.items()}
    return message if known == _MESSAGE else known


class Answering(enforce._Answering):  # noqa: SLF001  it is the same way, without its two ends
    """One call on its way. The body of an answer is what the client gets."""

    def __init__(self, operation: Operation, parameters: dict[str, Any], client: Any) -> None:
        super().__init__(operation.service, client.meta.region_name, None, "", None)  # type: ignore[arg-type]
        self._operation, self._parameters, self._meta = operation, parameters, client.meta
        self._principal, account = client.sandbox_caller
        self._account = (self._principal.account if self._principal else "") or account
        self._id = f"{next(_number):08x}-0000-4000-8000-000000000000"

    def attempt(self, before: Callable[[], None] | None) -> tuple[int, dict[str, Any], Exception | None]:
        """Status and answer, or what was raised in its place, as botocore catches it."""
        try:
            if before is not None:
                before()
            status, _, parsed = self.answered(self._principal, self._account)
        except Exception as error:  # noqa: BLE001  whatever it is, botocore asks whether to try again
            return 0, {}, error
        return status, parsed, None

    def metadata(self, status: int, retries: int) -> dict[str, Any]:
        """ResponseMetadata."""
        return {"RequestId": self._id, "HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": retries}

    def _decoded(self, account: str) -> Call:
        return Call(self.service, self._operation.model.name, self._parameters, account, self.region)

    def _own_answer(self, principal: Principal, call: Call) -> Answer | None:
        own = self._api.answer(principal, call)
        return None if own is None else (200, self._headers, own)

    def _handle(self) -> Answer:
        if self.service == "lambda":
            return self._invoke()
        if self.service == "dynamodb" and (answer := self._of_table()) is not None:
            return answer
        response: Any = self._operation.response()
        response.automated_parameter_parsing = True
        response.params = self._parameters
        response.body = self._parameters if self.service == "dynamodb" else ""
        response.uri_match = response.headers = response.querystring = response.response_headers = {}
        response.current_account, response.region, response.partition = self._account, self.region, PARTITION
        response.access_key = "AKIAEXAMPLE"
        response._get_action = lambda: self._operation.model.name  # noqa: SLF001
        try:
            result = getattr(response, self._operation.method)()
        except (ServiceException, HTTPException) as error:
            return self._refused(error)
        service_model = get_service_model(self.service)
        model = service_model.operation_model(self._operation.model.name)
        context: Any = ActionContext(service_model, model, None, response)
        context.serializer_class = _Reads(self._operation, context)
        status, _, body = result.execute_result(context)
        return status, self._headers, body

    def _of_table(self) -> Answer | None:
        """DynamoDB's answer to a simple request."""
        tables = dynamodb_backends[self._account][self.region].tables
        try:
            own = table.answer(self._operation.model.name, tables, self._parameters)
        except HTTPException as error:
            return self._refused(error)
        return None if own is None else (200, self._headers, shapes.received(self._operation.model, own))

    def _invoke(self) -> Answer:
        given, answered = self._parameters, dict[str, str]()
        kind = given.get("InvocationType", "RequestResponse")
        try:
            payload = get_backend(self._account, self.region).invoke(
                given["FunctionName"],
                given.get("Qualifier"),
                given.get("Payload", b""),
                {"x-amz-invocation-type": kind},
                answered,
            )
        except HTTPException as error:
            return self._refused(error)
        if payload is None:
            return self._refused(aws_error("ResourceNotFoundException", f"Function not found: {given['FunctionName']}"))
        content = payload.encode() if isinstance(payload, str) else payload
        status = 202 if kind == "Event" else 200
        body: dict[str, Any] = {"StatusCode": status, "Payload": StreamingBody(io.BytesIO(content), len(content))}
        if "x-amz-function-error" in answered:
            body["FunctionError"] = answered["x-amz-function-error"]
        if "x-amz-executed-version" in answered:
            body["ExecutedVersion"] = answered["x-amz-executed-version"]
        return status, self._headers, body

    def _refused(self, error: Exception) -> Answer:
        """An error of the service's, written down and read again: what it has besides its code is its own."""
        if isinstance(error, HTTPException) and not isinstance(error, ServiceException):
            status, headers, text = error.code or 500, dict(error.get_headers()), error.description
        else:
            model = get_service_model(self.service).operation_model(self._operation.model.name)
            serializer: Any = get_serializer_class(self.service, _protocol(self._operation))(operation_model=model)
            written = serializer.serialize(error)
            status, headers, text = written["status_code"], written["headers"], written["body"]
        return int(status), self._headers, read(self._operation, int(status), headers, text)

    def _error(self, code: str, message: str, *, forbidden: bool = False) -> Answer:
        return self._planned(code, message, 403 if forbidden and _protocol(self._operation) != "json" else 400)

    def _planned(self, code: str, message: str, status: int) -> Answer:
        """An error without members of its own. Only its message is another one each time."""
        about = (self.service, self._operation.model.name, code)
        known = _worded.get(about)
        if known is None:
            known = _worded[about] = self._refused(aws_error(code, _MESSAGE))[2]
        return status, self._headers, _filled(known, message)

    def _failed(self, failure: Failure, principal: Principal, call: Call, needed: list[Access]) -> Answer:
        self._log(principal, call, needed, (failure.status, {}, {}), failure.code)
        if failure.is_silent:
            raise ConnectionClosedError(endpoint_url=self._meta.endpoint_url)
        return self._planned(failure.code, "Planned by whoever runs it.", failure.status)

    def _parsed(self, _call: Call, answer: Answer) -> dict[str, Any]:
        parsed: dict[str, Any] = answer[2]
        return parsed

    def _trace(self) -> str:
        return traces.current() or ""

    @property
    def _headers(self) -> dict[str, Any]:
        return {"x-amzn-requestid": self._id}
