"""Keys that have to be there before anybody makes one."""

from __future__ import annotations

from moto.kms.models import Key, kms_backends


def provide(arn: str, description: str) -> None:
    """Make a customer key of that ARN, with the default key policy, unless there is one. KMS itself chooses the ids."""
    _, _, _, region, account, resource = arn.split(":", 5)
    named = resource.removeprefix("key/")
    keys = kms_backends[account][region].keys
    if named in keys:
        return
    key = Key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", description, account, region)
    key.id, key.arn = named, arn
    keys[named] = key
