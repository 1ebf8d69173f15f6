"""Service control policies, as Organizations has them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

PERMISSIONS = frozenset({"organizations:DescribePolicy", "organizations:ListPoliciesForTarget"})


def attached(organizations: "OrganizationsClient", account: str) -> dict[str, str]:
    """Return the policies that are attached to the account itself, as name to id."""
    return {
        summary["Name"]: summary["Id"]
        for page in organizations.get_paginator("list_policies_for_target").paginate(
            TargetId=account, Filter="SERVICE_CONTROL_POLICY"
        )
        for summary in page["Policies"]
    }


def content(organizations: "OrganizationsClient", policy: str) -> str:
    """Return what a policy says."""
    return organizations.describe_policy(PolicyId=policy)["Policy"]["Content"]
