"""Fences as they stand: service control policies on an account, or boundaries on its roles."""

import json
from typing import TYPE_CHECKING
from urllib.parse import unquote

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.aws.sessions import Members
from stagegate.domain.fences import Fence, ObservedFence
from stagegate.domain.findings import Finding, blocked

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_organizations import OrganizationsClient

PERMISSIONS = frozenset({"organizations:DescribePolicy", "organizations:ListPoliciesForTarget"})
MEMBER_PERMISSIONS = frozenset({"iam:GetPolicy", "iam:GetPolicyVersion", "iam:GetRole"})

BOUNDARY_PATH = "/stagegate/"


def scp_name(prefix: str, account: str) -> str:
    """Return the name of an account's fence. One policy an account, so that no account's fence depends on another's."""
    return f"{prefix}-read-only-cards-{account}"


def boundary_arn(prefix: str, account: str, partition: str) -> str:
    """Return the ARN of the managed policy that is the boundary of an account's fenced roles."""
    return f"arn:{partition}:iam::{account}:policy{BOUNDARY_PATH}{prefix}-read-only-cards"


def observe_scp(organizations: "OrganizationsClient", fence: Fence, prefix: str) -> ObservedFence:
    """Return the fence of an account by the policies attached to the account itself."""
    name = scp_name(prefix, fence.account)
    with translated(f"read the service control policies of {fence.account}"):
        for page in organizations.get_paginator("list_policies_for_target").paginate(
            TargetId=fence.account, Filter="SERVICE_CONTROL_POLICY"
        ):
            for summary in page["Policies"]:
                if summary["Name"] == name:
                    policy = organizations.describe_policy(PolicyId=summary["Id"])["Policy"]
                    return ObservedFence(account=fence.account, policy=summary["Id"], document=policy["Content"])
    return ObservedFence(account=fence.account)


def observe_boundary(members: Members, fence: Fence, prefix: str, partition: str) -> ObservedFence:
    """Return the fence of an account by its named roles' boundaries.

    A role that is missing or has another boundary can't be fenced, and keeps its stage closed: a blocking finding.
    """
    arn = boundary_arn(prefix, fence.account, partition)
    roles = [f"arn:{partition}:iam::{fence.account}:role/{role}" for role in fence.roles]
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": sorted(MEMBER_PERMISSIONS), "Resource": [arn, *roles]}],
    }
    iam = members.session(fence.account, partition=partition, policy=policy).client("iam")
    uncovered: list[str] = []
    findings: list[Finding] = []
    with translated(f"read the fence of {fence.account}"):
        for role in fence.roles:
            attached = _boundary_of(iam, role)
            if attached is None:
                findings.append(
                    blocked("RoleMissing", f"governance.toml fences role {role}, which {fence.account} doesn't have.")
                )
            elif attached == "":
                uncovered.append(role)
            elif attached != arn:
                findings.append(
                    blocked(
                        "OtherBoundary",
                        f"Role {role} of {fence.account} has the boundary {attached}; it is left alone.",
                    )
                )
        document = _document(iam, arn)
    return ObservedFence(
        account=fence.account, policy=arn, document=document, uncovered=tuple(uncovered), findings=tuple(findings)
    )


def _boundary_of(iam: "IAMClient", role: str) -> str | None:
    """Return the ARN of a role's boundary, "" where it has none, None where there is no such role."""
    try:
        found = iam.get_role(RoleName=role)["Role"]
    except ClientError as error:
        if code_of(error) == "NoSuchEntity":
            return None
        raise
    return found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")


def _document(iam: "IAMClient", arn: str) -> str | None:
    try:
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    except ClientError as error:
        if code_of(error) == "NoSuchEntity":
            return None
        raise
    return json.dumps(document) if not isinstance(document, str) else unquote(document)
