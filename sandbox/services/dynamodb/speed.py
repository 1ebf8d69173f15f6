"""What moto's DynamoDB does slowly, with the same answer: it compares texts as it compares documents, and looks for a
partition's items in the whole table.
"""

from __future__ import annotations

from typing import Any

from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

_query = Table.query
_serialize_structure = BaseJSONSerializer._serialize_type_structure  # noqa: SLF001


def install() -> None:
    """Let it do less, in this process. Calling it again changes nothing."""
    DynamoType.__eq__ = _equal
    DynamoType.__ne__ = lambda self, other: not _equal(self, other)
    DynamoType.__hash__ = _hash
    Table.query = _query_partition
    BaseJSONSerializer._serialize_type_structure = _serialize  # noqa: SLF001


def _equal(self: DynamoType, other: Any) -> bool:
    if self.type != other.type:
        return False
    if self.type == "S":
        return bool(self.value == other.value)
    return bool(self.cast_value == other.cast_value)


def _hash(self: DynamoType) -> int:
    return hash(self.value) if self.type == "S" else hash((self.type, self.cast_value))


def _query_partition(self: Table, hash_key: Any, *arguments: Any, **named: Any) -> Any:
    """A query of the table itself, as one of a table that has nothing else."""
    index = named.get("index_name") or (arguments[6] if len(arguments) > 6 else None)
    if index is not None or hash_key is None or not self.has_range_key:
        return _query(self, hash_key, *arguments, **named)
    partition = object.__new__(type(self))
    vars(partition).update(vars(self))
    partition.items = {hash_key: dict(self.items.get(hash_key, {}))}
    return _query(partition, hash_key, *arguments, **named)


def _serialize(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
    """A text of DynamoDB's is written as it is: its shape has ten members, of which moto would look for each."""
    if shape.name == "AttributeValue" and key and type(value) is dict and len(value) == 1:
        (kind,) = value
        if kind in ("S", "N", "BOOL"):
            serialized[key] = value
            return
    _serialize_structure(self, serialized, value, shape, key)
