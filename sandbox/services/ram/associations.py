"""Putting resources and principals into shares, and taking them out again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.kernel.delays import delays
from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire.errors import aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.ram import principals
from sandbox.services.ram.catalog import default_permission, type_of
from sandbox.services.ram.models import RamBackend
from sandbox.services.ram.share import Association, AssociationStatus, Invitation, Kind, Share, utc

MAX_RESOURCES_PER_CALL = 100
"""https://docs.aws.amazon.com/ram/latest/APIReference/API_AssociateResourceShare.html, its limit exception."""

MAX_PER_SHARE = 5000
"""Of each kind. https://docs.aws.amazon.com/ram/latest/userguide/service-quotas.html"""

_PRESENT = (AssociationStatus.ASSOCIATING, AssociationStatus.ASSOCIATED)


def associate_resource_share(backend: RamBackend, request: Mapping[str, Any]) -> Json:
    """AssociateResourceShare: begins to associate; what is associated already stays as it is."""
    share = backend.share(request["resourceShareArn"])
    resources, named = _named(request)
    return {"resourceShareAssociations": [describe(share, each) for each in add(backend, share, resources, named)]}


def disassociate_resource_share(backend: RamBackend, request: Mapping[str, Any]) -> Json:
    """DisassociateResourceShare: begins to disassociate; refused while anything of the share is still associating.

    AWS's words, seen by a user: "InvalidStateTransitionException: At least one of the associations in the resource
    share is in ASSOCIATING status" (https://github.com/hashicorp/terraform-provider-aws/issues/13458). An invitation
    that nobody has answered yet doesn't count here, or a share with an external principal could not be taken back.
    """
    share = backend.share(request["resourceShareArn"])
    resources, named = _named(request)
    now = clock.now()
    leaving = [_present(share, Kind.RESOURCE, each, now) for each in resources]
    leaving += [_present(share, Kind.PRINCIPAL, each, now) for each in named]
    if any(a.status(now) is AssociationStatus.ASSOCIATING and not a.awaits_answer(now) for a in _all(share)):
        message = "At least one of the associations in the resource share is in ASSOCIATING status."
        raise aws_error("InvalidStateTransitionException", message)
    for association in leaving:
        if association.status(now) is not AssociationStatus.DISASSOCIATING:
            association.leave(now, clock.mark(now + delays.ram_association))
    return {"resourceShareAssociations": [describe(share, each) for each in leaving]}


def add(backend: RamBackend, share: Share, resources: Sequence[str], named: Sequence[str]) -> list[Association]:
    """Begin to associate; checks everything before it changes anything."""
    _require_room(share, resources, named)
    for arn in resources:
        _require_shareable(backend, arn)
    for principal in named:
        principals.require_principal(principal)
        if not share.allow_external and principals.is_external(share.owner, principal):
            message = (
                f"The resource share doesn't allow external principals, and {principal} is outside the organization."
            )
            raise aws_error("OperationNotPermittedException", message)
    for arn in resources:
        resource_type = type_of(arn).name
        if resource_type not in share.permissions:
            share.permissions[resource_type] = default_permission(resource_type).name
    added = [_add(backend, share, Kind.RESOURCE, arn) for arn in resources]
    return added + [_add(backend, share, Kind.PRINCIPAL, each) for each in named]


def describe(share: Share, association: Association) -> Json:
    """An association as the API shows it."""
    shown: Json = {
        "resourceShareArn": share.arn,
        "resourceShareName": share.name,
        "associatedEntity": association.entity,
        "associationType": association.kind.value,
        "status": association.status(clock.now()).value,
        "creationTime": utc(association.created_at),
        "lastUpdatedTime": utc(association.changed_at),
        "external": association.external,
    }
    return shown


def _add(backend: RamBackend, share: Share, kind: Kind, entity: str) -> Association:
    now = clock.now()
    existing = share.associations.get((kind, entity))
    if existing is not None:
        status = existing.status(now)
        if status in _PRESENT:
            return existing
        if status is AssociationStatus.DISASSOCIATING:
            raise aws_error("InvalidStateTransitionException", f"{entity} is in DISASSOCIATING status.")
    settles_at = clock.mark(now + delays.ram_association)
    association = Association(kind, entity, created_at=now, changed_at=now, settles_at=settles_at)
    if kind is Kind.PRINCIPAL:
        association.external = principals.is_external(share.owner, entity)
        association.invitation = _invitation(backend, entity, now) if association.external else None
    share.associations[kind, entity] = association
    return association


def _invitation(backend: RamBackend, principal: str, now: float) -> Invitation:
    account = principals.account_of(principal)
    if account is None:
        message = f"You can't share with the organization {principal}: you aren't in it, or sharing in it is off."
        raise aws_error("OperationNotPermittedException", message)
    arn = f"arn:{PARTITION}:ram:{backend.region_name}:{backend.account_id}:resource-share-invitation/{uuid.uuid4()}"
    return Invitation(arn, account, now)


def _named(request: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    resources, named = list(request.get("resourceArns", [])), list(request.get("principals", []))
    if not resources and not named:
        raise aws_error("InvalidParameterException", "Name at least one of resourceArns and principals.")
    return resources, named


def _require_room(share: Share, resources: Sequence[str], named: Sequence[str]) -> None:
    now = clock.now()
    if len(resources) > MAX_RESOURCES_PER_CALL:
        message = f"You can associate up to {MAX_RESOURCES_PER_CALL} resources per call, not {len(resources)}."
        raise aws_error("ResourceShareLimitExceededException", message)
    for kind, entities in ((Kind.RESOURCE, resources), (Kind.PRINCIPAL, named)):
        present = {each.entity for each in share.having(kind, now, *_PRESENT)}
        if len(present | set(entities)) > MAX_PER_SHARE:
            message = f"A resource share holds up to {MAX_PER_SHARE} associations of type {kind}."
            raise aws_error("ResourceShareLimitExceededException", message)


def _require_shareable(backend: RamBackend, arn: str) -> None:
    resource_type = type_of(arn)
    _, _, _, region, account, _ = arn.split(":", 5)
    if account != backend.account_id:
        message = f"You can't share {arn}: only the owner of a resource can, and that is account {account}."
        raise aws_error("OperationNotPermittedException", message)
    if region != backend.region_name:
        message = f"{arn} is not in Region {backend.region_name}."
        raise aws_error("InvalidParameterException", message)
    if not resource_type.exists(arn):
        raise aws_error("UnknownResourceException", f"The resource {arn} could not be found.")


def _present(share: Share, kind: Kind, entity: str, now: float) -> Association:
    found = share.associations.get((kind, entity))
    if found is None or found.status(now) is AssociationStatus.DISASSOCIATED:
        raise aws_error("UnknownResourceException", f"{entity} is not associated with {share.arn}.")
    return found


def _all(share: Share) -> list[Association]:
    return list(share.associations.values())
