"""What is behind the clients: one ledger table and one bucket's policy, as a value."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from stagegate.ledger import items

BUCKET = "model-artifacts"
Key = tuple[str, str]
Attributes = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A request of a writer."""

    operation: str
    parameters: Mapping[str, Any]

    @property
    def writes_the_policy(self) -> bool:
        """Whether this replaces the bucket's policy, or takes it away."""
        return self.operation in ("PutBucketPolicy", "DeleteBucketPolicy")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error of AWS; `more` are further members of the answer, as JSON. A code of "" is a lost connection."""

    code: str
    more: str = "{}"


Answer = str | Refusal
"""What a client gets: an answer as JSON, or an error."""


@dataclass(frozen=True, slots=True)
class Aws:
    """One moment. `table` is sorted by key, each item with its attributes as JSON; `before` is the policy that the last
    write replaced, which is what a read that is behind gives.
    """

    table: tuple[tuple[Key, str], ...] = ()
    policy: str | None = None
    before: str | None = None

    def item(self, key: Key) -> Attributes | None:
        """An item's attributes as the low-level client has them, or None."""
        return next((_loaded(text) for has, text in self.table if has == key), None)

    def with_item(self, key: Key, attributes: Attributes | None) -> "Aws":
        """This with an item replaced, or without it."""
        table = dict(self.table)
        table.pop(key, None)
        if attributes is not None:
            table[key] = json.dumps(attributes, sort_keys=True)
        return replace(self, table=tuple(sorted(table.items())))

    def with_policy(self, text: str | None) -> "Aws":
        """This after a write of the bucket's policy."""
        return replace(self, policy=text, before=self.policy)


def answered(aws: Aws, call: Call, *, behind: bool = False) -> tuple[Aws, Answer]:
    """Return what comes of a call. With `behind`, a read of the policy misses the last write.

    Raises KeyError for an operation, and ValueError for an expression, that isn't played here.
    """
    given = call.parameters
    match call.operation:
        case "UpdateItem":
            return _updated(aws, given)
        case "TransactWriteItems":
            return _transacted(aws, given["TransactItems"])
        case "Query":
            return aws, json.dumps({"Items": _queried(aws, given)})
        case "GetBucketPolicy":
            text = aws.before if behind else aws.policy
            return aws, Refusal("NoSuchBucketPolicy") if text is None else json.dumps({"Policy": text})
        case "PutBucketPolicy":
            return aws.with_policy(given["Policy"]), "{}"
        case "DeleteBucketPolicy":
            return aws.with_policy(None), "{}"
        case "ListBuckets":  # after a refusal: the bucket is the account's own
            return aws, json.dumps({"Buckets": [{"Name": given.get("Prefix", "")}]})
        case other:
            raise KeyError(other)


@cache
def _loaded(text: str) -> Attributes:
    loaded: Attributes = json.loads(text)
    return loaded


def _key(parameters: Mapping[str, Any]) -> Key:
    return parameters["pk"]["S"], parameters["sk"]["S"]


def _updated(aws: Aws, given: Mapping[str, Any]) -> tuple[Aws, Answer]:
    key, values = _key(given["Key"]), given["ExpressionAttributeValues"]
    found = dict(aws.item(key) or {})
    if not holds(given["ConditionExpression"], found, values):
        return aws, Refusal("ConditionalCheckFailedException")
    return aws.with_item(key, {**items.key(*key), **_changed(given["UpdateExpression"], found, values)}), "{}"


def _changed(expression: str, found: Attributes, values: Mapping[str, Any]) -> Attributes:
    """The two forms of an update: `SET a = :x, b = :y` and `REMOVE a, b`."""
    verb, _, rest = expression.partition(" ")
    parts = [part.strip() for part in rest.split(",")]
    if verb == "SET":
        return {**found, **{name: values[value] for name, _, value in (part.partition(" = ") for part in parts)}}
    if verb == "REMOVE":
        return {name: value for name, value in found.items() if name not in parts}
    raise ValueError(expression)


def _transacted(aws: Aws, writes: list[Mapping[str, Any]]) -> tuple[Aws, Answer]:
    reasons = [{"Code": "None"} for _ in writes]
    after = aws
    for number, write in enumerate(writes):
        ((kind, given),) = write.items()
        if kind == "ConditionCheck":
            found = aws.item(_key(given["Key"])) or {}
            if not holds(given["ConditionExpression"], found, given["ExpressionAttributeValues"]):
                reasons[number] = {"Code": "ConditionalCheckFailed"}
        elif kind == "Put":
            after = after.with_item(_key(given["Item"]), given["Item"])
        elif kind == "Delete":
            after = after.with_item(_key(given["Key"]), None)
        else:
            raise ValueError(kind)
    if any(reason["Code"] != "None" for reason in reasons):
        return aws, Refusal("TransactionCanceledException", json.dumps({"CancellationReasons": reasons}))
    return after, "{}"


def holds(expression: str, found: Attributes, values: Mapping[str, Any]) -> bool:
    """Tell whether a condition holds: alternatives (`OR`) of the three forms that the ledger uses."""
    return any(_holds(part.strip(), found, values) for part in expression.split(" OR "))


def _holds(part: str, found: Attributes, values: Mapping[str, Any]) -> bool:
    if part.startswith("attribute_not_exists("):
        return part.removeprefix("attribute_not_exists(").removesuffix(")") not in found
    name, operator, value = part.split(" ")
    if operator == "=":
        return bool(found.get(name) == values[value])
    if operator == "<":
        return name in found and int(found[name]["N"]) < int(values[value]["N"])
    raise ValueError(part)


def _queried(aws: Aws, given: Mapping[str, Any]) -> list[Attributes]:
    if given["KeyConditionExpression"] != "pk = :pk AND begins_with(sk, :wanted)" or not given["ConsistentRead"]:
        raise ValueError(given["KeyConditionExpression"])
    values = given["ExpressionAttributeValues"]
    pk, start = values[":pk"]["S"], values[":wanted"]["S"]
    return [_loaded(text) for (has, sk), text in aws.table if has == pk and sk.startswith(start)]
