"""Invocations: synchronous ones answer, asynchronous ones are tried again and end somewhere when they fail."""

from __future__ import annotations

import json
import logging
import threading
import uuid
from functools import partial
from typing import Any

from botocore.exceptions import ClientError
from moto.awslambda.models import LambdaFunction
from moto.core.exceptions import JsonRESTError

from sandbox.authorization.service_roles import RoleNotAssumableError, assume
from sandbox.kernel.clock import clock
from sandbox.kernel.delays import delays
from sandbox.kernel.place import URL_SUFFIX
from sandbox.kernel.wire.transport import client
from sandbox.services.cloudwatch.alarms import observe_queue, put_metric
from sandbox.services.lambda_.pool import ThrottledError, pool
from sandbox.services.lambda_.runtime_api import Answer

_LOG = logging.getLogger(__name__)
_RETRIES = 2  # https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html


class TooManyRequestsException(JsonRESTError):
    """The function's reserved concurrency is in use."""

    code = 429


class AccessDeniedException(JsonRESTError):
    """Lambda can't assume the function's role."""

    code = 403


class Invocations:
    """Keeps count of asynchronous invocations under way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = 0

    @property
    def open(self) -> int:
        """Asynchronous invocations that have neither succeeded nor been given up."""
        return self._open

    def reset(self) -> None:
        """Forget those under way."""
        with self._lock:
            self._open = 0

    def begin(self, function: Any, payload: bytes) -> None:
        """Invoke soon, on another thread."""
        with self._lock:
            self._open += 1
        request_id = str(uuid.uuid4())
        self._attempt_beside(function, request_id, payload, 1)

    def _attempt(self, function: Any, request_id: str, payload: bytes, number: int) -> None:
        try:
            failure = _failure_of(function, request_id, payload)
            if failure is not None and number <= _retries(function):
                self._again(function, request_id, payload, number + 1)
                return
            if failure is not None:
                _give_up(function, request_id, payload, failure, number)
        except Exception:  # noqa: BLE001  a fault of the sandbox must be seen, and not count as under way for ever
            _LOG.exception("an invocation of %s broke the sandbox", function.function_name)
        self._done()

    def _again(self, function: Any, request_id: str, payload: bytes, number: int) -> None:
        attempt = partial(self._attempt_beside, function, request_id, payload, number)
        clock.call_later(delays.lambda_retry, attempt)

    def _attempt_beside(self, function: Any, request_id: str, payload: bytes, number: int) -> None:
        attempt = partial(self._attempt, function, request_id, payload, number)
        clock.activities.spawn(attempt, "sandbox-invocation")

    def _done(self) -> None:
        with self._lock:
            self._open = max(0, self._open - 1)


invocations = Invocations()
"""The asynchronous invocations of this process."""


def run(function: Any, request_id: str, payload: bytes) -> Answer:
    """One invocation, counted in the function's metrics."""
    _count(function, "Invocations")
    answer = pool.run(function, request_id, payload)
    _count(function, "Errors", 0.0 if answer.kind == "response" else 1.0)
    return answer


def _invoke(function: Any, body: Any, request_headers: Any, response_headers: dict[str, str]) -> bytes:
    """In place of moto's `LambdaFunction.invoke`, where every caller ends: the API, SNS, SQS, Step Functions, rules."""
    payload = body.encode() if isinstance(body, str) else bytes(body or b"{}")
    headers = {str(name).lower(): value for name, value in dict(request_headers or {}).items()}
    if headers.get("x-amz-invocation-type") == "Event":
        invocations.begin(function, payload)
        return b""
    request_id = str(uuid.uuid4())
    try:
        answer = run(function, request_id, payload)
    except ThrottledError as error:
        _count(function, "Throttles")
        raise TooManyRequestsException("TooManyRequestsException", "Rate Exceeded.") from error
    except RoleNotAssumableError as error:
        raise AccessDeniedException("AccessDeniedException", str(error)) from error
    response_headers["x-amz-executed-version"] = "$LATEST"
    if answer.kind != "response":
        response_headers["x-amz-function-error"] = "Unhandled"
    return answer.body


def _failure_of(function: Any, request_id: str, payload: bytes) -> bytes | None:
    try:
        answer = run(function, request_id, payload)
    except (ThrottledError, RoleNotAssumableError) as error:
        return json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)}).encode()
    return None if answer.kind == "response" else answer.body


def _retries(function: Any) -> int:
    for config in function.event_invoke_config:
        if config.config.get("MaximumRetryAttempts") is not None:
            return int(config.config["MaximumRetryAttempts"])
    return _RETRIES


def _give_up(function: Any, request_id: str, payload: bytes, failure: bytes, attempts: int) -> None:
    """To the on-failure destination and to the dead-letter queue, with the function's own role."""
    for config in function.event_invoke_config:
        destination = config.config.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        if destination:
            record = {
                "version": "1.0",
                "timestamp": clock.datetime().isoformat(timespec="milliseconds"),
                "requestContext": {
                    "requestId": request_id,
                    "functionArn": f"{function.function_arn}:$LATEST",
                    "condition": "RetriesExhausted",
                    "approximateInvokeCount": attempts,
                },
                "requestPayload": json.loads(payload),
                "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
                "responsePayload": json.loads(failure),
            }
            _send(function, destination, json.dumps(record), {}, "DestinationDeliveryFailures")
    dead_letter = getattr(function, "dead_letter_arn", None)
    if dead_letter:
        message = str(json.loads(failure).get("errorMessage", ""))[:1024]
        attributes = {"RequestID": request_id, "ErrorCode": "200", "ErrorMessage": message or "error"}
        _send(function, dead_letter, payload.decode(), attributes, "DeadLetterErrors")


def _send(function: Any, target: str, body: str, attributes: dict[str, str], metric: str) -> None:
    _, _, kind, region, account, name = target.split(":", 5)
    shaped = {key: {"DataType": "String", "StringValue": value} for key, value in attributes.items()}
    try:
        principal = assume("lambda.amazonaws.com", function.role, function.function_name)
        if kind == "sqs":
            url = f"https://sqs.{region}.{URL_SUFFIX}/{account}/{name}"
            client("sqs", account, principal, region).send_message(
                QueueUrl=url, MessageBody=body, MessageAttributes=shaped
            )
            observe_queue(target)
        elif kind == "sns":
            client("sns", account, principal, region).publish(TopicArn=target, Message=body, MessageAttributes=shaped)
        else:
            raise NotImplementedError(f"unsupported destination {target}")
    except (ClientError, RoleNotAssumableError) as error:
        _LOG.warning("%s could not send to %s: %s", function.function_name, target, error)
        _count(function, metric)


def _count(function: Any, metric: str, value: float = 1.0) -> None:
    dimensions = {"FunctionName": function.function_name}
    put_metric(function.account_id, function.region, "AWS/Lambda", metric, dimensions, value)


def install() -> None:
    """Make the sandbox run every function."""
    LambdaFunction.invoke = _invoke
