"""What RAM lists: shares, associations, resources, principals. Every filter is applied, or refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire.errors import aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.ram import associations, catalog, principals, shares
from sandbox.services.ram.models import RamBackend
from sandbox.services.ram.pages import paged
from sandbox.services.ram.share import Association, AssociationStatus, Kind, Share, utc

_PRESENT = (AssociationStatus.ASSOCIATING, AssociationStatus.ASSOCIATED)


def get_resource_shares(backend: RamBackend, request: Mapping[str, Any]) -> Json:
    """GetResourceShares: one's own (deleted ones too, unless the status says otherwise) or others'."""
    found = _chosen(shares.visible(backend, request["resourceOwner"]), request)
    if "permissionArn" in request:
        wanted = catalog.permission(request["permissionArn"]).name
        found = [share for share in found if wanted in share.permissions.values()]
    now = clock.now()
    return paged(
        "resourceShares",
        [
            shares.describe(share)
            for share in found
            if request.get("name") in (None, share.name)
            and request.get("resourceShareStatus") in (None, share.status(now))
            and all(_tagged(share, tag_filter) for tag_filter in request.get("tagFilters", []))
        ],
        request,
    )


def get_resource_share_associations(backend: RamBackend, request: Mapping[str, Any]) -> Json:
    """GetResourceShareAssociations: of shares that one owns, also those that have ended.

    A `resourceArn` can't be combined with the type PRINCIPAL, nor a `principal` with RESOURCE (botocore).
    An association of a resource that was deleted meanwhile stays until it is disassociated; what AWS does is unknown.
    """
    if request["associationType"] == "SOURCE":
        raise aws_error("NotInSandbox", "associationType SOURCE is not part of the sandbox")
    kind = Kind(request["associationType"])
    other = "principal" if kind is Kind.RESOURCE else "resourceArn"
    if other in request:
        raise aws_error("InvalidParameterException", f"You can't specify {other} with association type {kind}.")
    entity = request.get("resourceArn") or request.get("principal")
    if kind is Kind.RESOURCE and entity is not None:
        catalog.type_of(entity)
    now = clock.now()
    return paged(
        "resourceShareAssociations",
        [
            associations.describe(share, each)
            for share in _chosen(list(backend.shares.values()), request)
            for each in share.having(kind, now, *AssociationStatus)
            if entity in (None, each.entity) and request.get("associationStatus") in (None, each.status(now))
        ],
        request,
    )


def list_resources(backend: RamBackend, request: Mapping[str, Any]) -> Json:
    """ListResources: what one shares, or what others share with one (then only what has settled)."""
    own = request["resourceOwner"] == "SELF"
    statuses = _PRESENT if own else (AssociationStatus.ASSOCIATED,)
    wanted, principal = request.get("resourceType"), request.get("principal")
    now = clock.now()
    found = [
        _resource(share, each, now)
        for share in _active(backend, request)
        if principal is None or any(each.entity == principal for each in share.having(Kind.PRINCIPAL, now, *_PRESENT))
        for each in share.having(Kind.RESOURCE, now, *statuses)
        if each.entity in request.get("resourceArns", [each.entity])
        and (wanted is None or catalog.type_of(each.entity).name.lower() == wanted.lower())
        and request.get("resourceRegionScope", "ALL") != "GLOBAL"
    ]
    return paged("resources", found, request)


def list_principals(backend: RamBackend, request: Mapping[str, Any]) -> Json:
    """ListPrincipals: with whom one shares, or (OTHER-ACCOUNTS) as whom one has been let into others' shares."""
    own = request["resourceOwner"] == "SELF"
    arn, wanted = request.get("resourceArn"), request.get("resourceType")
    now = clock.now()
    found = [
        _principal(share, each)
        for share in _active(backend, request)
        if arn is None or any(each.entity == arn for each in share.having(Kind.RESOURCE, now, *_PRESENT))
        if wanted is None or wanted.lower() in {name.lower() for name in share.permissions}
        for each in share.having(Kind.PRINCIPAL, now, *_PRESENT)
        if each.entity in request.get("principals", [each.entity])
        and (own or principals.reaches(each.entity, backend.account_id))
    ]
    return paged("principals", found, request)


def list_resource_types(_backend: RamBackend, request: Mapping[str, Any]) -> Json:
    """ListResourceTypes: those of the sandbox, which are all Regional."""
    scope = request.get("resourceRegionScope", "ALL")
    known = [
        {"resourceType": each.name, "serviceName": each.name.partition(":")[0], "resourceRegionScope": "REGIONAL"}
        for each in catalog.RESOURCE_TYPES
        if scope != "GLOBAL"
    ]
    return paged("resourceTypes", known, request)


def _active(backend: RamBackend, request: Mapping[str, Any]) -> list[Share]:
    now = clock.now()
    found = _chosen(shares.visible(backend, request["resourceOwner"]), request)
    return [share for share in found if share.status(now) == "ACTIVE"]


def _chosen(found: list[Share], request: Mapping[str, Any]) -> list[Share]:
    """The shares that `resourceShareArns` names; one that can't be found is an error, as in RAM."""
    if "resourceShareArns" not in request:
        return found
    by_arn = {share.arn: share for share in found}
    for arn in request["resourceShareArns"]:
        if not arn.startswith(f"arn:{PARTITION}:ram:"):
            raise aws_error("MalformedArnException", f"The resource share ARN {arn} is not valid.")
        if arn not in by_arn:
            raise aws_error("UnknownResourceException", f"ResourceShare {arn} could not be found.")
    return [by_arn[arn] for arn in dict.fromkeys(request["resourceShareArns"])]


def _tagged(share: Share, tag_filter: Mapping[str, Any]) -> bool:
    """Without tagValues, any value will do."""
    key, values = tag_filter.get("tagKey"), tag_filter.get("tagValues")
    return key in share.tags and (not values or share.tags[key] in values)


def _resource(share: Share, association: Association, now: float) -> Json:
    settled = association.status(now) is AssociationStatus.ASSOCIATED
    return {
        "arn": association.entity,
        "type": catalog.type_of(association.entity).name,
        "resourceShareArn": share.arn,
        "status": "AVAILABLE" if settled else "PENDING",
        "creationTime": utc(association.created_at),
        "lastUpdatedTime": utc(association.changed_at),
        "resourceRegionScope": "REGIONAL",
    }


def _principal(share: Share, association: Association) -> Json:
    return {
        "id": association.entity,
        "resourceShareArn": share.arn,
        "creationTime": utc(association.created_at),
        "lastUpdatedTime": utc(association.changed_at),
        "external": association.external,
    }
