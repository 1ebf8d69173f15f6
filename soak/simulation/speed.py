"""What the embedded services do again and again, though once is enough; thousands of histories feel it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from moto.core.base_backend import BackendDict
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

from sandbox.authorization.evaluator import condition_keys

_query = Table.query
_all_items = Table.all_items
_serialize_structure = BaseJSONSerializer._serialize_type_structure  # noqa: SLF001
_make_backend = BackendDict._create_account_specific_backend  # noqa: SLF001


def install() -> None:
    """Let moto compare texts as texts, and look for a partition's items in the partition."""
    DynamoType.__eq__ = _equal
    DynamoType.__ne__ = lambda self, other: not _equal(self, other)
    DynamoType.__hash__ = _hash
    Table.query = _query_partition
    Table.all_items = _items
    BackendDict._create_account_specific_backend = _make_backend_once  # noqa: SLF001
    BaseJSONSerializer._serialize_type_structure = _serialize  # noqa: SLF001
    condition_keys.check = lru_cache(maxsize=None)(condition_keys.check)


def _equal(self: DynamoType, other: Any) -> bool:
    if self.type != other.type:
        return False
    if self.type == "S":
        return bool(self.value == other.value)
    return bool(self.cast_value == other.cast_value)


def _hash(self: DynamoType) -> int:
    return hash(self.value) if self.type == "S" else hash((self.type, self.cast_value))


def _query_partition(self: Table, hash_key: Any, *arguments: Any, **named: Any) -> Any:
    index = named.get("index_name") or (arguments[6] if len(arguments) > 6 else None)
    if index is None and hash_key is not None and self.has_range_key:
        vars(self)["asked"] = hash_key
    try:
        return _query(self, hash_key, *arguments, **named)
    finally:
        vars(self).pop("asked", None)


def _items(self: Table) -> Any:
    asked = vars(self).get("asked")
    if asked is None:
        return _all_items(self)
    return list(self.items.get(asked, {}).values())


def _make_backend_once(self: Any, account_id: str) -> None:
    if not dict.__contains__(self, account_id):
        _make_backend(self, account_id)


def _serialize(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
    """A text of DynamoDB's is written as it is: its shape has ten members, of which moto would look for each."""
    if shape.name == "AttributeValue" and key and type(value) is dict and len(value) == 1:
        (kind,) = value
        if kind in ("S", "N", "BOOL"):
            serialized[key] = value
            return
    _serialize_structure(self, serialized, value, shape, key)
