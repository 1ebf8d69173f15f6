"""RAM's operations."""

from __future__ import annotations

from typing import ClassVar

from moto.ram.models import ram_backends

from sandbox.kernel.wire.protocol import ServiceResponse
from sandbox.services.ram import associations, attachments, invitations, listings, shares
from sandbox.services.ram.idempotency import RamOperation, idempotent

_TAKING_A_TOKEN: dict[str, RamOperation] = {
    "CreateResourceShare": shares.create_resource_share,
    "UpdateResourceShare": shares.update_resource_share,
    "DeleteResourceShare": shares.delete_resource_share,
    "AssociateResourceShare": associations.associate_resource_share,
    "DisassociateResourceShare": associations.disassociate_resource_share,
    "AssociateResourceSharePermission": attachments.associate_resource_share_permission,
    "DisassociateResourceSharePermission": attachments.disassociate_resource_share_permission,
    "AcceptResourceShareInvitation": invitations.accept_resource_share_invitation,
    "RejectResourceShareInvitation": invitations.reject_resource_share_invitation,
}

_OTHERS: dict[str, RamOperation] = {
    "GetResourceShares": listings.get_resource_shares,
    "GetResourceShareAssociations": listings.get_resource_share_associations,
    "ListResources": listings.list_resources,
    "ListPrincipals": listings.list_principals,
    "ListResourceTypes": listings.list_resource_types,
    "ListResourceSharePermissions": attachments.list_resource_share_permissions,
    "ListPermissions": attachments.list_permissions,
    "GetPermission": attachments.get_permission,
    "GetResourceShareInvitations": invitations.get_resource_share_invitations,
    "EnableSharingWithAwsOrganization": invitations.enable_sharing_with_aws_organization,
    "TagResource": shares.tag_resource,
    "UntagResource": shares.untag_resource,
}


class RamResponse(ServiceResponse):
    """Resource shares, their associations, permissions and invitations."""

    service = "ram"
    backends = ram_backends
    operations: ClassVar = {name: idempotent(name, operation) for name, operation in _TAKING_A_TOKEN.items()} | _OTHERS
    invalid_request = "InvalidParameterException"
