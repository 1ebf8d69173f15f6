"""What moto's IAM leaves out of policies: how large they may be, how many a role may have, whose boundary one is, and
that one in use can't be deleted.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.models import IAMBackend
from moto.iam.responses import IamResponse

from sandbox.kernel.wire.errors import NotInSandboxError, aws_error

_SUPPORTED = {"EntityFilter": "Role", "PolicyUsageFilter": "PermissionsBoundary"}
INLINE_LIMIT = 10_240
"""Characters of all policies that a role has in itself, white space not counted."""
MANAGED_LIMIT = 6_144
"""Characters of a managed policy, white space not counted."""
ATTACHED_LIMIT = 10
"""Managed policies that a role may have, unless somebody has asked for more."""
_attach_role_policy = IAMBackend.attach_role_policy
_create_policy = IAMBackend.create_policy
_create_policy_version = IAMBackend.create_policy_version
_delete_policy = IAMBackend.delete_policy
_put_role_policy = IAMBackend.put_role_policy


def install() -> None:
    """Put ours in moto's place, in this process. Calling it again changes nothing."""
    IamResponse.list_entities_for_policy = _list_entities_for_policy
    IAMBackend.delete_policy = _delete_unused
    IAMBackend.attach_role_policy = _attach_within_limit
    IAMBackend.create_policy = _create_within_limit
    IAMBackend.create_policy_version = _create_version_within_limit
    IAMBackend.put_role_policy = _put_within_limit


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


def _put_within_limit(backend: IAMBackend, role_name: str, policy_name: str, policy_json: str) -> None:
    """PutRolePolicy: all policies in a role together have a limit."""
    others = {name: text for name, text in backend.get_role(role_name).policies.items() if name != policy_name}
    if _size([*others.values(), policy_json]) > INLINE_LIMIT:
        raise aws_error("LimitExceeded", f"Maximum policy size of {INLINE_LIMIT} bytes exceeded for role {role_name}")
    _put_role_policy(backend, role_name, policy_name, policy_json)


def _create_within_limit(backend: IAMBackend, description: str, path: str, policy_document: str, *rest: Any) -> Any:
    _require_size(policy_document)
    return _create_policy(backend, description, path, policy_document, *rest)


def _create_version_within_limit(backend: IAMBackend, policy_arn: str, policy_document: str, *rest: Any) -> Any:
    _require_size(policy_document)
    return _create_policy_version(backend, policy_arn, policy_document, *rest)


def _require_size(document: str) -> None:
    if _size([document]) > MANAGED_LIMIT:
        raise aws_error("LimitExceeded", f"Cannot exceed quota for PolicySize: {MANAGED_LIMIT}")


def _attach_within_limit(backend: IAMBackend, policy_arn: str, role_name: str) -> None:
    """AttachRolePolicy: attaching again what is attached changes nothing."""
    attached = backend.get_role(role_name).managed_policies
    if policy_arn not in attached and len(attached) >= ATTACHED_LIMIT:
        raise aws_error("LimitExceeded", f"Cannot exceed quota for PoliciesPerRole: {ATTACHED_LIMIT}")
    _attach_role_policy(backend, policy_arn, role_name)


def _size(documents: Iterable[str]) -> int:
    return sum(len("".join(document.split())) for document in documents)


def _bounded_by(backend: IAMBackend, arn: str) -> list[Any]:  # moto's roles
    return [role for role in list(backend.roles.values()) if role.permissions_boundary_arn == arn]
