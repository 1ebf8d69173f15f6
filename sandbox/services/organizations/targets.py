"""What a policy can be attached to: the root and the accounts under it. There are no organizational units here."""

from __future__ import annotations

from sandbox.kernel.wire.errors import NotInSandboxError, aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.organizations.organization import Organization


def require_target(organization: Organization, target: str) -> str:
    """The target's id, if the organization has it."""
    if target.startswith("ou-"):
        raise NotInSandboxError(f"the organizational unit {target}")
    if target not in organization.attached:
        raise aws_error("TargetNotFoundException", f"We can't find a root, OU, or account with the id {target}.")
    return target


def describe_target(organization: Organization, target: str) -> Json:
    """A target as ListTargetsForPolicy shows it."""
    if target == organization.root_id:
        return {"TargetId": target, "Arn": organization.arn("root", target), "Name": "Root", "Type": "ROOT"}
    name = organization.accounts[target].name
    return {"TargetId": target, "Arn": organization.arn("account", target), "Name": name, "Type": "ACCOUNT"}
