"""The managed permissions, and which one a share has for which type of resource."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.kernel.wire.errors import NotInSandboxError, aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.ram import catalog
from sandbox.services.ram.catalog import ManagedPermission
from sandbox.services.ram.models import RamBackend
from sandbox.services.ram.pages import paged
from sandbox.services.ram.share import AssociationStatus, Kind, Share

_VERSION = "1"


def associate_resource_share_permission(backend: RamBackend, request: Mapping[str, Any]) -> Json:
    """AssociateResourceSharePermission: `replace` is needed where the type has one already; takes effect at once."""
    share = backend.share(request["resourceShareArn"])
    found = catalog.permission(request["permissionArn"])
    if found.resource_type in share.permissions and not request.get("replace", False):
        message = f"{share.arn} already has a permission for {found.resource_type}; set replace to change it."
        raise aws_error("OperationNotPermittedException", message)
    share.permissions[found.resource_type] = found.name
    return {"returnValue": True}


def disassociate_resource_share_permission(backend: RamBackend, request: Mapping[str, Any]) -> Json:
    """DisassociateResourceSharePermission: only while the share has no resource of that type."""
    share = backend.share(request["resourceShareArn"])
    found = catalog.permission(request["permissionArn"])
    if share.permissions.get(found.resource_type) != found.name:
        raise aws_error("UnknownResourceException", f"{found.arn} is not associated with {share.arn}.")
    if any(catalog.type_of(arn).name == found.resource_type for arn in _resources(share)):
        message = f"{share.arn} still has resources of type {found.resource_type}."
        raise aws_error("OperationNotPermittedException", message)
    del share.permissions[found.resource_type]
    return {"returnValue": True}


def list_resource_share_permissions(backend: RamBackend, request: Mapping[str, Any]) -> Json:
    """ListResourceSharePermissions, of a share that one owns."""
    share = backend.share(request["resourceShareArn"])
    names = set(share.permissions.values())
    return paged("permissions", [_summary(each) for each in catalog.PERMISSIONS if each.name in names], request)


def list_permissions(_backend: RamBackend, request: Mapping[str, Any]) -> Json:
    """ListPermissions: the AWS managed ones; no account here has customer-managed permissions."""
    for parameter in ("resourceOwner", "permissionStatus"):
        if parameter in request:
            raise NotInSandboxError(f"the parameter {parameter} of ram:ListPermissions")
    wanted = request.get("resourceType")
    known = {each.name.lower() for each in catalog.RESOURCE_TYPES}
    if wanted is not None and wanted.lower() not in known:
        raise NotInSandboxError(f"the resource type {wanted} of ram:ListPermissions")
    if request.get("permissionType", "ALL") == "CUSTOMER_MANAGED":
        return paged("permissions", [], request)
    # Types are case-insensitive, says botocore.
    found = [each for each in catalog.PERMISSIONS if wanted is None or each.resource_type.lower() == wanted.lower()]
    return paged("permissions", [_summary(each) for each in found], request)


def get_permission(_backend: RamBackend, request: Mapping[str, Any]) -> Json:
    """GetPermission: with the policy template, which is where the actions are."""
    found = catalog.permission(request["permissionArn"])
    template = {"Effect": "Allow", "Action": sorted(found.actions)}
    return {"permission": _summary(found) | {"permission": json.dumps(template), "status": "ATTACHABLE"}}


def _summary(found: ManagedPermission) -> Json:
    return {
        "arn": found.arn,
        "version": _VERSION,
        "defaultVersion": True,
        "name": found.name,
        "resourceType": found.resource_type,
        "status": "ATTACHABLE",
        "isResourceTypeDefault": found.is_default,
        "permissionType": "AWS_MANAGED",
        "featureSet": "STANDARD",
    }


def _resources(share: Share) -> list[str]:
    present = (AssociationStatus.ASSOCIATING, AssociationStatus.ASSOCIATED, AssociationStatus.DISASSOCIATING)
    return [each.entity for each in share.having(Kind.RESOURCE, clock.now(), *present)]
