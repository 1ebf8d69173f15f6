"""Guardrails as they stand: boundaries of roles, and service control policies on accounts."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws import managed_policies, service_control_policies
from stagegate.aws.errors import code_of, translated
from stagegate.subjects.guardrails.model import ObservedBoundaries, ObservedScp

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_organizations import OrganizationsClient

PERMISSIONS = service_control_policies.READ_PERMISSIONS
MEMBER_PERMISSIONS = managed_policies.READ_PERMISSIONS | {"iam:ListEntitiesForPolicy"}


def observe_boundaries(iam: "IAMClient", policy: str, roles: Collection[str]) -> ObservedBoundaries:
    """Return what a policy (its ARN) says, the roles whose boundary it is, and the boundaries of `roles`, by name."""
    boundaries: dict[str, str] = {}
    missing: set[str] = set()
    barred: set[str] = set()
    with translated(f"read {policy}"):
        document = managed_policies.document_of(iam, policy)
        holds = frozenset() if document is None else _holds(iam, policy)
        for role in sorted(roles):
            try:
                boundary = managed_policies.boundary_of(iam, role)
            except ClientError as error:
                if code_of(error) != "AccessDenied":
                    raise
                barred.add(role)
                continue
            if boundary is None:
                missing.add(role)
            else:
                boundaries[role] = boundary
    return ObservedBoundaries(
        document=document,
        holds=holds,
        boundaries=boundaries,
        missing=frozenset(missing),
        barred=frozenset(barred),
    )


def observe_scp(organizations: "OrganizationsClient", accounts: Collection[str], name: str) -> ObservedScp:
    """Return the service control policy of that name as it is on these accounts, and what else they have."""
    attached: dict[str, frozenset[str]] = {}
    policy: str | None = None
    with translated(f"read the service control policy {name}"):
        for account in sorted(accounts):
            found = service_control_policies.attached(organizations, account)
            attached[account] = frozenset(found)
            policy = found.get(name, policy)
        document = service_control_policies.content(organizations, policy) if policy else None
    return ObservedScp(policy=policy, document=document, attached=attached)


def _holds(iam: "IAMClient", policy: str) -> frozenset[str]:
    """Return the names of the roles whose boundary a policy is."""
    pages = iam.get_paginator("list_entities_for_policy").paginate(
        PolicyArn=policy, EntityFilter="Role", PolicyUsageFilter="PermissionsBoundary"
    )
    return frozenset(role["RoleName"] for page in pages for role in page["PolicyRoles"])
