"""Tags of import jobs and imported models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.kernel.wire.errors import aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.bedrock.models import BedrockBackend


def list_tags_for_resource(backend: BedrockBackend, request: Mapping[str, Any]) -> Json:
    """ListTagsForResource."""
    return {"tags": [{"key": key, "value": value} for key, value in sorted(_of(backend, request).items())]}


def tag_resource(backend: BedrockBackend, request: Mapping[str, Any]) -> Json:
    """TagResource: adds to those that are there."""
    _of(backend, request).update({tag["key"]: tag["value"] for tag in request["tags"]})
    return {}


def untag_resource(backend: BedrockBackend, request: Mapping[str, Any]) -> Json:
    """UntagResource: a tag that isn't there is no error."""
    for key in request["tagKeys"]:
        _of(backend, request).pop(key, None)
    return {}


def _of(backend: BedrockBackend, request: Mapping[str, Any]) -> dict[str, str]:
    arn = request["resourceARN"]
    if arn not in backend.imports and arn not in backend.imported:
        raise aws_error("ResourceNotFoundException", f"The resource {arn} was not found.")
    return backend.tags.setdefault(arn, {})
