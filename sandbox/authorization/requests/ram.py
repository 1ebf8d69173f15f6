"""Resource Access Manager.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsresourceaccessmanagerram.html
A write carries only the keys that the reference lists for it: `ram:PermissionArn`, for one, is no key of
CreateResourceShare, and a condition on it there never matches.
"""

from __future__ import annotations

from sandbox.authorization import stored
from sandbox.authorization.requests.mapping import (
    Access,
    Call,
    Context,
    Row,
    arn,
    needs,
    parameter,
    present,
    request_tags,
    table,
)

_SHARE = parameter("resourceShareArn")


def _tags(call: Call) -> Context:
    return request_tags({tag["key"]: tag["value"] for tag in call.get("tags") or []})


def _requested(call: Call) -> list[Context]:
    """What is shared with whom, one context for each resource with each principal.

    `ram:Principal`, `ram:ResourceArn` and `ram:RequestedResourceType` are single-valued keys, so a request that names
    several has to be allowed for each of them.
    """
    return [
        present(
            ram__Principal=principal,
            ram__ResourceArn=resource,
            ram__RequestedResourceType=stored.shareable_type(resource) if resource else None,
        )
        for principal in call.get("principals") or [None]
        for resource in call.get("resourceArns") or [None]
    ]


def _share(call: Call) -> Context:
    """The keys of an existing share."""
    share = stored.resource_share(str(call.get("resourceShareArn")))
    if share is None:
        return {}
    tags: Context = {
        f"{prefix}:ResourceTag/{key}": (value,) for key, value in share.tags.items() for prefix in ("aws", "ram")
    }
    return tags | present(ram__ResourceShareName=share.name, ram__AllowsExternalPrincipals=share.allows_external)


def _policy_of(action: str, call: Call) -> list[Access]:
    """Sharing a SageMaker resource writes its resource policy, with the caller's own permission.

    The reference describes sagemaker:PutResourcePolicy as what lets RAM create that policy, and AWS's managed
    AmazonDataZoneSageMakerManageAccessRolePolicy gives it beside RAM's actions to the role that shares.
    """
    resources = [each for each in call.get("resourceArns") or [] if each.startswith("arn:aws:sagemaker:")]
    return [Access(f"sagemaker:{action}", each) for each in resources]


def _create(call: Call) -> list[Access]:
    allows_external = call.get("allowExternalPrincipals")
    # The API's default is true.
    common = _tags(call) | present(ram__RequestedAllowsExternalPrincipals=allows_external is None or allows_external)
    accesses = [Access("ram:CreateResourceShare", "*", each | common) for each in _requested(call)]
    if call.get("tags"):
        # AWS's managed policies for roles that create tagged shares give them both actions.
        accesses.append(Access("ram:TagResource", arn("ram", call, "resource-share/*"), _tags(call)))
    return accesses + _policy_of("PutResourcePolicy", call)


def _associate(call: Call) -> list[Access]:
    accesses = [Access("ram:AssociateResourceShare", _SHARE(call), each | _share(call)) for each in _requested(call)]
    return accesses + _policy_of("PutResourcePolicy", call)


def _disassociate(call: Call) -> list[Access]:
    accesses = [Access("ram:DisassociateResourceShare", _SHARE(call), each | _share(call)) for each in _requested(call)]
    return accesses + _policy_of("DeleteResourcePolicy", call)


def _update(call: Call) -> list[Access]:
    context = _share(call) | present(ram__RequestedAllowsExternalPrincipals=call.get("allowExternalPrincipals"))
    return [Access("ram:UpdateResourceShare", _SHARE(call), context)]


def _permission(call: Call) -> Context:
    return present(ram__PermissionArn=call.get("permissionArn"))


def _invitation(call: Call) -> list[Access]:
    invitation = str(call.get("resourceShareInvitationArn"))
    share = stored.share_invited_to(invitation)
    context = present(ram__ShareOwnerAccountId=share.owner, ram__ResourceShareName=share.name) if share else {}
    # Its ARN names the sender's account, but the one who answers it needs no permission from there.
    return [Access(f"ram:{call.operation}", invitation, context, owner=call.account)]


def _tag(call: Call) -> list[Access]:
    keys = present(aws__TagKeys=call.get("tagKeys")) if call.operation == "UntagResource" else _tags(call)
    return [Access(f"ram:{call.operation}", str(call.get("resourceShareArn") or call.get("resourceArn")), keys)]


ROWS: dict[str, Row] = table(
    "ram",
    dict.fromkeys(
        (
            "EnableSharingWithAwsOrganization",
            "GetResourceShareAssociations",
            "GetResourceShareInvitations",
            "GetResourceShares",
            "ListPermissions",
            "ListPrincipals",
            "ListResourceTypes",
            "ListResources",
        )
    ),
    AcceptResourceShareInvitation=_invitation,
    AssociateResourceShare=_associate,
    AssociateResourceSharePermission=needs("ram:AssociateResourceSharePermission", _SHARE, parameter("permissionArn")),
    CreateResourceShare=_create,
    DeleteResourceShare=needs("ram:DeleteResourceShare", _SHARE, context=_share),
    DisassociateResourceShare=_disassociate,
    DisassociateResourceSharePermission=needs(
        "ram:DisassociateResourceSharePermission", _SHARE, parameter("permissionArn")
    ),
    GetPermission=needs("ram:GetPermission", parameter("permissionArn"), context=_permission),
    ListPendingInvitationResources=_invitation,
    ListResourceSharePermissions=needs("ram:ListResourceSharePermissions", _SHARE, context=_share),
    RejectResourceShareInvitation=_invitation,
    TagResource=_tag,
    UntagResource=_tag,
    UpdateResourceShare=_update,
)
