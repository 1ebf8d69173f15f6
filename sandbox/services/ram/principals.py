"""Whom a share can name: accounts, roles, organizations, organizational units (here: only the root's organization)."""

from __future__ import annotations

import re

from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire.errors import NotInSandboxError, aws_error
from sandbox.services import organizations

_ACCOUNT = re.compile(r"\d{12}")
_ROLE = re.compile(rf"arn:{PARTITION}:iam::(\d{{12}}):role/[\w+=,.@/-]+")
_ORGANIZATION = re.compile(rf"arn:{PARTITION}:organizations::\d{{12}}:organization/(o-[a-z0-9]{{10,32}})")
_NOT_HERE = re.compile(
    rf"arn:{PARTITION}:organizations::\d{{12}}:ou/.+|arn:{PARTITION}:iam::\d{{12}}:user/.+|[\w-]+\.amazonaws\.com"
)


def require_principal(principal: str) -> None:
    """Return if RAM and the sandbox know this kind of principal."""
    if _NOT_HERE.fullmatch(principal):
        raise NotInSandboxError(f"sharing with the principal {principal}")
    if not any(pattern.fullmatch(principal) for pattern in (_ACCOUNT, _ROLE, _ORGANIZATION)):
        raise aws_error("InvalidParameterException", f"Principal ID {principal} is malformed.")


def account_of(principal: str) -> str | None:
    """The account that a principal belongs to; None for an organization."""
    role = _ROLE.fullmatch(principal)
    if role:
        return role.group(1)
    return principal if _ACCOUNT.fullmatch(principal) else None


def is_external(owner: str, principal: str) -> bool:
    """Whether a principal is outside the owner's organization, or sharing within it has not been switched on."""
    if not (organizations.in_organization(owner) and organizations.sharing_enabled()):
        return True
    organization = _ORGANIZATION.fullmatch(principal)
    if organization:
        return organization.group(1) != organizations.organization_id()
    account = account_of(principal)
    return account is None or not organizations.in_organization(account)


def covers(principal: str, account: str, role_arn: str | None) -> bool:
    """Whether a principal of a share stands for this account, or for this role of it."""
    if _ORGANIZATION.fullmatch(principal):
        return organizations.in_organization(account)
    return principal == account or (role_arn is not None and principal == role_arn)


def reaches(principal: str, account: str) -> bool:
    """Whether a share with this principal is seen by `account`: with the account, a role of it, or its organization."""
    return covers(principal, account, None) or account_of(principal) == account
