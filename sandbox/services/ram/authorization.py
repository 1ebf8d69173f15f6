"""What RAM's operations need, and what shares allow.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsresourceaccessmanagerram.html
A write carries only the keys that the reference lists for it: `ram:PermissionArn`, for one, is no key of
CreateResourceShare, and a condition on it there never matches.
"""

from __future__ import annotations

from sandbox.authorization.accesses import (
    REQUEST_TAG_KEYS,
    Access,
    Call,
    Context,
    Row,
    arn,
    needs,
    parameter,
    present,
    request_tags,
    resource_tags,
    table,
)
from sandbox.authorization.evaluator.documents import Document, Kind, Statement
from sandbox.authorization.evaluator.principals import Principals
from sandbox.authorization.registry import Api, Registry, Resources
from sandbox.kernel.arns import split
from sandbox.kernel.clock import clock
from sandbox.kernel.identity import Principal
from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire.protocol import lock
from sandbox.services.ram import principals
from sandbox.services.ram.catalog import RESOURCE_TYPES, permission_named, type_of
from sandbox.services.ram.models import backend_for
from sandbox.services.ram.share import AssociationStatus, Share
from sandbox.services.ram.share import Kind as AssociationKind

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
            ram__RequestedResourceType=_shareable_type(resource) if resource else None,
        )
        for principal in call.get("principals") or [None]
        for resource in call.get("resourceArns") or [None]
    ]


def _shareable_type(resource: str) -> str:
    """RAM's name for the type of a resource (`sagemaker:ModelCard`).

    A resource that RAM doesn't share is `unknown`, so that a condition on the type doesn't let it pass.
    """
    return next((kind.name for kind in RESOURCE_TYPES if kind.arn.fullmatch(resource)), "unknown")


def _share(call: Call) -> Context:
    """The keys of an existing share; none for one that doesn't exist, which the service then says."""
    arn = str(call.get("resourceShareArn"))
    at = split(arn)
    share = backend_for(at.account, at.region).shares.get(arn) if at is not None else None
    if share is None:
        return {}
    own = present(ram__ResourceShareName=share.name, ram__AllowsExternalPrincipals=share.allow_external)
    return resource_tags(share.tags, "aws", "ram") | own


def _invited_to(invitation_arn: str) -> Share | None:
    """The share that an invitation is for."""
    at = split(invitation_arn)
    for share in list(backend_for(at.account, at.region).shares.values()) if at is not None else ():
        for association in list(share.associations.values()):
            if association.invitation is not None and association.invitation.arn == invitation_arn:
                return share
    return None


def _policy_of(action: str, call: Call) -> list[Access]:
    """Sharing a SageMaker resource writes its resource policy, with the caller's own permission.

    The reference describes sagemaker:PutResourcePolicy as what lets RAM create that policy, and AWS's managed
    AmazonDataZoneSageMakerManageAccessRolePolicy gives it beside RAM's actions to the role that shares.
    """
    resources = [each for each in call.get("resourceArns") or [] if each.startswith(f"arn:{PARTITION}:sagemaker:")]
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
    share = _invited_to(invitation)
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


def shared(principal: Principal, resource: str) -> tuple[Document, ...]:
    """What shares give the principal's account, as resource policies: RAM writes it into the resource's policy."""
    at = split(resource)
    if at is None or not principal.account or at.account == principal.account or at.service != "sagemaker":
        return ()
    # What belongs to a card (an export job) is shared with the card, what is in a hub with the hub.
    kind, name, *_ = [*at.resource.split("/"), ""]
    of = resource.removesuffix(at.resource) + f"{'hub' if kind == 'hub-content' else kind}/{name}"
    actions = allowed_actions(of, principal.account, at.region, principal.role_arn)
    if not actions:
        return ()
    statement = Statement(
        label=f"shared with {principal.account}",
        allows=True,
        actions=tuple(sorted(actions)),
        excludes_actions=False,
        resources=None,
        excludes_resources=False,
        principals=Principals(aws=frozenset((principal.account,))),
        conditions=(),
    )
    return (Document(f"RAM shares of {of}", Kind.RESOURCE, (statement,)),)


def allowed_actions(resource_arn: str, account_id: str, region: str, role_arn: str | None = None) -> frozenset[str]:
    """The IAM actions that shares give an account (or one role of it) on a resource of another; may be empty.

    A share counts when it is active, the resource is ASSOCIATED and so is a principal that stands for the account,
    which includes that an invitation was accepted. Several shares add up. A resource of the account itself, or one
    of a type that can't be shared, gets nothing from here.
    """
    owner = resource_arn.split(":")[4]
    if not owner.isdigit() or owner == account_id:
        return frozenset()
    with lock:
        shares = list(backend_for(owner, region).shares.values())
        giving = [share for share in shares if _gives(share, resource_arn, account_id, role_arn)]
        if not giving:
            return frozenset()
        resource_type = type_of(resource_arn).name
        return frozenset().union(*(permission_named(share.permissions[resource_type]).actions for share in giving))


def _gives(share: Share, resource_arn: str, account_id: str, role_arn: str | None) -> bool:
    now = clock.now()
    if share.status(now) != "ACTIVE":
        return False
    resource = share.associations.get((AssociationKind.RESOURCE, resource_arn))
    if resource is None or resource.status(now) is not AssociationStatus.ASSOCIATED:
        return False
    named = share.having(AssociationKind.PRINCIPAL, now, AssociationStatus.ASSOCIATED)
    return any(principals.covers(each.entity, account_id, role_arn) for each in named)


CONDITION_KEYS = frozenset(
    (
        *REQUEST_TAG_KEYS,
        "aws:ResourceTag/",
        "ram:AllowsExternalPrincipals",
        "ram:PermissionArn",
        "ram:PermissionResourceType",
        "ram:Principal",
        "ram:RequestedAllowsExternalPrincipals",
        "ram:RequestedResourceType",
        "ram:ResourceArn",
        "ram:ResourceShareName",
        "ram:ResourceTag/",
        "ram:ShareOwnerAccountId",
    )
)


def register(registry: Registry) -> None:
    """Add this service's entries, and let it say what shares allow."""
    registry.add(Api(service="ram", rows=ROWS), Resources(prefix="ram", condition_keys=CONDITION_KEYS))
    registry.shared = shared
