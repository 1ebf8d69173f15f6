"""The elements Principal and NotPrincipal: who a resource-based policy or a trust policy speaks of.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from sandbox.authorization.evaluator.errors import InvalidPolicy
from sandbox.kernel.identity import Principal


class Naming(IntEnum):
    """How closely a Principal element names a caller; a closer one grants more by itself."""

    NOT = 0
    ACCOUNT = 1
    """The caller's account: the account may pass the permission on, by an identity-based policy."""
    ROLE = 2
    """The caller's role (or user), or everyone: granted, but a boundary or a session policy still limits it."""
    SESSION = 3
    """This very session, the root user, or a service: granted, and nothing that merely lacks an allow limits it."""


@dataclass(frozen=True, slots=True)
class Principals:
    """A parsed Principal element; `excludes`: a NotPrincipal, which speaks of all others."""

    everyone: bool = False
    aws: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    excludes: bool = False

    def naming(self, principal: Principal) -> Naming:
        """How this element names `principal`."""
        if self.excludes:
            return Naming.NOT if self._lists(principal) else Naming.ROLE
        if principal.is_service:
            return Naming.SESSION if self.everyone or principal.arn in self.services else Naming.NOT
        if principal.arn in self.aws:
            return Naming.SESSION
        if self.everyone or (principal.role_arn is not None and principal.role_arn in self.aws):
            return Naming.ROLE
        if principal.account in self.aws or f"arn:aws:iam::{principal.account}:root" in self.aws:
            return Naming.SESSION if principal.is_root else Naming.ACCOUNT
        return Naming.NOT

    def _lists(self, principal: Principal) -> bool:
        """Tell whether a NotPrincipal leaves somebody out: it has to list all that they are, the session and its role,
        and the account with them.
        """
        if principal.is_service:
            return principal.arn in self.services
        account = {principal.account, f"arn:aws:iam::{principal.account}:root"} & self.aws
        chain = {principal.arn, principal.role_arn} - {None}
        return bool(account) and (principal.is_root or chain <= self.aws)


_AWS = re.compile(
    r"\d{12}"
    r"|arn:aws(?:-[a-z-]+)?:iam::\d{12}:(root|(role|user)/[\w+=,.@/-]+)"
    r"|arn:aws(?:-[a-z-]+)?:sts::\d{12}:(assumed-role/[\w+=,.@-]+/[\w+=,.@-]+|federated-user/[\w+=,.@-]+)"
    # What is left of a role or user that was deleted: it names nobody, and no service accepts it anew.
    r"|A(ROA|IDA)[A-Z0-9]{12,}(:[\w+=,.@-]+)?",
    re.ASCII,
)
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?", re.ASCII)
_TYPES = ("AWS", "Service", "Federated", "CanonicalUser")


def parse_principals(where: str, raw: Any, *, excludes: bool = False) -> Principals:  # Any: foreign JSON
    """The Principal element `raw`, or with `excludes` the NotPrincipal. A canonical user stands for nobody here.

    Raises InvalidPolicy for one that AWS refuses, such as a wildcard inside an ARN.
    """
    if raw == "*":
        return Principals(everyone=True, excludes=excludes)
    if not isinstance(raw, dict) or not raw:
        raise InvalidPolicy(f'{where}: Principal is "*" or an object, not {raw!r}')
    found: dict[str, list[str]] = {}
    for kind, value in raw.items():
        if kind not in _TYPES:
            raise InvalidPolicy(f"{where}: unsupported principal type {kind}")
        values = value if isinstance(value, list) else [value]
        if not values or not all(isinstance(each, str) for each in values):
            raise InvalidPolicy(f"{where}: principals of type {kind} are strings, not {value!r}")
        found[kind] = values
    for each in found.get("AWS", []):
        if each != "*" and not _AWS.fullmatch(each):
            raise InvalidPolicy(f"{where}: invalid principal {each!r}")
    for each in found.get("Service", []):
        if not _SERVICE.fullmatch(each):
            raise InvalidPolicy(f"{where}: invalid service principal {each!r}")
    aws = frozenset(found.get("AWS", []))
    return Principals("*" in aws, aws - {"*"}, frozenset(found.get("Service", [])), excludes)
