"""The surface of execution roles: one role for an import, below our path, bound by the member stack's boundary."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, is_passing, translated
from stagegate.core.errors import RefusedError
from stagegate.surfaces.imports.observe import POLICY_NAME, ROLE_PERMISSIONS, role
from stagegate.targets.execution_role import PATH, ExecutionRole

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_iam.type_defs import TagTypeDef

PERMISSIONS = ROLE_PERMISSIONS | {
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:PutRolePolicy",
    "iam:TagRole",
    "iam:UpdateAssumeRolePolicy",
}
MAKER_PERMISSIONS = frozenset({"iam:ListRoleTags"})
"""What reading the tags of the role that makes others needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the hosting account asks of a role that is made there.

    `boundary` is a managed policy of that account, by its path and name, as `stagegate/stagegate-import-boundary`.
    `maker` is the role that makes it, by its name: the new role gets the tags that this one has.
    """

    boundary: str
    maker: str

    def boundary_arn(self, wanted: ExecutionRole) -> str:
        """Return the ARN of the boundary in the role's account."""
        return f"arn:{wanted.partition}:iam::{wanted.account}:policy/{self.boundary}"


def put_role(iam: "IAMClient", wanted: ExecutionRole, terms: Terms) -> None:
    """Make the role what is wanted. Doing it again changes nothing; tags are given when it is made.

    Raises RefusedError, also for a role of that name with another boundary, which isn't ours.
    """
    boundary = terms.boundary_arn(wanted)
    found = role(iam, wanted.name)
    if found and found.boundary != boundary:
        raise RefusedError(
            f"role {wanted.name} of {wanted.account}: found boundary {found.boundary or 'none'}; allowed: {boundary}."
            " Somebody else made it, or has taken its boundary away: delete it, and start the subject again."
        )
    with translated(f"write the role {wanted.arn}"):
        if found is None:
            _create(iam, wanted, boundary, _tags(iam, terms.maker))
        elif found.trust != wanted.trust():
            iam.update_assume_role_policy(RoleName=wanted.name, PolicyDocument=wanted.trust())
        if found is None or found.permissions != wanted.permissions():
            iam.put_role_policy(RoleName=wanted.name, PolicyName=POLICY_NAME, PolicyDocument=wanted.permissions())


def _tags(iam: "IAMClient", role_name: str) -> list["TagTypeDef"]:
    """Return the tags that CloudFormation has given a role of the member stack: what a company demands of every role.

    Tags that start with `aws:` are AWS's own, which nobody else may set ("Tagging rules", IAM user guide).
    """
    pages = iam.get_paginator("list_role_tags").paginate(RoleName=role_name)
    return [tag for page in pages for tag in page["Tags"] if not tag["Key"].lower().startswith("aws:")]


def _create(iam: "IAMClient", wanted: ExecutionRole, boundary: str, tags: list["TagTypeDef"]) -> None:
    """Create the role. One that an answer that was lost has made already is no error: it is written anew next time."""
    try:
        iam.create_role(
            RoleName=wanted.name,
            Path=PATH,
            AssumeRolePolicyDocument=wanted.trust(),
            PermissionsBoundary=boundary,
            Description="Reads the weights of one model for its import into Amazon Bedrock. Written by Stagegate.",
            Tags=tags,
        )
    except ClientError as error:
        if code_of(error) != "EntityAlreadyExists":
            raise


def delete_role(iam: "IAMClient", name: str) -> None:
    """Delete the role and its policy; one that is gone already is no error. Raises RefusedError.

    Nobody looks first: a read that is behind, and finds no role, would leave it there for ever. IAM authorizes a call
    about a role that isn't there by an ARN without its path, which we may change nothing of: only where it denies the
    call, a look tells a role that is gone.
    """
    with translated(f"delete the role {name}"):
        for call, requested in (
            (iam.delete_role_policy, {"RoleName": name, "PolicyName": POLICY_NAME}),
            (iam.delete_role, {"RoleName": name}),
        ):
            try:
                call(**requested)
            except ClientError as error:
                if not (code_of(error) == "NoSuchEntity" or (code_of(error) == "AccessDenied" and _is_gone(iam, name))):
                    raise


def _is_gone(iam: "IAMClient", name: str) -> bool:
    """Tell whether IAM says that there is no such role; where it may not be asked, the role may be there."""
    try:
        iam.get_role(RoleName=name)
    except ClientError as error:
        if is_passing(error):
            raise
        return code_of(error) == "NoSuchEntity"
    return False
