"""The surface of fences: denies on writing a card, put on before anything opens and taken off after it has closed."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.aws.sessions import Members
from stagegate.domain.documents import canonical_text
from stagegate.domain.errors import DocumentTooLargeError, NotSettledError, RefusedError
from stagegate.domain.fences import MANAGED_POLICY_LIMIT, SCP_LIMIT, Fence
from stagegate.domain.rules import FenceKind
from stagegate.sources.fences import boundary_arn, scp_name

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_organizations import OrganizationsClient

PERMISSIONS = frozenset(
    {
        "organizations:AttachPolicy",
        "organizations:CreatePolicy",
        "organizations:DeletePolicy",
        "organizations:DetachPolicy",
        "organizations:ListPolicies",
        "organizations:ListPoliciesForTarget",
        "organizations:TagResource",
        "organizations:UpdatePolicy",
    }
)
MEMBER_PERMISSIONS = frozenset(
    {
        "iam:CreatePolicyVersion",
        "iam:DeletePolicyVersion",
        "iam:GetRole",
        "iam:ListPolicyVersions",
        "iam:PutRolePermissionsBoundary",
    }
)

SURFACE_TAG = "stagegate:surface"
SURFACE = "fence"
"""The tag that our policies carry: the function's role may change no other policy of the organization."""

_VERSIONS = 5
"""Versions that IAM keeps of a managed policy ("IAM and AWS STS quotas")."""
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
    name = scp_name(prefix, fence.account)
    with translated(f"write the fence of {fence.account}"):
        if document is None:
            _remove_scp(organizations, fence, policy)
            return
        stored = _update_scp(organizations, policy, document) if policy else None
        if policy is None or stored is None:
            policy, stored = _make_scp(organizations, name, document)
            _attach_scp(organizations, policy, fence.account)
        attached = {
            summary["Id"]
            for page in organizations.get_paginator("list_policies_for_target").paginate(
                TargetId=fence.account, Filter="SERVICE_CONTROL_POLICY"
            )
            for summary in page["Policies"]
        }
    if policy not in attached or canonical_text(stored) != document:
        raise NotSettledError(f"the fence of {fence.account} doesn't stand yet: {name} ({policy})")


def _update_scp(organizations: "OrganizationsClient", policy: str, document: str) -> str | None:
    """Return the document as AWS stored it, or None where another run has taken the policy away since it was seen."""
    try:
        return organizations.update_policy(PolicyId=policy, Content=document)["Policy"]["Content"]
    except ClientError as error:
        if code_of(error) == "PolicyNotFoundException":
            return None
        raise


def _make_scp(organizations: "OrganizationsClient", name: str, document: str) -> tuple[str, str]:
    """Make the policy, or bring the one of that name up to date: an earlier run may have made it and died."""
    try:
        made = organizations.create_policy(
            Name=name,
            Description=_DESCRIPTION,
            Type="SERVICE_CONTROL_POLICY",
            Content=document,
            Tags=[{"Key": SURFACE_TAG, "Value": SURFACE}],
        )["Policy"]
    except ClientError as error:
        if code_of(error) != "DuplicatePolicyException":
            raise
        policy = next(
            summary["Id"]
            for page in organizations.get_paginator("list_policies").paginate(Filter="SERVICE_CONTROL_POLICY")
            for summary in page["Policies"]
            if summary["Name"] == name
        )
        made = organizations.update_policy(PolicyId=policy, Content=document)["Policy"]
    return made["PolicySummary"]["Id"], made["Content"]


def _attach_scp(organizations: "OrganizationsClient", policy: str, account: str) -> None:
    try:
        organizations.attach_policy(PolicyId=policy, TargetId=account)
    except ClientError as error:
        if code_of(error) != "DuplicatePolicyAttachmentException":
            raise


def _remove_scp(organizations: "OrganizationsClient", fence: Fence, policy: str | None) -> None:
    if policy is None:
        return
    try:
        organizations.detach_policy(PolicyId=policy, TargetId=fence.account)
    except ClientError as error:
        if code_of(error) not in ("PolicyNotAttachedException", "PolicyNotFoundException"):
            raise
    try:
        organizations.delete_policy(PolicyId=policy)
    except ClientError as error:
        if code_of(error) != "PolicyNotFoundException":
            raise


def put_boundary(members: Members, fence: Fence, document: str, prefix: str, partition: str) -> None:
    """Make `document` the boundary of the fence's roles. Doing it again changes nothing.

    The policy itself comes from the member stack: the member role may write versions of it and set it as a boundary,
    and may not attach it as a permission. Raises RefusedError where the account hasn't the policy, or a role has got
    another boundary since the plan was made: that is left alone, and nothing may open behind a fence with a gap.
    """
    arn = boundary_arn(prefix, fence.account, partition)
    roles = [f"arn:{partition}:iam::{fence.account}:role/{role}" for role in fence.roles]
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": sorted(MEMBER_PERMISSIONS), "Resource": [arn, *roles]},
        ],
    }
    iam = members.session(fence.account, partition=partition, policy=policy).client("iam")
    with translated(f"write the fence of {fence.account}"):
        _put_version(iam, arn, document)
        for role in fence.roles:
            boundary = iam.get_role(RoleName=role)["Role"].get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
            if boundary is None:
                iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=arn)
            elif boundary != arn:
                raise RefusedError(f"role {role} of {fence.account}: found the boundary {boundary}; allowed: {arn}")


def _put_version(iam: "IAMClient", arn: str, document: str) -> None:
    """Make a document the default version of a policy, making room first: a policy has at most five versions."""
    try:
        versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    except ClientError as error:
        if code_of(error) == "NoSuchEntity":
            raise RefusedError(f"{arn}: found no such policy; member-template.yaml makes it") from error
        raise
    spare = sorted((v for v in versions if not v["IsDefaultVersion"]), key=lambda v: v["CreateDate"])
    if len(versions) >= _VERSIONS:
        iam.delete_policy_version(PolicyArn=arn, VersionId=spare[0]["VersionId"])
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
