"""The surface of execution roles: one role for an import, below our path, bound by the member stack's boundary."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.core.errors import RefusedError
from stagegate.surfaces.imports.observe import POLICY_NAME, ROLE_PERMISSIONS, role
from stagegate.targets.execution_role import PATH, ExecutionRole

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

PERMISSIONS = ROLE_PERMISSIONS | {
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy",
}


def boundary_arn(wanted: ExecutionRole, prefix: str) -> str:
    """Return the ARN of the boundary that the member stack fixes for every execution role."""
    return f"arn:{wanted.partition}:iam::{wanted.account}:policy{PATH}{prefix}-import-boundary"


def put_role(iam: "IAMClient", wanted: ExecutionRole, prefix: str) -> None:
    """Make the role what is wanted. Doing it again changes nothing.

    Raises RefusedError, also for a role of that name with another boundary, which isn't ours.
    """
    boundary = boundary_arn(wanted, prefix)
    found = role(iam, wanted.name)
    if found and found.boundary != boundary:
        raise RefusedError(
            f"role {wanted.name} of {wanted.account}: found boundary {found.boundary or 'none'}; allowed: {boundary}."
            " Somebody else made it, or has taken its boundary away: delete it, and start the subject again."
        )
    with translated(f"write the role {wanted.arn}"):
        if found is None:
            _create(iam, wanted, boundary)
        elif found.trust != wanted.trust():
            iam.update_assume_role_policy(RoleName=wanted.name, PolicyDocument=wanted.trust())
        if found is None or found.permissions != wanted.permissions():
            iam.put_role_policy(RoleName=wanted.name, PolicyName=POLICY_NAME, PolicyDocument=wanted.permissions())


def _create(iam: "IAMClient", wanted: ExecutionRole, boundary: str) -> None:
    """Create the role. One that an answer that was lost has made already is no error: it is written anew next time."""
    try:
        iam.create_role(
            RoleName=wanted.name,
            Path=PATH,
            AssumeRolePolicyDocument=wanted.trust(),
            PermissionsBoundary=boundary,
            Description="Reads the weights of one model for its import into Amazon Bedrock. Written by Stagegate.",
        )
    except ClientError as error:
        if code_of(error) != "EntityAlreadyExists":
            raise


def delete_role(iam: "IAMClient", name: str) -> None:
    """Delete the role and its policy; one that is gone already is no error. Raises RefusedError."""
    if role(iam, name) is None:
        return
    with translated(f"delete the role {name}"):
        for call, requested in (
            (iam.delete_role_policy, {"RoleName": name, "PolicyName": POLICY_NAME}),
            (iam.delete_role, {"RoleName": name}),
        ):
            try:
                call(**requested)
            except ClientError as error:
                if code_of(error) != "NoSuchEntity":
                    raise
