"""The resource policy by which the management account lets members use Organizations' policy APIs."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from sandbox.kernel.wire.errors import aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.organizations.documents import require_resource_policy
from sandbox.services.organizations.models import OrganizationsBackend
from sandbox.services.organizations.organization import Organization, ResourcePolicy


def put_resource_policy(backend: OrganizationsBackend, request: Mapping[str, Any]) -> Json:
    """PutResourcePolicy: makes it, or replaces its content as a whole; its id stays."""
    organization = backend.organization()
    require_resource_policy(request["Content"])
    policy = organization.resource_policy
    if policy is None:
        policy = ResourcePolicy("rp-" + secrets.token_hex(4), request["Content"])
        organization.resource_policy = policy
    policy.content = request["Content"]
    policy.tags |= {tag["Key"]: tag["Value"] for tag in request.get("Tags", [])}
    return {"ResourcePolicy": _describe(organization, policy)}


def describe_resource_policy(backend: OrganizationsBackend, _request: Mapping[str, Any]) -> Json:
    """DescribeResourcePolicy."""
    organization = backend.organization()
    return {"ResourcePolicy": _describe(organization, _require(organization))}


def delete_resource_policy(backend: OrganizationsBackend, _request: Mapping[str, Any]) -> Json:
    """DeleteResourcePolicy: nobody is delegated to any more."""
    organization = backend.organization()
    _require(organization)
    organization.resource_policy = None
    return {}


def _require(organization: Organization) -> ResourcePolicy:
    if organization.resource_policy is None:
        raise aws_error("ResourcePolicyNotFoundException", "We can't find a resource policy of the organization.")
    return organization.resource_policy


def _describe(organization: Organization, policy: ResourcePolicy) -> Json:
    arn = organization.arn("resourcepolicy", policy.id)
    return {"ResourcePolicySummary": {"Id": policy.id, "Arn": arn}, "Content": policy.content}
