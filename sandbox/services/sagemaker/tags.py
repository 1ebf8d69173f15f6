"""Tags of what this sandbox has of SageMaker. A model package has those of its group, and none of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.services.errors import NotInSandboxError, aws_error
from sandbox.services.protocol import Json
from sandbox.services.sagemaker.models import SageMakerBackend, owner_of

MAX_TAGS = 50
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AddTags.html"""


def add_tags(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """AddTags: sets the given keys and returns all tags."""
    tags = _tags_of(backend, request["ResourceArn"])
    added = {tag["Key"]: tag["Value"] for tag in request["Tags"]}
    if len(tags | added) > MAX_TAGS:
        raise aws_error("ResourceLimitExceeded", f"A resource can have at most {MAX_TAGS} tags.")
    tags |= added
    return {"Tags": _as_list(tags)}


def delete_tags(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """DeleteTags: removes the given keys, silently where there is none."""
    tags = _tags_of(backend, request["ResourceArn"])
    for key in request["TagKeys"]:
        tags.pop(key, None)
    return {}


def list_tags(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """ListTags: all of them; there can't be more than the smallest page, which is 50."""
    return {"Tags": _as_list(_tags_of(backend, request["ResourceArn"]))}


def _tags_of(backend: SageMakerBackend, arn: str) -> dict[str, str]:
    kind = arn.split(":", 5)[5].partition("/")[0]
    if kind not in ("model-card", "model-package-group", "model"):
        raise NotInSandboxError(f"tags of a sagemaker resource of type {kind} ({arn})")
    owner, name = owner_of(backend, arn, kind)
    if kind == "model-card":
        return owner.card(name).tags
    return owner.group(name).tags if kind == "model-package-group" else owner.model(name).tags


def _as_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
