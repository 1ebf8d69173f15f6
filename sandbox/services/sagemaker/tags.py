"""Tags of what this sandbox has of SageMaker. A model package has those of its group, and none of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.kernel.wire.errors import NotInSandboxError, aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.sagemaker.deployments import endpoints
from sandbox.services.sagemaker.hubs import names as hub_names
from sandbox.services.sagemaker.recording import recorded
from sandbox.services.sagemaker.store.backend import SageMakerBackend, owner_of
from sandbox.services.sagemaker.studio import domains

MAX_TAGS = 50
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AddTags.html"""


def add_tags(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """AddTags: sets the given keys and returns all tags."""
    with recorded(backend, "AddTags", request) as record:
        tags = _tags_of(backend, request["ResourceArn"])
        added = {tag["Key"]: tag["Value"] for tag in request["Tags"]}
        if len(tags | added) > MAX_TAGS:
            raise aws_error("ResourceLimitExceeded", f"A resource can have at most {MAX_TAGS} tags.")
        tags |= added
        record.response = {"Tags": _as_list(tags)}
    return record.response


def delete_tags(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """DeleteTags: removes the given keys, silently where there is none."""
    with recorded(backend, "DeleteTags", request):
        tags = _tags_of(backend, request["ResourceArn"])
        for key in request["TagKeys"]:
            tags.pop(key, None)
    return {}


def list_tags(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """ListTags: all of them; there can't be more than the smallest page, which is 50."""
    return {"Tags": _as_list(_tags_of(backend, request["ResourceArn"]))}


def _tags_of(backend: SageMakerBackend, arn: str) -> dict[str, str]:
    kind = arn.split(":", 5)[5].partition("/")[0]
    if kind not in _TAGGED:
        raise NotInSandboxError(f"tags of a sagemaker resource of type {kind} ({arn})")
    owner, name = owner_of(backend, arn, kind)
    return _TAGGED[kind](owner, name)


_TAGGED: dict[str, Callable[[SageMakerBackend, str], dict[str, str]]] = {
    "domain": lambda owner, name: domains.domain_of(owner, name).tags,
    "endpoint": lambda owner, name: endpoints.endpoint_of(owner, name).tags,
    "endpoint-config": lambda owner, name: endpoints.config_of(owner, name).tags,
    "hub": lambda owner, name: hub_names.hub_named(owner, name).tags,
    "model": lambda owner, name: owner.model(name).tags,
    "model-card": lambda owner, name: owner.card(name).tags,
    "model-package-group": lambda owner, name: owner.group(name).tags,
}
"""Resource type -> the tags of the resource of that name, to read or to change."""


def _as_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
