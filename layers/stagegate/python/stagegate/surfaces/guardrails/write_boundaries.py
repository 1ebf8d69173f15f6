"""The surface of guardrails on roles: a policy below our own path, set as the boundary of roles and never attached."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws import managed_policies
from stagegate.aws.errors import code_of, translated
from stagegate.aws.managed_policies import boundary_of
from stagegate.core.attempts import try_each
from stagegate.core.errors import RefusedError
from stagegate.rules.names import PATH, is_guardrail, policy_arn, policy_name

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

PERMISSIONS = (
    managed_policies.WRITE_PERMISSIONS
    | managed_policies.DELETE_PERMISSIONS
    | {
        "iam:CreatePolicy",
        "iam:DeleteRolePermissionsBoundary",
        "iam:GetRole",
        "iam:PutRolePermissionsBoundary",
    }
)

_DESCRIPTION = "What the users of Canvas and Studio may not do. Written by Stagegate, as a boundary of roles."


def put_boundary(
    iam: "IAMClient",
    guardrail: str,
    document: str | None,
    roles: Collection[str],
    *,
    prefix: str,
    account: str,
    partition: str,
) -> None:
    """Make `document` the guardrail's policy (None: it says so already) and the policy the boundary of these roles.

    A role that has another guardrail of ours gets this one in its place, in one step. Doing it again changes nothing.
    One role that can't get it keeps none of the others without. Raises RefusedError where a role has got somebody
    else's boundary since the plan was made: that is left alone.
    """
    arn = policy_arn(prefix, guardrail, account, partition)
    with translated(f"write guardrail {guardrail} of {account}"):
        if document is not None:
            _put_policy(iam, policy_name(prefix, guardrail), arn, document)

    def put(role: str) -> None:
        with translated(f"put guardrail {guardrail} on role {role} of {account}"):
            boundary = boundary_of(iam, role)
            if boundary and not is_guardrail(boundary, prefix, account, partition):
                raise RefusedError(f"role {role} of {account}: found the boundary {boundary}; allowed: {arn}")
            if boundary != arn:
                iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=arn)

    try_each(roles, put)


def remove_boundary(
    iam: "IAMClient",
    guardrail: str,
    roles: Collection[str],
    *,
    delete: bool,
    prefix: str,
    account: str,
    partition: str,
) -> None:
    """Take the guardrail off these roles, and with `delete` its policy away. Doing it again changes nothing.

    A role that has another boundary by now, or is gone, is left as it is.
    """
    arn = policy_arn(prefix, guardrail, account, partition)

    def take_off(role: str) -> None:
        with translated(f"take guardrail {guardrail} off role {role} of {account}"):
            if boundary_of(iam, role) == arn:
                iam.delete_role_permissions_boundary(RoleName=role)

    try_each(roles, take_off)
    if delete:
        with translated(f"delete guardrail {guardrail} of {account}"):
            managed_policies.delete(iam, arn)


def _put_policy(iam: "IAMClient", name: str, arn: str, document: str) -> None:
    """Make the policy, or a new default version of it."""
    try:
        iam.create_policy(PolicyName=name, Path=PATH, PolicyDocument=document, Description=_DESCRIPTION)
    except ClientError as error:
        if code_of(error) != "EntityAlreadyExists":
            raise
        managed_policies.put_version(iam, arn, document)
