"""The surface of fences: denies on writing a card, put on before anything opens and taken off after it has closed."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws import managed_policies, service_control_policies
from stagegate.aws.config import ONCE
from stagegate.aws.errors import code_of, translated
from stagegate.aws.service_control_policies import OwnPolicy
from stagegate.aws.sessions import Members, limited_to
from stagegate.core.attempts import try_each
from stagegate.core.errors import DocumentTooLargeError, RefusedError
from stagegate.iam.limits import MANAGED_POLICY_LIMIT, SCP_LIMIT
from stagegate.rules.fence_kind import FenceKind
from stagegate.surfaces.fences.model import Fence
from stagegate.surfaces.fences.observe import boundary_arn, scp_name

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_organizations import OrganizationsClient

PERMISSIONS = service_control_policies.WRITE_PERMISSIONS
MEMBER_PERMISSIONS = managed_policies.WRITE_PERMISSIONS | {
    "iam:DeleteRolePermissionsBoundary",
    "iam:GetRole",
    "iam:PutRolePermissionsBoundary",
}

RESOURCE_TYPE = "fence"
"""The tag that fences carry."""

_DESCRIPTION = "Keeps this account from changing model cards that it may only read. Written by Stagegate."


def check_size(fence: Fence, document: str, cards: int) -> None:
    """Refuse a document that AWS would refuse, before anything is written. `cards` is how many it excepts.

    Raises DocumentTooLargeError, which names the size, the limit and the ways out.
    """
    limit = SCP_LIMIT if fence.kind is FenceKind.SCP else MANAGED_POLICY_LIMIT
    size = len(document.encode())
    if size > limit:
        raise DocumentTooLargeError(
            f"the fence of account {fence.account} would have {size} of {limit} bytes, because the account may write"
            f" some cards and only read others, so that it has to name the {cards} that may be written now. Ways out:"
            " archive cards that nobody works on; give the stage that writes an account of its own; or let the account"
            " write in no status, or in every one that opens it: then no card has to be named."
        )


def put_scp(
    organizations: "OrganizationsClient", fence: Fence, document: str | None, prefix: str, policy: str | None
) -> None:
    """Make `document` the service control policy of the account; None takes it away.

    `policy` is the id of the attached one, if one was seen. Doing it again changes nothing.
    Raises NotSettledError where what AWS stored or attached isn't what was asked for.
    """
    own = OwnPolicy(name=scp_name(prefix, fence.account), description=_DESCRIPTION, resource_type=RESOURCE_TYPE)
    accounts = [fence.account]
    with translated(f"write the fence of {fence.account}"):
        if document is not None:
            service_control_policies.put(organizations, own, document, policy=policy, accounts=accounts)
        elif policy is not None:
            service_control_policies.remove(organizations, own, policy=policy, accounts=accounts, delete=True)


def put_boundary(members: Members, fence: Fence, document: str, prefix: str, partition: str) -> None:
    """Make `document` the boundary of the fence's roles. Doing it again changes nothing.

    The policy itself comes from the member stack: the member role may write versions of it and set it as a boundary,
    and may not attach it as a permission. Raises RefusedError where the account hasn't the policy, or a role has got
    another boundary since the plan was made: that is left alone, and nothing may open behind a fence with a gap.
    """
    arn = boundary_arn(prefix, fence.account, partition)
    # Which roles they can be, the member role says: their names wouldn't all fit into a session's policy.
    policy = limited_to(MEMBER_PERMISSIONS, [arn, f"arn:{partition}:iam::{fence.account}:role/*"])
    iam = members.session(fence.account, partition=partition, policy=policy).client("iam", config=ONCE)
    with translated(f"write the fence of {fence.account}"):
        _put_version(iam, arn, document)

    def put(role: str) -> None:
        with translated(f"put role {role} of {fence.account} behind its fence"):
            boundary = iam.get_role(RoleName=role)["Role"].get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
            if boundary is None:
                iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=arn)
            elif boundary != arn:
                raise RefusedError(f"role {role} of {fence.account}: found the boundary {boundary}; allowed: {arn}")

    try_each(fence.roles, put)


def take_boundary(members: Members, fence: Fence, document: str, prefix: str, partition: str) -> None:
    """Take the fence off its roles, and have its policy deny nothing (`document`). Doing it again changes nothing.

    Another boundary stays. The policy itself is the member stack's, which can't delete it while a role has it.
    """
    arn = boundary_arn(prefix, fence.account, partition)
    policy = limited_to(MEMBER_PERMISSIONS, [arn, f"arn:{partition}:iam::{fence.account}:role/*"])
    iam = members.session(fence.account, partition=partition, policy=policy).client("iam", config=ONCE)

    def take(role: str) -> None:
        with translated(f"take the fence off role {role} of {fence.account}"):
            if managed_policies.boundary_of(iam, role) == arn:
                iam.delete_role_permissions_boundary(RoleName=role)

    try_each(fence.roles, take)
    with translated(f"write the fence of {fence.account}"):
        _put_version(iam, arn, document)


def _put_version(iam: "IAMClient", arn: str, document: str) -> None:
    try:
        managed_policies.put_version(iam, arn, document)
    except ClientError as error:
        if code_of(error) == "NoSuchEntity":
            raise RefusedError(f"{arn}: found no such policy; member-template.yaml makes it") from error
        raise
