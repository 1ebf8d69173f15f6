"""Managed policies and the boundaries of roles, as IAM has them."""

import json
from typing import TYPE_CHECKING
from urllib.parse import unquote

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

PERMISSIONS = frozenset({"iam:GetPolicy", "iam:GetPolicyVersion", "iam:GetRole"})


def boundary_of(iam: "IAMClient", role: str) -> str | None:
    """Return the ARN of a role's boundary, "" where it has none, None where there is no such role."""
    try:
        found = iam.get_role(RoleName=role)["Role"]
    except ClientError as error:
        if code_of(error) == "NoSuchEntity":
            return None
        raise
    return found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")


def document_of(iam: "IAMClient", arn: str) -> str | None:
    """Return what a policy says in its default version, or None where there is no such policy."""
    try:
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    except ClientError as error:
        if code_of(error) == "NoSuchEntity":
            return None
        raise
    return json.dumps(document) if not isinstance(document, str) else unquote(document)
