"""Invocations, with an answer that no model has given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.bedrock.models import bedrock_backends

from sandbox.kernel.arns import split
from sandbox.kernel.wire.errors import aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.bedrock.faults import faults
from sandbox.services.bedrock_runtime.models import BedrockRuntimeBackend

ANSWER = "This is the sandbox; no model was asked."
_BODY = f'{{"completion": "{ANSWER}"}}'.encode()
_MEDIA_TYPE = "application/json"


def invoke_model(_backend: BedrockRuntimeBackend, request: Mapping[str, Any]) -> Json:
    """InvokeModel: one body for all models; ResourceNotFoundException for an imported one that isn't there."""
    _require_imported(str(request["modelId"]))
    if planned := faults.refused():
        raise aws_error(planned, "The model did not answer.")
    return {"body": _BODY, "contentType": _MEDIA_TYPE}


def invoke_model_with_response_stream(_backend: BedrockRuntimeBackend, _request: Mapping[str, Any]) -> Json:
    """InvokeModelWithResponseStream: the same body in one chunk."""
    return {"body": [{"chunk": {"bytes": _BODY}}], "contentType": _MEDIA_TYPE}


def converse(_backend: BedrockRuntimeBackend, _request: Mapping[str, Any]) -> Json:
    """Converse: one message for all conversations."""
    return {
        "output": {"message": {"role": "assistant", "content": [{"text": ANSWER}]}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 0, "outputTokens": 0, "totalTokens": 0},
        "metrics": {"latencyMs": 0},
    }


def _require_imported(identifier: str) -> None:
    fields = split(identifier)
    if fields is None or not fields.resource.startswith("imported-model/"):
        return
    backend: Any = bedrock_backends[fields.account][fields.region]  # moto types it for its own backend
    if identifier not in backend.imported:
        raise aws_error("ResourceNotFoundException", f"The model {identifier} was not found.")
