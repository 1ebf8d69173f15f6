"""Tags of policies, accounts, the root and the resource policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.kernel.wire.errors import aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.organizations.models import OrganizationsBackend
from sandbox.services.organizations.organization import Organization
from sandbox.services.organizations.pages import paged

MAX_TAGS = 50
"""https://docs.aws.amazon.com/organizations/latest/userguide/orgs_tagging.html"""


def tag_resource(backend: OrganizationsBackend, request: Mapping[str, Any]) -> Json:
    """TagResource: sets the given keys."""
    tags = _tags_of(backend.organization(), request["ResourceId"])
    added = {tag["Key"]: tag["Value"] for tag in request["Tags"]}
    if len(tags | added) > MAX_TAGS:
        message = f"A resource can have at most {MAX_TAGS} tags."
        raise aws_error("ConstraintViolationException", message, Reason="MAX_TAG_LIMIT_EXCEEDED")
    tags |= added
    return {}


def untag_resource(backend: OrganizationsBackend, request: Mapping[str, Any]) -> Json:
    """UntagResource: removes the given keys, silently where there is none."""
    tags = _tags_of(backend.organization(), request["ResourceId"])
    for key in request["TagKeys"]:
        tags.pop(key, None)
    return {}


def list_tags_for_resource(backend: OrganizationsBackend, request: Mapping[str, Any]) -> Json:
    """ListTagsForResource."""
    tags = _tags_of(backend.organization(), request["ResourceId"])
    return paged("Tags", [{"Key": key, "Value": value} for key, value in sorted(tags.items())], request)


def _tags_of(organization: Organization, resource: str) -> dict[str, str]:
    tags = organization.tags_of(resource)
    if tags is None:
        raise aws_error("TargetNotFoundException", f"We can't find a resource with the id {resource}.")
    return tags
