"""Bedrock's operations."""

from __future__ import annotations

from typing import ClassVar

from moto.bedrock.models import bedrock_backends

from sandbox.services.bedrock import jobs
from sandbox.services.protocol import ServiceResponse


class BedrockResponse(ServiceResponse):
    """Jobs that invoke or customize a model."""

    service = "bedrock"
    backends = bedrock_backends
    operations: ClassVar = {
        "CreateModelCustomizationJob": jobs.create_model_customization_job,
        "CreateModelInvocationJob": jobs.create_model_invocation_job,
    }
