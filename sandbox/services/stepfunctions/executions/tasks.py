"""Task states: one API call each, made with the state machine's role (or the role in `Credentials`)."""

from __future__ import annotations

import json
import uuid
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from sandbox.kernel.identity import Principal, registry
from sandbox.kernel.wire.transport import client
from sandbox.services.stepfunctions.definitions.resources import Resource
from sandbox.services.stepfunctions.definitions.shapes import from_response, to_request
from sandbox.services.stepfunctions.errors import RUNTIME, StateError


def perform(resource: Resource, arguments: Any, caller: Principal, role_arn: str | None, region: str) -> Any:
    """The task's result. StateError named as Step Functions names the service's errors."""
    acting = caller if role_arn is None else _assume(role_arn, caller, region)
    model = resource.model
    if model.input_shape is None and arguments:
        raise StateError(RUNTIME, f"{resource.operation} takes no Arguments")
    parameters = _lambda_payload(resource, arguments if isinstance(arguments, dict) else {})
    request = to_request(parameters, model.input_shape) if model.input_shape is not None else {}
    if resource.operation == "StartExecution" and resource.optimized:
        request.setdefault("name", str(uuid.uuid4()))
    answer = _send(resource, request, acting, region)
    metadata = answer.pop("ResponseMetadata", {})
    result = from_response(answer, model.output_shape)
    if resource.optimized and resource.service == "lambda":
        return _lambda_result(result, metadata)
    if resource.optimized and resource.operation == "PutEvents" and result.get("FailedEntryCount"):
        raise StateError("EventBridge.FailedEntry", json.dumps(result))
    return result


def _send(resource: Resource, request: dict[str, Any], acting: Principal, region: str) -> Any:
    caller = client(resource.service, acting.account, acting, region)
    try:
        return caller._make_api_call(resource.operation, request)  # noqa: SLF001  by name, without guessing snake_case
    except ClientError as error:
        raise StateError(resource.error_name(error.response["Error"]["Code"]), _cause(resource, error)) from error
    except HTTPClientError as error:
        raise StateError(resource.client_error, f"Unable to execute HTTP request: {error}") from error
    except BotoCoreError as error:  # parameters that the API's model refuses before anything is sent
        raise StateError(RUNTIME, str(error)) from error


def _cause(resource: Resource, error: ClientError) -> str:
    metadata = error.response["ResponseMetadata"]
    parts = [f"Service: {resource.error_prefix}", f"Status Code: {metadata['HTTPStatusCode']}"]
    if resource.optimized:
        parts.append(f"Error Code: {error.response['Error']['Code']}")
    parts.append(f"Request ID: {metadata.get('RequestId', '')}")
    return f"{error.response['Error'].get('Message', '')} ({', '.join(parts)})"


def _assume(role_arn: str, caller: Principal, region: str) -> Principal:
    try:
        answer = client("sts", caller.account, caller, region).assume_role(
            RoleArn=role_arn, RoleSessionName="StepFunctions"
        )
    except ClientError as error:
        message = f"The role {role_arn} can't be assumed: {error.response['Error'].get('Message', '')}"
        raise StateError("States.TaskFailed", message) from error
    credential = registry.find(answer["Credentials"]["AccessKeyId"])
    if credential is None:
        raise LookupError(f"the sandbox knows no credentials of {role_arn}")
    return credential.principal


def _lambda_payload(resource: Resource, arguments: dict[str, Any]) -> dict[str, Any]:
    """The optimized integration takes any JSON as `Payload`, the SDK one a text."""
    if resource.optimized and resource.service == "lambda" and "Payload" in arguments:
        return {**arguments, "Payload": json.dumps(arguments["Payload"], ensure_ascii=False)}
    return arguments


def _lambda_result(result: dict[str, Any], metadata: dict[str, Any]) -> dict[str, Any]:
    payload = json.loads(result["Payload"]) if result.get("Payload") else None
    if result.get("FunctionError"):
        error = payload.get("errorType", "Exception") if isinstance(payload, dict) else "Exception"
        raise StateError(error, json.dumps(payload, separators=(",", ":"), ensure_ascii=False))
    request_id = metadata.get("RequestId", "")
    return {
        "ExecutedVersion": result.get("ExecutedVersion", "$LATEST"),
        "Payload": payload,
        "SdkHttpMetadata": {"HttpStatusCode": metadata.get("HTTPStatusCode")},
        "SdkResponseMetadata": {"RequestId": request_id},
        "StatusCode": result.get("StatusCode"),
    }
