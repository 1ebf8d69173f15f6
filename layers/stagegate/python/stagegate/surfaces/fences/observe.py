"""Fences as they stand: service control policies on an account, or boundaries on its roles."""

from typing import TYPE_CHECKING

from stagegate.aws import managed_policies, service_control_policies
from stagegate.aws.config import REPEATABLE
from stagegate.aws.errors import translated
from stagegate.aws.sessions import Members, limited_to
from stagegate.core.findings import Finding, blocked
from stagegate.core.untrusted import word
from stagegate.surfaces.fences.model import Fence, ObservedFence

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

PERMISSIONS = service_control_policies.READ_PERMISSIONS
MEMBER_PERMISSIONS = managed_policies.READ_PERMISSIONS

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
        policy = service_control_policies.attached(organizations, fence.account).get(name)
        if policy is None:
            return ObservedFence(account=fence.account)
        document = service_control_policies.content(organizations, policy)
    return ObservedFence(account=fence.account, policy=policy, document=document)


def observe_boundary(members: Members, fence: Fence, prefix: str, partition: str) -> ObservedFence:
    """Return the fence of an account by its named roles' boundaries.

    A role that is missing or has another boundary can't be fenced, and keeps its stage closed: a blocking finding.
    """
    arn = boundary_arn(prefix, fence.account, partition)
    # Which roles they can be, the member role says: their names wouldn't all fit into a session's policy.
    policy = limited_to(MEMBER_PERMISSIONS, [arn, f"arn:{partition}:iam::{fence.account}:role/*"])
    iam = members.session(fence.account, partition=partition, policy=policy).client("iam", config=REPEATABLE)
    uncovered: list[str] = []
    findings: list[Finding] = []
    with translated(f"read the fence of {fence.account}"):
        for role in fence.roles:
            attached = managed_policies.boundary_of(iam, role)
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
                        f"Role {role} of {fence.account} has the boundary {word(attached)}; it is left alone.",
                    )
                )
        document = managed_policies.document_of(iam, arn)
    return ObservedFence(
        account=fence.account, policy=arn, document=document, uncovered=tuple(uncovered), findings=tuple(findings)
    )
