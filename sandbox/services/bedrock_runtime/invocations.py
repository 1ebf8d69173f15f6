"""Invocations, with an answer that no model has given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.services.bedrock_runtime.models import BedrockRuntimeBackend
from sandbox.services.protocol import Json

ANSWER = "This is the sandbox; no model was asked."
_BODY = f'{{"completion": "{ANSWER}"}}'.encode()
_MEDIA_TYPE = "application/json"


def invoke_model(_backend: BedrockRuntimeBackend, _request: Mapping[str, Any]) -> Json:
    """InvokeModel: one body for all models."""
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
