"""DynamoDB's tables for simple requests: moto's items, read and changed without moto's parsers.

What it takes are the requests that a ledger makes: keys of texts, conditions of comparisons with AND and OR, SET,
REMOVE and ADD. Everything else is moto's (`answer` returns None). Items here are far below DynamoDB's limits of 400 KB
and 1 MB a page, which moto would count at each request. `tests/integration/soak` holds it to moto.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from moto.dynamodb.exceptions import ConditionalCheckFailed, TransactionCanceledException
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.models.utilities import dynamo_to_dict
from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

Plain = dict[str, Any]
"""An item, a key, or an expression's values, as the API has them: name -> {type: value}."""
Names = dict[str, str]
Condition = Callable[[Plain, Names, Plain], bool]
Update = Callable[[Plain, Names, Plain], None]

_TOKEN = re.compile(r"\s*([A-Za-z0-9_#:]+|<>|<=|>=|[=<>(),])")


class NotSimpleError(Exception):
    """Something that is left to moto."""


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
    partition, matches = _key_condition(
        request["KeyConditionExpression"], table.hash_key_attr, str(table.range_key_attr)
    )
    _used(values, request["KeyConditionExpression"])
    if partition not in values:
        raise NotSimpleError(partition)
    items: dict[Any, Item] = table.items.get(DynamoType(_text_value(values[partition])), {})
    found = sorted((each for each in items.items() if matches(each[0].value, values)), key=lambda each: each[0].value)
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
    update, changed = _update(request["UpdateExpression"])
    condition, returns = request.get("ConditionExpression"), request.get("ReturnValues", "NONE")
    _used({**names, **values}, request["UpdateExpression"], condition or "")
    if returns not in ("NONE", "ALL_NEW", "UPDATED_NEW") or changed & set(key):
        raise NotSimpleError(returns)
    found = _find(table, key)
    before = {} if found is None else plain(found)
    if condition is not None and not _condition(condition)(before, names, values):
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
        _used({**names, **values}, condition)
        _can_put(item)
        return cls(kind, table, item, _key(table, item, is_item=kind == "Put"), condition, names, values)

    def holds(self) -> bool:
        """Whether its condition does."""
        if not self.condition:
            return True
        found = self.table.items.get(self.key[0], {}).get(self.key[1])
        return _condition(self.condition)({} if found is None else plain(found), self.names, self.values)


def _put_item(tables: dict[str, Table], request: Plain) -> Plain:
    _takes(request, "TableName", "Item", *_EXPRESSIONS)
    table, item = _table(tables, request["TableName"]), request["Item"]
    names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    condition = request.get("ConditionExpression")
    _used({**names, **values}, condition or "")
    found = _find(table, item, is_item=True)
    if condition is not None and not _condition(condition)({} if found is None else plain(found), names, values):
        raise ConditionalCheckFailed
    _put(table, item)
    return {}


_EXPRESSIONS = ("ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues")
_READS = ("BatchGetItem", "GetItem", "Query", "Scan")
_OPERATIONS: dict[str, Callable[[dict[str, Table], Plain], Plain]] = {
    "BatchGetItem": _batch_get_item,
    "GetItem": _get_item,
    "PutItem": _put_item,
    "Query": _query,
    "TransactWriteItems": _transact_write_items,
    "UpdateItem": _update_item,
}

# --- items ------------------------------------------------------------------------------------------------------------


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


def _text_value(value: Plain) -> Plain:
    if len(value) != 1 or not value.get("S"):
        raise NotSimpleError("a key that is no text")
    return value


def _key(table: Table, key: Plain, *, is_item: bool = False) -> tuple[DynamoType, DynamoType]:
    hash_key, range_key = key.get(table.hash_key_attr), key.get(str(table.range_key_attr))
    if hash_key is None or range_key is None or (len(key) != 2 and not is_item):
        raise NotSimpleError("not a key")
    return DynamoType(_text_value(hash_key)), DynamoType(_text_value(range_key))


def _find(table: Table, key: Plain, *, is_item: bool = False) -> Item | None:
    hash_key, range_key = _key(table, key, is_item=is_item)
    items: dict[Any, Item] = table.items.get(hash_key, {})
    return items.get(range_key)


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
    return kind in ("S", "BOOL") or (kind == "N" and content.isdecimal()) or (kind == "SS" and bool(content))


def _can_put(item: Plain) -> None:
    if not all(map(_is_simple, item.values())):
        raise NotSimpleError("unusual values")


def _takes(request: Plain, *members: str) -> None:
    if not request.keys() <= set(members):
        raise NotSimpleError(str(sorted(request)))


# --- expressions ------------------------------------------------------------------------------------------------------


def _used(given: Plain, *expressions: str) -> None:
    """Every name and value that is given is used, as DynamoDB wants it, and every one that is used is given."""
    used = {token for text in expressions for token in _tokens(text) if token[0] in "#:"}
    if used != given.keys():
        raise NotSimpleError("what is given isn't what is used")


@lru_cache(maxsize=512)
def _tokens(text: str) -> tuple[str, ...]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise NotSimpleError(text)
        found.append(token.group(1))
        at = token.end()
    return tuple(found)


class _Tokens:
    """Those of an expression, one after the other."""

    def __init__(self, text: str) -> None:
        self._left = list(reversed(_tokens(text)))

    @property
    def next(self) -> str:
        return self._left[-1] if self._left else ""

    def take(self, *allowed: str) -> str:
        token = self._left.pop() if self._left else ""
        if allowed and token not in allowed:
            raise NotSimpleError(token)
        return token

    def takes(self, token: str) -> bool:
        """Whether it is the next; if so, it is taken."""
        if self.next.upper() != token:
            return False
        self._left.pop()
        return True


def _path(token: str) -> Callable[[Names], str]:
    if token.startswith("#"):
        return lambda names: names[token]
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", token) or _is_reserved(token):
        raise NotSimpleError(token)
    return lambda _names: token


def _is_reserved(token: str) -> bool:
    return token.upper() in ReservedKeywords.get_reserved_keywords()


def _value(token: str) -> str:
    if not token.startswith(":"):
        raise NotSimpleError(token)
    return token


@lru_cache(maxsize=512)
def _condition(text: str) -> Condition:
    tokens = _Tokens(text)
    either = _either(tokens)
    if tokens.next:
        raise NotSimpleError(text)
    return either


def _either(tokens: _Tokens) -> Condition:
    parts = [_both(tokens)]
    while tokens.takes("OR"):
        parts.append(_both(tokens))
    return lambda item, names, values: any(part(item, names, values) for part in parts)


def _both(tokens: _Tokens) -> Condition:
    parts = [_term(tokens)]
    while tokens.takes("AND"):
        parts.append(_term(tokens))
    return lambda item, names, values: all(part(item, names, values) for part in parts)


def _term(tokens: _Tokens) -> Condition:
    first = tokens.take()
    if first in ("attribute_exists", "attribute_not_exists"):
        tokens.take("(")
        path = _path(tokens.take())
        tokens.take(")")
        wanted = first == "attribute_exists"
        return lambda item, names, _values: (path(names) in item) is wanted
    path, operator = _path(first), tokens.take("=", "<>", "<", "<=", ">", ">=")
    name = _value(tokens.take())
    return lambda item, names, values: _compared(item.get(path(names)), operator, values[name])


def _compared(found: Plain | None, operator: str, wanted: Plain) -> bool:
    """A comparison with what isn't there is false; only <> is true."""
    ((kind, value),) = wanted.items()
    if found is None:
        return operator == "<>"
    if kind not in ("S", "N", "BOOL") or kind not in found:
        raise NotSimpleError("values of two types")
    one, other = (Decimal(found[kind]), Decimal(value)) if kind == "N" else (found[kind], value)
    return _COMPARISONS[operator](one, other)


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: bool(one == other),
    "<>": lambda one, other: bool(one != other),
    "<": lambda one, other: bool(one < other),
    "<=": lambda one, other: bool(one <= other),
    ">": lambda one, other: bool(one > other),
    ">=": lambda one, other: bool(one >= other),
}


@lru_cache(maxsize=512)
def _key_condition(text: str, hash_name: str, range_name: str) -> tuple[str, Callable[[str, Plain], bool]]:
    """The value of the partition, and what the sort key has to be."""
    tokens = _Tokens(text)
    tokens.take(hash_name)
    tokens.take("=")
    partition = _value(tokens.take())
    if not tokens.next:
        return partition, lambda _sk, _values: True
    if not tokens.takes("AND"):
        raise NotSimpleError(text)
    first = tokens.take(range_name, "begins_with")
    if first == "begins_with":
        tokens.take("(")
        tokens.take(range_name)
        tokens.take(",")
        name = _value(tokens.take())
        tokens.take(")")
        matches: Callable[[str, Plain], bool] = lambda sk, values: sk.startswith(_text_value(values[name])["S"])  # noqa: E731
    else:
        compare = _COMPARISONS[tokens.take("=", "<", "<=", ">", ">=")]
        name = _value(tokens.take())
        matches = lambda sk, values: compare(sk, _text_value(values[name])["S"])  # noqa: E731
    if tokens.next:
        raise NotSimpleError(text)
    return partition, matches


@lru_cache(maxsize=512)
def _update(text: str) -> tuple[Update, frozenset[str]]:
    """What an update does, and the attributes that it names."""
    tokens, updates, changed = _Tokens(text), [], set()
    while tokens.next:
        read = _CLAUSES.get(tokens.take().upper())
        if read is None:
            raise NotSimpleError(text)
        while True:
            first = tokens.take()
            changed.add(first)
            updates.append(read(first, tokens))
            if not tokens.takes(","):
                break

    def update(item: Plain, names: Names, values: Plain) -> None:
        # Every action sees the item as it was before.
        before = dict(item)
        for each in updates:
            each(item, before, names, values)

    return update, frozenset(changed)


_Action = Callable[[Plain, Plain, Names, Plain], None]


def _set(first: str, tokens: _Tokens) -> _Action:
    path = _path(first)
    tokens.take("=")
    value = tokens.take()
    if value == "if_not_exists":
        tokens.take("(")
        other = _path(tokens.take())
        tokens.take(",")
        name = _value(tokens.take())
        tokens.take(")")

        def act(item: Plain, before: Plain, names: Names, values: Plain) -> None:
            item[path(names)] = before.get(other(names), values[name])

        return act
    name = _value(value)
    if tokens.next in ("+", "-"):
        raise NotSimpleError("arithmetic")

    def act_plainly(item: Plain, _before: Plain, names: Names, values: Plain) -> None:
        item[path(names)] = values[name]

    return act_plainly


def _remove(first: str, _tokens: _Tokens) -> _Action:
    path = _path(first)

    def act(item: Plain, _before: Plain, names: Names, _values: Plain) -> None:
        item.pop(path(names), None)

    return act


def _add(first: str, tokens: _Tokens) -> _Action:
    path, name = _path(first), _value(tokens.take())

    def act(item: Plain, before: Plain, names: Names, values: Plain) -> None:
        number, known = values[name], before.get(path(names), {"N": "0"})
        if "N" not in number or "N" not in known:
            raise NotSimpleError("ADD of no number")
        item[path(names)] = {"N": str(Decimal(known["N"]) + Decimal(number["N"]))}

    return act


_CLAUSES: dict[str, Callable[[str, _Tokens], _Action]] = {"SET": _set, "REMOVE": _remove, "ADD": _add}
