"""Our grants on KMS keys, found by their names."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from stagegate.aws.errors import translated
from stagegate.domain.policy_changes import Target

KMSClient = Any
"""KMS's stubs are not among the tools."""

PERMISSIONS = frozenset({"kms:ListGrants"})

OPERATIONS = ("Decrypt", "DescribeKey")
"""What a grant of ours lets its grantee do: read what the key has encrypted."""

_DIGITS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyGrant:
    """A grant of ours. `grantee` is as KMS shows it: the unique id of a role that was deleted."""

    id: str
    name: str
    grantee: str
    operations: frozenset[str]
    constrained: bool

    def gives(self, prefix: str, grantee: str) -> bool:
        """Tell whether this is exactly the grant that the principal gets from us."""
        return (self.name, self.grantee, self.operations, self.constrained) == (
            grant_name(prefix, grantee),
            grantee,
            frozenset(OPERATIONS),
            False,
        )


def grant_name(prefix: str, grantee: str) -> str:
    """Return the name of a principal's grant: KMS answers a second grant of the same name with the first."""
    return f"{prefix}-{hashlib.sha256(grantee.encode()).hexdigest()[:_DIGITS]}"


def observe(kms: KMSClient, target: Target, prefix: str) -> tuple[KeyGrant, ...]:
    """Return the key's grants that carry our names; those of everybody else are left out. Raises RefusedError."""
    ours = re.compile(rf"{re.escape(prefix)}-[0-9a-f]{{{_DIGITS}}}")
    with translated(f"read the grants of {target.id}"):
        return tuple(
            KeyGrant(
                id=grant["GrantId"],
                name=grant["Name"],
                grantee=grant.get("GranteePrincipal", ""),
                operations=frozenset(grant["Operations"]),
                constrained=bool(grant.get("Constraints")),
            )
            for page in kms.get_paginator("list_grants").paginate(KeyId=target.name)
            for grant in page["Grants"]
            if ours.fullmatch(grant.get("Name", ""))
        )
