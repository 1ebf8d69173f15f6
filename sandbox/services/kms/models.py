"""KMS's backend of one account and Region; moto finds it, and the `urls` beside it, by this module's name."""

from __future__ import annotations

from moto.kms.models import Key, kms_backends
from moto.kms.models import KmsBackend as MotoKmsBackend
from moto.kms.utils import RESERVED_ALIASES

from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire.errors import aws_error
from sandbox.services.kms import key_policies


class KmsBackend(MotoKmsBackend):
    """The keys of one account and Region."""

    def _generate_default_keys(self, alias_name: str) -> str | None:
        """The AWS managed key of that alias, made when somebody first asks for it; None for an unknown alias."""
        if alias_name not in RESERVED_ALIASES:
            return None
        service = alias_name.removeprefix("alias/aws/")
        policy = key_policies.aws_managed(service, self.region_name, self.account_id)
        key = self.create_key(policy, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", f"Default key for {service}", None)
        key.key_manager = "AWS"
        self.create_alias(key.id, alias_name)
        return str(key.id)

    def managed_key(self, alias_name: str) -> Key:
        """The AWS managed key of that alias."""
        return self.keys[str(self.get_key_id_from_alias(alias_name))]


def backend_of(account: str, region: str, key_id: str) -> MotoKmsBackend:
    """The backend that has the key which a caller of `account` names: an ARN may be of another account.

    Whether the caller may reach into that account is for authorization to say, before the backend is asked.
    """
    if key_id.startswith("arn:"):
        _, _, _, region, account, _ = key_id.split(":", 5)
    return kms_backends[account][region]


def key_of(account: str, region: str, key_id: str) -> Key:
    """The key of an id or ARN (an alias isn't enough for policies and grants), or KMS's error."""
    backend = backend_of(account, region, key_id)
    if "alias/" in key_id:
        raise aws_error("NotFoundException", f"Invalid keyId {key_id}")
    key = backend.keys.get(backend.get_key_id(key_id))
    if key is None:
        arn = key_id if key_id.startswith("arn:") else f"arn:{PARTITION}:kms:{region}:{account}:key/{key_id}"
        raise aws_error("NotFoundException", f"Key '{arn}' does not exist")
    return key


def require_usable(key: Key) -> None:
    """Raise KMSInvalidStateException for a key that is pending deletion."""
    if key.key_state == "PendingDeletion":
        raise aws_error("KMSInvalidStateException", f"{key.arn} is pending deletion.")
