"""Our grants on KMS keys, found by their names."""

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.iam.key_grants import KeyUse, is_grant_name
from stagegate.targets.target import Target

KMSClient = Any
"""KMS's stubs are not among the tools."""

PERMISSIONS = frozenset({"kms:ListGrants"})
POLICY_PERMISSIONS = frozenset({"kms:DescribeKey", "kms:GetKeyPolicy"})

ENABLED = "Enabled"
GONE = "Gone"
"""What is said here of a key that KMS doesn't know any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyGrant:
    """A grant that carries a name of ours, and what it gives.

    `use` has the grantee as KMS shows it: the unique id of a role that was deleted. It is None where somebody made the
    grant differently from how we would.
    """

    id: str
    use: KeyUse | None


def observe(kms: KMSClient, target: Target, prefix: str) -> tuple[KeyGrant, ...]:
    """Return the key's grants that carry our names; those of everybody else are left out. Raises RefusedError.

    A key that is gone has taken its grants along: what was opened by it must be possible to close all the same.
    """
    with translated(f"read the grants of {target.id}"):
        try:
            return tuple(
                KeyGrant(id=grant["GrantId"], use=_use(grant, prefix))
                for page in kms.get_paginator("list_grants").paginate(KeyId=target.name)
                for grant in page["Grants"]
                if is_grant_name(grant.get("Name", ""), prefix)
            )
        except ClientError as error:
            if code_of(error) != "NotFoundException":
                raise
            return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyMetadata:
    """What KMS says of a key: its state, in KMS's words (`KeyState`) or GONE, and whether AWS manages it."""

    state: str
    is_of_aws: bool = False


def describe(kms: KMSClient, target: Target) -> KeyMetadata:
    """Return what KMS says of a key. Raises RefusedError.

    The policy of a key that AWS manages nobody can change, and nobody can make a grant to another account ("AWS managed
    keys", KMS developer guide). Its ARN looks like any other's.
    """
    with translated(f"look at {target.id}"):
        try:
            found = kms.describe_key(KeyId=target.name)["KeyMetadata"]
        except ClientError as error:
            if code_of(error) != "NotFoundException":
                raise
            return KeyMetadata(state=GONE)
    return KeyMetadata(state=found["KeyState"], is_of_aws=found.get("KeyManager") == "AWS")


def policy(kms: KMSClient, target: Target) -> str | None:
    """Return the key's policy, its owner's; None once the key is gone. Raises RefusedError."""
    with translated(f"read the policy of {target.id}"):
        try:
            found: str = kms.get_key_policy(KeyId=target.name, PolicyName="default")["Policy"]
        except ClientError as error:
            if code_of(error) != "NotFoundException":
                raise
            return None
    return found


def _use(grant: dict[str, Any], prefix: str) -> KeyUse | None:
    constraints = grant.get("Constraints", {})
    use = KeyUse(
        grantee=grant.get("GranteePrincipal", ""),
        operations=tuple(sorted(grant["Operations"])),
        context=tuple(sorted(constraints.get("EncryptionContextSubset", {}).items())),
    )
    is_ours = grant["Name"] == use.grant_name(prefix) and constraints == use.constraints
    return use if is_ours else None
