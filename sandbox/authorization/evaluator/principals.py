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
from sandbox.kernel.place import PARTITION


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
    """A parsed Principal element, or with `excludes` a NotPrincipal, which only denies have."""

    everyone: bool = False
    aws: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    excludes: bool = False

    def naming(self, principal: Principal, *, has_boundary: bool = False) -> Naming:
        """How this element names `principal`.

        NotPrincipal names whoever isn't left out by it: a session has to be listed with its role and its account, and
        who has a permissions boundary never is.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
        """
        if self.excludes:
            return Naming.NOT if self._leaves_out(principal) and not has_boundary else Naming.SESSION
        return self._names(principal)

    def _leaves_out(self, principal: Principal) -> bool:
        if self.everyone or principal.is_service or principal.is_root:
            return self._names(principal) is not Naming.NOT
        whole = {principal.account, f"arn:{PARTITION}:iam::{principal.account}:root"}
        return {principal.arn, principal.role_arn or principal.arn} <= self.aws and bool(whole & self.aws)

    def _names(self, principal: Principal) -> Naming:
        if principal.is_service:
            return Naming.SESSION if self.everyone or principal.arn in self.services else Naming.NOT
        if principal.arn in self.aws:
            return Naming.SESSION
        if self.everyone or (principal.role_arn is not None and principal.role_arn in self.aws):
            return Naming.ROLE
        if principal.account in self.aws or f"arn:{PARTITION}:iam::{principal.account}:root" in self.aws:
            return Naming.SESSION if principal.is_root else Naming.ACCOUNT
        return Naming.NOT


_AWS = re.compile(
    r"\d{12}"
    r"|arn:aws(?:-[a-z-]+)?:iam::\d{12}:(root|(role|user)/[\w+=,.@/-]+)"
    r"|arn:aws(?:-[a-z-]+)?:sts::\d{12}:(assumed-role/[\w+=,.@-]+/[\w+=,.@-]+|federated-user/[\w+=,.@-]+)"
    # What is left of a role or user that was deleted: it names nobody, and no service accepts it anew.
    r"|A(ROA|IDA)[A-Z0-9]{12,}(:[\w+=,.@-]+)?",
    re.ASCII,
)
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?", re.ASCII)
_TYPES = {"AWS": _AWS, "Service": _SERVICE, "Federated": re.compile(".+"), "CanonicalUser": re.compile("[0-9a-f]{64}")}
"""An account by its canonical id is accepted, and names nobody: no account of the sandbox has one of its own."""
_CALLED = {"AWS": "principal", "Service": "service principal"}


def parse_principals(where: str, raw: Any, *, excludes: bool = False) -> Principals:  # Any: foreign JSON
    """The Principal element `raw`. Raises InvalidPolicy for one that AWS refuses, such as a wildcard inside an ARN."""
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
    for kind, values in found.items():
        for each in values:
            if not (kind == "AWS" and each == "*") and not _TYPES[kind].fullmatch(each):
                raise InvalidPolicy(f"{where}: invalid {_CALLED.get(kind, kind)} {each!r}")
    aws = frozenset(found.get("AWS", []))
    return Principals("*" in aws, aws - {"*"}, frozenset(found.get("Service", [])), excludes)
