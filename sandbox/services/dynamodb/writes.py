"""DynamoDB's writes one after the other: moto reads, checks and writes an item in steps that other threads can enter,
and a conditional write that isn't atomic would lose claims that AWS keeps.

And a transaction that fails is undone from copies of the items that it is about: moto copies the whole table, once for
each item, which takes longer than all else that the sandbox does.
"""

from __future__ import annotations

import copy
import threading
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

_lock = threading.RLock()
_call_action = DynamoHandler.call_action
_transact_write_items = DynamoDBBackend.transact_write_items
_in_transaction: list[dict[str, Any]] = []
"""What the transaction that is going on is about, as the API has it."""


def install() -> None:
    """Let one request at a time into DynamoDB, in this process. Calling it again changes nothing."""
    DynamoHandler.call_action = _one_at_a_time
    DynamoDBBackend.transact_write_items = _transact
    Table.__deepcopy__ = _copied


def _one_at_a_time(handler: DynamoHandler) -> Any:
    with _lock:
        return _call_action(handler)


def _transact(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    with _lock:
        _in_transaction[:] = transact_items
        try:
            _transact_write_items(backend, transact_items)
        finally:
            _in_transaction.clear()


def _copied(table: Table, memo: dict[int, Any]) -> Table:
    """What moto puts back when a transaction fails; everywhere else, a copy of everything."""
    made = copy.copy(table)
    if not _in_transaction:
        vars(made).update(copy.deepcopy(vars(table), memo))
        return made
    has_range = table.range_key_attr is not None
    made.items = defaultdict(dict)
    made.items.update((key, dict(items) if has_range else items) for key, items in table.items.items())
    for hash_key, range_key in _touched(table):
        item = table.get_item(hash_key, range_key)
        if item is not None and has_range:
            made.items[hash_key][range_key] = copy.deepcopy(item)
        elif item is not None:
            made.items[hash_key] = copy.deepcopy(item)
    return made


def _touched(table: Table) -> Iterable[tuple[DynamoType, DynamoType | None]]:
    names = [name for name in (table.hash_key_attr, table.range_key_attr) if name is not None]
    for operation in (one for each in _in_transaction for one in each.values()):
        key = operation.get("Key") or operation.get("Item") or {}
        if operation.get("TableName") == table.name and set(names) <= set(key):
            hash_key, range_key = (*(DynamoType(key[name]) for name in names), None)[:2]
            yield hash_key, range_key
