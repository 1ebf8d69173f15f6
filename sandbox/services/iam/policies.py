"""What moto's IAM leaves out of managed policies: whose boundary one is, and that one in use can't be deleted."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.iam.models import IAMBackend
from moto.iam.responses import IamResponse

from sandbox.kernel.wire.errors import NotInSandboxError, aws_error

_SUPPORTED = {"EntityFilter": "Role", "PolicyUsageFilter": "PermissionsBoundary"}
_delete_policy = IAMBackend.delete_policy


def install() -> None:
    """Put ours in moto's place, in this process. Calling it again changes nothing."""
    IamResponse.list_entities_for_policy = _list_entities_for_policy
    IAMBackend.delete_policy = _delete_unused


def _list_entities_for_policy(response: IamResponse) -> ActionResult:
    """ListEntitiesForPolicy: the roles whose boundary a policy is; NoSuchEntity where there is no such policy."""
    asked = {name: response._get_param(name) for name in _SUPPORTED}  # noqa: SLF001  how moto's methods read theirs
    if asked != _SUPPORTED:
        raise NotInSandboxError(f"ListEntitiesForPolicy with {asked}")
    arn = response.backend.get_policy(response._get_param("PolicyArn")).arn  # noqa: SLF001
    roles = [{"RoleName": role.name, "RoleId": role.id} for role in _bounded_by(response.backend, arn)]
    return ActionResult({"PolicyRoles": roles, "PolicyUsers": [], "PolicyGroups": [], "IsTruncated": False})


def _delete_unused(backend: IAMBackend, policy_arn: str) -> None:
    """DeletePolicy: DeleteConflict while somebody has it, or it has other versions (API reference of DeletePolicy).

    That a boundary counts as having it is assumed.
    """
    policy = backend.get_policy(policy_arn)
    if policy.attachment_count or _bounded_by(backend, policy.arn):
        raise aws_error("DeleteConflict", "Cannot delete a policy attached to entities.")
    if len(policy.versions) > 1:
        raise aws_error("DeleteConflict", "This policy has more than one version.")
    _delete_policy(backend, policy_arn)


def _bounded_by(backend: IAMBackend, arn: str) -> list[Any]:  # moto's roles
    return [role for role in list(backend.roles.values()) if role.permissions_boundary_arn == arn]
