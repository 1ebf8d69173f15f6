"""Making, changing and deleting shares."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.kernel.delays import delays
from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire.errors import aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.ram import principals
from sandbox.services.ram.associations import add
from sandbox.services.ram.catalog import permission
from sandbox.services.ram.models import RamBackend
from sandbox.services.ram.share import AssociationStatus, Kind, Share, utc

MAX_SHARES = 25_000
"""Per account and Region. https://docs.aws.amazon.com/ram/latest/userguide/service-quotas.html"""

MAX_TAGS = 50


def create_resource_share(backend: RamBackend, request: Mapping[str, Any]) -> Json:
    """CreateResourceShare: an active share whose associations settle later. Names needn't be unique."""
    now = clock.now()
    if sum(share.deleted_at is None for share in backend.shares.values()) >= MAX_SHARES:
        raise aws_error("ResourceShareLimitExceededException", f"An account has up to {MAX_SHARES} resource shares.")
    share = Share(
        arn=f"arn:{PARTITION}:ram:{backend.region_name}:{backend.account_id}:resource-share/{uuid.uuid4()}",
        name=request["name"],
        owner=backend.account_id,
        allow_external=request.get("allowExternalPrincipals", True),
        tags={},
        created_at=now,
        updated_at=now,
        permissions=_permissions(request.get("permissionArns", [])),
    )
    _set_tags(share, request.get("tags", []))
    add(backend, share, request.get("resourceArns", []), request.get("principals", []))
    backend.shares[share.arn] = share
    return {"resourceShare": describe(share)}


def update_resource_share(backend: RamBackend, request: Mapping[str, Any]) -> Json:
    """UpdateResourceShare: its name, and whether it takes external principals (not while it has one)."""
    share = backend.share(request["resourceShareArn"])
    now = clock.now()
    allow = request.get("allowExternalPrincipals", share.allow_external)
    present = share.having(Kind.PRINCIPAL, now, AssociationStatus.ASSOCIATING, AssociationStatus.ASSOCIATED)
    if not allow and any(each.external for each in present):
        raise aws_error("OperationNotPermittedException", f"{share.arn} is shared with external principals.")
    share.name = request.get("name", share.name)
    share.allow_external = allow
    share.updated_at = now
    return {"resourceShare": describe(share)}


def delete_resource_share(backend: RamBackend, request: Mapping[str, Any]) -> Json:
    """DeleteResourceShare: its access ends at once; it is DELETING for a while, then listed as DELETED."""
    share = backend.share(request["resourceShareArn"])
    now = clock.now()
    share.deleted_at = clock.mark(now + delays.ram_association)
    share.updated_at = now
    for association in share.associations.values():
        if association.status(now) in (AssociationStatus.ASSOCIATING, AssociationStatus.ASSOCIATED):
            association.leave(now, share.deleted_at)
    return {"returnValue": True}


def tag_resource(backend: RamBackend, request: Mapping[str, Any]) -> Json:
    """TagResource, for shares."""
    _set_tags(_tagged(backend, request), request["tags"])
    return {}


def untag_resource(backend: RamBackend, request: Mapping[str, Any]) -> Json:
    """UntagResource, for shares; silent where there is no such tag."""
    share = _tagged(backend, request)
    for key in request["tagKeys"]:
        share.tags.pop(key, None)
    return {}


def describe(share: Share) -> Json:
    """A share as the API shows it."""
    return {
        "resourceShareArn": share.arn,
        "name": share.name,
        "owningAccountId": share.owner,
        "allowExternalPrincipals": share.allow_external,
        "status": share.status(clock.now()),
        "tags": [{"key": key, "value": value} for key, value in sorted(share.tags.items())],
        "creationTime": utc(share.created_at),
        "lastUpdatedTime": utc(share.updated_at),
        "featureSet": "STANDARD",
    }


def visible(backend: RamBackend, owner: str) -> list[Share]:
    """The shares behind `resourceOwner`: one's own (SELF), or those of others that one has been let into."""
    if owner == "SELF":
        return list(backend.shares.values())
    now = clock.now()
    return [
        share
        for share in backend.everyone()
        if share.owner != backend.account_id
        and share.status(now) == "ACTIVE"
        and any(
            principals.reaches(each.entity, backend.account_id)
            for each in share.having(Kind.PRINCIPAL, now, AssociationStatus.ASSOCIATED)
        )
    ]


def _permissions(arns: list[str]) -> dict[str, str]:
    """By resource type; two for one type are refused: a share has exactly one permission for each type."""
    chosen: dict[str, str] = {}
    for arn in arns:
        found = permission(arn)
        if found.resource_type in chosen:
            message = f"Only one permission can be associated for {found.resource_type}."
            raise aws_error("InvalidParameterException", message)
        chosen[found.resource_type] = found.name
    return chosen


def _set_tags(share: Share, tags: list[dict[str, str]]) -> None:
    added = {tag["key"]: tag.get("value", "") for tag in tags}
    if any(key.lower().startswith("aws:") for key in added):
        raise aws_error("TagPolicyViolationException", "Tag keys that begin with aws: are reserved.")
    if len(share.tags | added) > MAX_TAGS:
        raise aws_error("TagLimitExceededException", f"A resource share can have at most {MAX_TAGS} tags.")
    share.tags |= added


def _tagged(backend: RamBackend, request: Mapping[str, Any]) -> Share:
    arn = request.get("resourceShareArn") or request.get("resourceArn")
    if arn is None:
        raise aws_error("InvalidParameterException", "Name a resourceShareArn or a resourceArn.")
    return backend.share(arn)
