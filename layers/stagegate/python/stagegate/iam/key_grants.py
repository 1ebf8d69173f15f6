"""What a principal may do with a KMS key: what a named grant gives it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stagegate.core.untrusted import word

READ = ("Decrypt", "DescribeKey")
"""The operations that reading what the key has encrypted takes."""
WRITE = ("GenerateDataKey",)
"""What encrypting anew takes beside it, in a grant of its own: who may write as well keeps the grant to read."""

ENCRYPT = ("Decrypt", "DescribeKey", "GenerateDataKey")
"""The operations that reading takes, and encrypting with the same key."""

_DIGITS = 32


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class KeyUse:
    """`grantee` (a role's ARN, or an account's root) may do `operations`, for what has all of the encryption `context`.

    `operations` are KMS's names in order; `context` is pairs of a name and a value in order, none for anything at all.
    """

    grantee: str
    operations: tuple[str, ...] = READ
    context: tuple[tuple[str, str], ...] = ()

    @property
    def constraints(self) -> dict[str, dict[str, str]]:
        """The grant's constraints as KMS takes them; empty for none. DescribeKey, which has no context, passes them."""
        return {"EncryptionContextSubset": dict(self.context)} if self.context else {}

    def grant_name(self, prefix: str) -> str:
        """Return the name of its grant: KMS answers a second grant of the same name and content with the first."""
        said = json.dumps([self.grantee, self.operations, self.context])
        return f"{prefix}-{hashlib.sha256(said.encode()).hexdigest()[:_DIGITS]}"

    def __str__(self) -> str:
        """A line that a person can read."""
        given = (
            f" where {' and '.join(f'{name} is {word(value)}' for name, value in self.context)}" if self.context else ""
        )
        return f"{word(self.grantee)} may {', '.join(self.operations)}{given}"


def is_grant_name(name: str, prefix: str) -> bool:
    """Tell whether a grant's name is one that `KeyUse.grant_name` makes."""
    start, _, digits = name.rpartition("-")
    return start == prefix and len(digits) == _DIGITS and set(digits) <= set("0123456789abcdef")


def use_to_json(use: KeyUse) -> dict[str, Any]:
    """Return a use as JSON values."""
    return {"grantee": use.grantee, "operations": list(use.operations), "context": [list(pair) for pair in use.context]}


def use_from_json(raw: Mapping[str, Any]) -> KeyUse:
    """Return the use that `use_to_json` made."""
    return KeyUse(
        grantee=raw["grantee"],
        operations=tuple(raw["operations"]),
        context=tuple((name, value) for name, value in raw["context"]),
    )
