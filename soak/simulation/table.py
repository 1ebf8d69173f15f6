"""DynamoDB's tables for simple requests: moto's items, read and changed without moto's parsers.

What it takes are the requests that a ledger makes: keys of texts, conditions of comparisons with AND and OR, SET,
REMOVE and ADD. Everything else is moto's (`answer` returns None). Items here are far below DynamoDB's limits of 400 KB
and 1 MB a page, which moto would count at each request. `tests/integration/soak` holds it to moto.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moto.dynamodb.exceptions import ConditionalCheckFailed, TransactionCanceledException
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.models.utilities import dynamo_to_dict

from soak.simulation.expressions import (
    Names,
    NotSimpleError,
    Plain,
    check_used,
    condition_of,
    key_condition_of,
    text_value,
    update_of,
)


def answer(operation: str, tables: dict[str, Table], request: Plain) -> Plain | None:
    """The operation's answer, None where moto has to give it. Raises moto's errors of failed conditions."""
    operate = _OPERATIONS.get(operation)
    if operate is not None:
        try:
            return operate(tables, request)
        except NotSimpleError:
            pass
    if operation not in _READS:
        give_back(tables)
    return None


def give_back(tables: dict[str, Table]) -> None:
    """Let moto change the items, which are its own from now on."""
    for table in tables.values():
        for partition in table.items.values() if table.has_range_key else ():
            for key, item in list(partition.items()):
                if isinstance(item, _SimpleItem):
                    partition[key] = Item(item.hash_key, item.range_key, item.plain)


def _get_item(tables: dict[str, Table], request: Plain) -> Plain:
    _takes(request, "TableName", "Key", "ConsistentRead", "ProjectionExpression")
    table = _table(tables, request["TableName"])
    found = _find(table, request["Key"])
    wanted = request.get("ProjectionExpression")
    if wanted is None:
        return {} if found is None else {"Item": plain(found)}
    names = [name.strip() for name in wanted.split(",")]
    if not all(re.fullmatch(r"[A-Za-z0-9_]+", name) for name in names):
        raise NotSimpleError(wanted)
    if found is None:
        return {}
    item = plain(found)
    return {"Item": {name: item[name] for name in names if name in item}}


def _batch_get_item(tables: dict[str, Table], request: Plain) -> Plain:
    _takes(request, "RequestItems")
    responses: Plain = {}
    for name, wanted in request["RequestItems"].items():
        _takes(wanted, "Keys", "ConsistentRead")
        table = _table(tables, name)
        keys = [_key(table, each) for each in wanted["Keys"]]
        if len(set(keys)) != len(keys) or len(keys) > 100:
            raise NotSimpleError("keys")
        found = [_find(table, each) for each in wanted["Keys"]]
        responses[name] = [plain(each) for each in found if each is not None]
    return {"Responses": responses, "UnprocessedKeys": {}}


def _query(tables: dict[str, Table], request: Plain) -> Plain:
    _takes(
        request,
        "TableName",
        "KeyConditionExpression",
        "ExpressionAttributeValues",
        "ConsistentRead",
        "Limit",
        "ScanIndexForward",
        "ExclusiveStartKey",
    )
    table = _table(tables, request["TableName"])
    values = request.get("ExpressionAttributeValues", {})
    partition, matches = key_condition_of(
        request["KeyConditionExpression"], table.hash_key_attr, str(table.range_key_attr)
    )
    check_used(values, request["KeyConditionExpression"])
    if partition not in values:
        raise NotSimpleError(partition)
    _, _, on_sort_key = request["KeyConditionExpression"].partition(" AND ")
    if "Limit" in request and " = " in on_sort_key:
        raise NotSimpleError("a page of one item")  # moto says where it ends: nobody here asks for that
    items: dict[Any, Item] = table.items.get(DynamoType(text_value(values[partition])), {})
    chosen = [each for each in items.items() if matches(each[0].value, values)]
    found = sorted(((key, _kept(items, key, item)) for key, item in chosen), key=lambda each: str(each[0].value))
    if request.get("ScanIndexForward") is False:
        found.reverse()
    if start := request.get("ExclusiveStartKey"):
        last = _key(table, start)[1].value
        is_back = request.get("ScanIndexForward") is False
        found = [each for each in found if (each[0].value < last if is_back else each[0].value > last)]
    limit = request.get("Limit")
    page = found if limit is None else found[:limit]
    answered: Plain = {"Items": [plain(item) for _, item in page], "Count": len(page), "ScannedCount": len(page)}
    if len(page) < len(found):
        last_item = page[-1][1]
        answered["LastEvaluatedKey"] = {
            table.hash_key_attr: {"S": last_item.hash_key.value},
            str(table.range_key_attr): {"S": page[-1][0].value},
        }
    return answered


def _update_item(tables: dict[str, Table], request: Plain) -> Plain:
    _takes(request, "TableName", "Key", *_EXPRESSIONS, "UpdateExpression", "ReturnValues")
    table, key = _table(tables, request["TableName"]), request["Key"]
    names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    update, changed = update_of(request["UpdateExpression"])
    condition, returns = request.get("ConditionExpression"), request.get("ReturnValues", "NONE")
    check_used({**names, **values}, request["UpdateExpression"], condition or "")
    if returns not in ("NONE", "ALL_NEW", "UPDATED_NEW") or changed & set(key):
        raise NotSimpleError(returns)
    found = _find(table, key)
    before = {} if found is None else plain(found)
    if condition is not None and not condition_of(condition)(before, names, values):
        raise ConditionalCheckFailed
    item = {**(before or key)}
    update(item, names, values)
    _put(table, item)
    if returns == "ALL_NEW":
        return {"Attributes": item}
    if returns == "UPDATED_NEW":
        return {"Attributes": {name: value for name, value in item.items() if before.get(name) != value}}
    return {}


def _transact_write_items(tables: dict[str, Table], request: Plain) -> Plain:
    _takes(request, "TransactItems", "ClientRequestToken")
    writes = [_Write.read(tables, each) for each in request["TransactItems"]]
    if len(writes) > 100 or len({(each.table.name, each.key) for each in writes}) != len(writes):
        raise NotSimpleError("too many, or several about one item")
    reasons = [
        (None, None, None) if each.holds() else ("ConditionalCheckFailed", "The conditional request failed", None)
        for each in writes
    ]
    if any(code is not None for code, _, _ in reasons):
        raise TransactionCanceledException(reasons)
    for each in writes:
        if each.kind == "Put":
            _put(each.table, each.item)
        elif each.kind == "Delete":
            each.table.items.get(each.key[0], {}).pop(each.key[1], None)
    return {}


@dataclass(frozen=True, slots=True)
class _Write:
    """One of a transaction's. `item` is the key where it puts nothing."""

    kind: str
    table: Table
    item: Plain
    key: tuple[DynamoType, DynamoType]
    condition: str
    names: Names
    values: Plain

    @classmethod
    def read(cls, tables: dict[str, Table], given: Plain) -> _Write:
        ((kind, operation),) = given.items()
        member = "Item" if kind == "Put" else "Key"
        _takes(operation, "TableName", member, *_EXPRESSIONS)
        if kind not in ("Put", "Delete", "ConditionCheck"):
            raise NotSimpleError(kind)
        table, item = _table(tables, operation["TableName"]), operation[member]
        names, values = operation.get("ExpressionAttributeNames", {}), operation.get("ExpressionAttributeValues", {})
        condition = operation.get("ConditionExpression", "")
        check_used({**names, **values}, condition)
        _can_put(item)
        return cls(kind, table, item, _key(table, item, is_item=kind == "Put"), condition, names, values)

    def holds(self) -> bool:
        """Whether its condition does."""
        if not self.condition:
            return True
        found = self.table.items.get(self.key[0], {}).get(self.key[1])
        return condition_of(self.condition)({} if found is None else plain(found), self.names, self.values)


def _put_item(tables: dict[str, Table], request: Plain) -> Plain:
    _takes(request, "TableName", "Item", *_EXPRESSIONS)
    table, item = _table(tables, request["TableName"]), request["Item"]
    names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    condition = request.get("ConditionExpression")
    check_used({**names, **values}, condition or "")
    found = _find(table, item, is_item=True)
    if condition is not None and not condition_of(condition)({} if found is None else plain(found), names, values):
        raise ConditionalCheckFailed
    _put(table, item)
    return {}


def _delete_item(tables: dict[str, Table], request: Plain) -> Plain:
    _takes(request, "TableName", "Key", *_EXPRESSIONS)
    table = _table(tables, request["TableName"])
    names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    condition = request.get("ConditionExpression")
    check_used({**names, **values}, condition or "")
    found = _find(table, request["Key"])
    if condition is not None and not condition_of(condition)({} if found is None else plain(found), names, values):
        raise ConditionalCheckFailed
    hash_key, range_key = _key(table, request["Key"])
    table.items.get(hash_key, {}).pop(range_key, None)
    return {}


_EXPRESSIONS = ("ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues")
_READS = ("BatchGetItem", "GetItem", "Query", "Scan")
_OPERATIONS: dict[str, Callable[[dict[str, Table], Plain], Plain]] = {
    "BatchGetItem": _batch_get_item,
    "DeleteItem": _delete_item,
    "GetItem": _get_item,
    "PutItem": _put_item,
    "Query": _query,
    "TransactWriteItems": _transact_write_items,
    "UpdateItem": _update_item,
}


class _SimpleItem(Item):
    """An item of moto's that is kept as the API has it. moto's form is made when moto looks at it; it changes none."""

    plain: Plain
    _attrs: Any

    def __init__(self, hash_key: DynamoType, range_key: DynamoType, item: Plain) -> None:
        self.hash_key, self.range_key, self.plain, self._attrs = hash_key, range_key, item, None

    @property
    def attrs(self) -> Any:
        """What moto reads."""
        if self._attrs is None:
            self._attrs = Item(self.hash_key, self.range_key, self.plain).attrs
        return self._attrs

    @attrs.setter
    def attrs(self, value: Any) -> None:
        self._attrs, self.plain = value, dict(dynamo_to_dict(dict(value)))


def plain(item: Item) -> Plain:
    """An item as the API has it, to be read only."""
    found: Plain | None = getattr(item, "plain", None)
    return dict(dynamo_to_dict(dict(item.attrs))) if found is None else found


def _table(tables: dict[str, Table], name: str) -> Table:
    table = tables.get(name)
    if table is None or table.stream_shard is not None or not table.has_range_key:
        raise NotSimpleError(name)
    if (table.hash_key_type, table.range_key_type) != ("S", "S"):
        raise NotSimpleError(name)
    return table


def _key(table: Table, key: Plain, *, is_item: bool = False) -> tuple[DynamoType, DynamoType]:
    hash_key, range_key = key.get(table.hash_key_attr), key.get(str(table.range_key_attr))
    if hash_key is None or range_key is None or (len(key) != 2 and not is_item):
        raise NotSimpleError("not a key")
    return DynamoType(text_value(hash_key)), DynamoType(text_value(range_key))


def _find(table: Table, key: Plain, *, is_item: bool = False) -> Item | None:
    hash_key, range_key = _key(table, key, is_item=is_item)
    items: dict[Any, Item] = table.items.get(hash_key, {})
    found = items.get(range_key)
    return None if found is None else _kept(items, range_key, found)


def _kept(items: dict[Any, Item], key: DynamoType, item: Item) -> Item:
    """The item in the form that is read at once, kept so from now on: moto gets its own where it changes anything."""
    if not isinstance(item, _SimpleItem):
        item = items[key] = _SimpleItem(item.hash_key, key, plain(item))
    return item


def _put(table: Table, item: Plain) -> None:
    hash_key, range_key = _key(table, item, is_item=True)
    _can_put(item)
    table.items[hash_key][range_key] = _SimpleItem(hash_key, range_key, item)


def _is_simple(value: Plain) -> bool:
    """Whether nothing is to be refused in it."""
    ((kind, content),) = value.items()
    if kind == "M":
        return all(map(_is_simple, content.values()))
    if kind == "L":
        return all(map(_is_simple, content))
    return kind in ("S", "BOOL", "NULL") or (kind == "N" and content.isdecimal()) or (kind == "SS" and bool(content))


def _can_put(item: Plain) -> None:
    if not all(map(_is_simple, item.values())):
        raise NotSimpleError("unusual values")


def _takes(request: Plain, *members: str) -> None:
    if not request.keys() <= set(members):
        raise NotSimpleError(str(sorted(request)))
