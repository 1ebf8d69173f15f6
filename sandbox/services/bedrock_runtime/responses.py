"""The runtime's operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from moto.bedrockruntime.models import bedrockruntime_backends

from sandbox.kernel.wire.protocol import ServiceResponse
from sandbox.services.bedrock_runtime import invocations


class BedrockRuntimeResponse(ServiceResponse):
    """Invocations of models, ConverseStream excepted."""

    service = "bedrock-runtime"
    backends = bedrockruntime_backends
    operations: ClassVar = {
        "Converse": invocations.converse,
        "InvokeModel": invocations.invoke_model,
        "InvokeModelWithResponseStream": invocations.invoke_model_with_response_stream,
    }

    def sent(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """As parsed: the model is in the path, and the body may be the model's own."""
        return request
