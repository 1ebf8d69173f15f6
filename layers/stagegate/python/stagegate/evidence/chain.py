"""The digest that an entry of a chain has, over all that is stored of it, and the entry with its place in the chain.

The text that is hashed is JSON with sorted keys and without floats: equal entries have equal digests wherever they are
read.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from stagegate.approvals.kept import Head

Values = Mapping[str, Any]
"""An item's attributes as Python values: numbers as integers or decimals."""

NUMBER, PREVIOUS, DIGEST, BEGINS = "number", "previous", "digest", "begins"
"""What an entry says of its chain. `begins`: it is the first, and nothing was recorded of the subject before."""
OF_CHAIN = frozenset({NUMBER, PREVIOUS, DIGEST, BEGINS})
VIEW = "view"
"""What a run's entry says of the view that is written with it: the digest of all that the next run goes by there."""


def digest_of(values: Values, leaving_out: Collection[str] = (DIGEST,)) -> str:
    """Return the SHA-256 of an item as hex digits, its place in the table and in the chain included.

    It has an answer for whatever may lie in a table, also what no writer of ours writes.
    """
    said = {name: value for name, value in values.items() if name not in leaving_out}
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=_plain).encode()).hexdigest()


def view_digest_of(values: Values) -> str:
    """Return the digest of a view, wherever it lies: `record` writes it in two places."""
    return digest_of(values, ("pk", "sk"))


def linked(values: Values, after: Head, *, begins: bool = False) -> dict[str, Any]:
    """Return an entry, with its key, as it lies behind the one that `after` is the head of."""
    place = {
        NUMBER: after.number + 1,
        **({PREVIOUS: after.digest} if after.number else {BEGINS: True} if begins else {}),
    }
    made = {**values, **place}
    return {**made, DIGEST: digest_of(made)}


def says(values: Values) -> dict[str, Any]:
    """Return what an entry says beside its place in the chain."""
    return {name: value for name, value in values.items() if name not in OF_CHAIN}


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        whole = value.is_finite() and value == value.to_integral_value()
        return int(value) if whole else str(value)
    if isinstance(value, set | frozenset):
        return {"a set of": sorted(map(repr, value))}
    return repr(value)
