"""Invitations: how a principal outside the organization gets into a share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.kernel.delays import delays
from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire.errors import aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services import organizations
from sandbox.services.ram.models import RamBackend
from sandbox.services.ram.pages import paged
from sandbox.services.ram.share import Association, Invitation, InvitationStatus, Share, utc


def get_resource_share_invitations(backend: RamBackend, request: Mapping[str, Any]) -> Json:
    """GetResourceShareInvitations: those that the calling account has received."""
    arns, share_arns = request.get("resourceShareInvitationArns"), request.get("resourceShareArns")
    received = [
        _describe(share, invitation)
        for share, _, invitation in _received(backend)
        if (arns is None or invitation.arn in arns) and (share_arns is None or share.arn in share_arns)
    ]
    if arns is not None and len(received) < len(set(arns)):
        raise aws_error("ResourceShareInvitationArnNotFoundException", "An invitation could not be found.")
    return paged("resourceShareInvitations", received, request)


def accept_resource_share_invitation(backend: RamBackend, request: Mapping[str, Any]) -> Json:
    """AcceptResourceShareInvitation: the principal is associated a little later."""
    share, association, invitation = _pending(backend, request["resourceShareInvitationArn"])
    now = clock.now()
    invitation.answer = InvitationStatus.ACCEPTED
    association.changed_at, association.settles_at = now, clock.mark(now + delays.ram_association)
    return {"resourceShareInvitation": _describe(share, invitation)}


def reject_resource_share_invitation(backend: RamBackend, request: Mapping[str, Any]) -> Json:
    """RejectResourceShareInvitation: the principal is out of the share."""
    share, association, invitation = _pending(backend, request["resourceShareInvitationArn"])
    invitation.answer = InvitationStatus.REJECTED
    association.changed_at = clock.now()
    return {"resourceShareInvitation": _describe(share, invitation)}


def enable_sharing_with_aws_organization(backend: RamBackend, _request: Mapping[str, Any]) -> Json:
    """EnableSharingWithAwsOrganization, from the management account: members need no invitations any more."""
    if backend.account_id != organizations.management_account():
        message = "Only the management account of an organization can enable sharing with it."
        raise aws_error("OperationNotPermittedException", message)
    organizations.enable_sharing()
    return {"returnValue": True}


def _received(backend: RamBackend) -> list[tuple[Share, Association, Invitation]]:
    """Invitations to active shares; one whose principal was taken out again is gone."""
    now = clock.now()
    return [
        (share, association, association.invitation)
        for share in backend.everyone()
        if share.status(now) == "ACTIVE"
        for association in list(share.associations.values())
        if association.invitation is not None
        and association.invitation.receiver == backend.account_id
        and not association.leaving
    ]


def _pending(backend: RamBackend, arn: str) -> tuple[Share, Association, Invitation]:
    for share, association, invitation in _received(backend):
        if invitation.arn == arn:
            status = invitation.status(clock.now())
            if status is not InvitationStatus.PENDING:
                code = {
                    InvitationStatus.ACCEPTED: "ResourceShareInvitationAlreadyAcceptedException",
                    InvitationStatus.REJECTED: "ResourceShareInvitationAlreadyRejectedException",
                    InvitationStatus.EXPIRED: "ResourceShareInvitationExpiredException",
                }[status]
                raise aws_error(code, f"The invitation {arn} is {status}.")
            return share, association, invitation
    raise aws_error("ResourceShareInvitationArnNotFoundException", f"The invitation {arn} could not be found.")


def _describe(share: Share, invitation: Invitation) -> Json:
    return {
        "resourceShareInvitationArn": invitation.arn,
        "resourceShareName": share.name,
        "resourceShareArn": share.arn,
        "senderAccountId": share.owner,
        "receiverAccountId": invitation.receiver,
        "invitationTimestamp": utc(invitation.sent_at),
        "status": invitation.status(clock.now()).value,
        "receiverArn": f"arn:{PARTITION}:iam::{invitation.receiver}:root",
    }
