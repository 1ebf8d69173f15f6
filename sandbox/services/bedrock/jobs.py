"""Jobs of Bedrock that begin and never do anything."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire.errors import aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.bedrock.models import BedrockBackend


def create_model_invocation_job(backend: BedrockBackend, request: Mapping[str, Any]) -> Json:
    """CreateModelInvocationJob: a batch of invocations."""
    return _create(backend, request["jobName"], f"model-invocation-job/{secrets.token_hex(6)}")


def create_model_customization_job(backend: BedrockBackend, request: Mapping[str, Any]) -> Json:
    """CreateModelCustomizationJob: a fine-tuning."""
    model = request["baseModelIdentifier"].rpartition("/")[2]
    return _create(backend, request["jobName"], f"model-customization-job/{model}/{secrets.token_hex(6)}")


def _create(backend: BedrockBackend, name: str, resource: str) -> Json:
    if name in backend.jobs:
        raise aws_error("ConflictException", f"A job named {name} already exists.")
    backend.jobs[name] = f"arn:{PARTITION}:bedrock:{backend.region_name}:{backend.account_id}:{resource}"
    return {"jobArn": backend.jobs[name]}
