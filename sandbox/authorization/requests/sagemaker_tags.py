"""The tags of SageMaker's requests and resources, as condition keys."""

from __future__ import annotations

from sandbox.authorization import stored
from sandbox.authorization.requests.mapping import Call, Context, request_tags


def requested(call: Call) -> Context:
    """The tags that a request carries."""
    return request_tags({tag["Key"]: tag["Value"] for tag in call.get("Tags") or []})


def kept(resource: str) -> Context:
    """The tags that a resource has."""
    tags = stored.sagemaker_tags(resource)
    return {f"{prefix}:ResourceTag/{key}": (value,) for key, value in tags.items() for prefix in ("aws", "sagemaker")}
