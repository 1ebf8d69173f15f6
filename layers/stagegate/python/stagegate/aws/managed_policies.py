"""Managed policies and the boundaries of roles: as IAM has them, and versions of our own."""

import json
from typing import TYPE_CHECKING
from urllib.parse import unquote

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

READ_PERMISSIONS = frozenset({"iam:GetPolicy", "iam:GetPolicyVersion", "iam:GetRole"})
WRITE_PERMISSIONS = frozenset({"iam:CreatePolicyVersion", "iam:DeletePolicyVersion", "iam:ListPolicyVersions"})
DELETE_PERMISSIONS = frozenset({"iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:ListPolicyVersions"})

_VERSIONS = 5
"""Versions that IAM keeps of a managed policy ("IAM and AWS STS quotas")."""


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


def put_version(iam: "IAMClient", arn: str, document: str) -> None:
    """Make a document the default version of a policy, making room first: a policy has at most five versions."""
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    spare = sorted((v for v in versions if not v["IsDefaultVersion"]), key=lambda v: v["CreateDate"])
    if len(versions) >= _VERSIONS:
        iam.delete_policy_version(PolicyArn=arn, VersionId=spare[0]["VersionId"])
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)


def delete(iam: "IAMClient", arn: str) -> None:
    """Delete a policy that nobody has any more, with its versions. One that is gone is gone."""
    try:
        for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
        iam.delete_policy(PolicyArn=arn)
    except ClientError as error:
        if code_of(error) != "NoSuchEntity":
            raise
