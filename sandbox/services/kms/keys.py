"""Which key is meant: by a name that somebody gives it, or by a ciphertext."""

from __future__ import annotations

from moto.kms.models import kms_backends

from sandbox.kernel.arns import split
from sandbox.kernel.place import PARTITION

_KEY_ID_LENGTH = 36
"""moto begins a ciphertext with the id of its key."""


def key_arn(named: str, account: str, region: str) -> str:
    """The ARN of a key given by id, ARN, alias or alias ARN. An alias without a key keeps its own ARN.

    AWS managed keys (`alias/aws/…`) keep their alias as well: their policy is AWS's, not in any store.
    """
    if fields := split(named):
        region, account, named = fields.region, fields.account, fields.resource
        if named.startswith("key/"):
            return f"arn:{PARTITION}:kms:{region}:{account}:{named}"
    if named.startswith("alias/"):
        if not named.startswith("alias/aws/"):
            for key in list(kms_backends[account][region].keys.values()):
                if named in key.aliases:
                    return str(key.arn)
        return f"arn:{PARTITION}:kms:{region}:{account}:{named}"
    return f"arn:{PARTITION}:kms:{region}:{account}:key/{named}"


def key_of_ciphertext(blob: bytes) -> str | None:
    """The ARN of the key that a ciphertext was made with; None for what no key made."""
    key_id = blob[:_KEY_ID_LENGTH].decode(errors="replace")
    for backends in list(kms_backends.values()):
        for backend in list(backends.values()):
            if key_id in backend.keys:
                return str(backend.keys[key_id].arn)
    return None
