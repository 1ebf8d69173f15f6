"""Soak's own answers for DynamoDB are moto's, for each series of simple requests, and so is what the table has then."""

import copy
from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from moto.core.base_backend import BackendDict
from moto.dynamodb.exceptions import DynamodbException
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.responses import DynamoHandler

from sandbox.services import dynamodb
from soak.simulation import table
from soak.simulation.table import plain

OURS, THEIRS, REGION, TABLE = "111122223333", "222233334444", "us-east-1", "t"
SCHEMA = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
ATTRIBUTES = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")]

texts = st.sampled_from(["a", "b", "ab", "b2"]).map(lambda text: {"S": text})
numbers = st.sampled_from(["0", "1", "2", "10"]).map(lambda number: {"N": number})
values = (
    texts
    | numbers
    | st.just({"NULL": True})
    | st.just({"BOOL": True})
    | st.just({"M": {"x": {"L": [{"S": "y"}]}}})
    | st.just({"SS": ["p", "q"]})
)
keys = st.fixed_dictionaries({"pk": texts, "sk": texts})
# moto compares values of two types, which DynamoDB never finds equal or in an order.
attributes = st.fixed_dictionaries(
    {}, optional={"holder": texts, "wanted": numbers, "expires": numbers, "done": values, "more": values}
)
items = st.tuples(keys, attributes).map(lambda parts: parts[0] | parts[1])

CONDITIONS: list[tuple[str, tuple[str, ...]]] = [
    ("", ()),
    ("attribute_not_exists(pk)", ()),
    ("attribute_exists(holder) AND expires >= :now", (":now",)),
    ("holder = :me", (":me",)),
    ("holder <> :me", (":me",)),
    ("holder = :me AND wanted = :seen", (":me", ":seen")),
    ("attribute_not_exists(holder) OR holder = :me OR expires < :now", (":me", ":now")),
    ("attribute_not_exists(holder) OR holder = :me AND expires < :now", (":me", ":now")),
]
UPDATES: list[tuple[str, tuple[str, ...]]] = [
    ("SET holder = :me, expires = :now", (":me", ":now")),
    ("REMOVE holder, expires", ()),
    ("SET done = :seen REMOVE holder, expires", (":seen",)),
    ("ADD wanted :one", (":one",)),
    ("ADD wanted :one SET holder = :me, done = if_not_exists(done, :me)", (":one", ":me")),
]
VALUES = {":me": texts, ":now": numbers, ":seen": numbers, ":one": numbers}


@st.composite
def condition(draw: st.DrawFn, extra: tuple[str, ...] = ()) -> dict[str, Any]:
    text, names = draw(st.sampled_from(CONDITIONS))
    used = {name: draw(VALUES[name]) for name in sorted({*names, *extra})}
    return ({"ConditionExpression": text} if text else {}) | ({"ExpressionAttributeValues": used} if used else {})


@st.composite
def updates(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    text, names = draw(st.sampled_from(UPDATES))
    returns = draw(st.sampled_from(["NONE", "ALL_NEW", "UPDATED_NEW"]))
    named = {"UpdateExpression": text, "Key": draw(keys), "ReturnValues": returns}
    return "UpdateItem", {"TableName": TABLE, **named, **draw(condition(names))}


@st.composite
def transactions(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    writes = []
    for kind in draw(st.lists(st.sampled_from(["Put", "Delete", "ConditionCheck"]), min_size=1, max_size=3)):
        about = {"Item": draw(items)} if kind == "Put" else {"Key": draw(keys)}
        writes.append({kind: {"TableName": TABLE, **about, **draw(condition())}})
    return "TransactWriteItems", {"TransactItems": writes}


@st.composite
def queries(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    text = draw(st.sampled_from(["", " AND sk = :sk", " AND begins_with(sk, :sk)", " AND sk > :sk"]))
    used = {":pk": draw(texts)} | ({":sk": draw(texts)} if text else {})
    page = draw(st.fixed_dictionaries({}, optional={"Limit": st.integers(1, 2), "ScanIndexForward": st.booleans()}))
    given = {"KeyConditionExpression": f"pk = :pk{text}", "ExpressionAttributeValues": used}
    return "Query", {"TableName": TABLE, "ConsistentRead": True, **given, **page}


gets = st.builds(
    lambda key, wanted: ("GetItem", {"TableName": TABLE, "Key": key, **wanted}),
    keys,
    st.sampled_from([{}, {"ProjectionExpression": "holder"}, {"ProjectionExpression": "holder, wanted"}]),
)
batches = st.builds(
    lambda wanted: ("BatchGetItem", {"RequestItems": {TABLE: {"Keys": wanted, "ConsistentRead": True}}}),
    st.lists(keys, min_size=1, max_size=3, unique_by=str),
)
puts = st.builds(lambda item, given: ("PutItem", {"TableName": TABLE, "Item": item, **given}), items, condition())
deletions = st.builds(lambda key, given: ("DeleteItem", {"TableName": TABLE, "Key": key, **given}), keys, condition())
requests = st.lists(updates() | transactions() | queries() | gets | batches | puts | deletions, min_size=1, max_size=12)


def backend(account: str) -> DynamoDBBackend:
    found: DynamoDBBackend = dynamodb_backends[account][REGION]
    found.create_table(
        TABLE,
        schema=SCHEMA,
        throughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
        attr=ATTRIBUTES,
        global_indexes=[],
        indexes=[],
        streams=None,
        billing_mode="PROVISIONED",
        sse_specification=None,
        tags=[],
        deletion_protection_enabled=False,
        warm_throughput=None,
    )
    return found


def by_moto(account: str, operation: str, request: dict[str, Any]) -> Any:
    handler = DynamoHandler()
    handler.params = handler.body = request
    handler.current_account, handler.region = account, REGION
    names = {"BatchGetItem": "batch_get_item", "GetItem": "get_item", "PutItem": "put_item", "Query": "query"}
    names |= {"TransactWriteItems": "transact_write_items", "UpdateItem": "update_item", "DeleteItem": "delete_item"}
    return getattr(handler, names[operation])().result


def by_soak(tables: Any, operation: str, request: dict[str, Any]) -> Any:
    """What isn't simple is moto's to answer, from the same items."""
    answer = table.answer(operation, tables, request)
    return by_moto(OURS, operation, request) if answer is None else answer


def told(call: Any) -> Any:
    try:
        found = call()
    except DynamodbException as error:
        return error.description
    costs = ("ConsumedCapacity", "ConsumedCapacityUnits", "ItemCollectionMetrics")
    return {key: value for key, value in found.items() if key not in costs}


@settings(max_examples=60, deadline=None)
@given(requests)
def test_it_answers_as_moto_does(series: list[tuple[str, dict[str, Any]]]) -> None:
    BackendDict.reset()
    dynamodb.install()
    ours, theirs = backend(OURS).tables, backend(THEIRS).tables
    for operation, request in series:
        asked = copy.deepcopy(request)
        assert told(partial(by_soak, ours, operation, request)) == told(partial(by_moto, THEIRS, operation, asked))
    assert contents(ours) == contents(theirs)


def contents(tables: Any) -> dict[tuple[str, str], Any]:
    return {
        (hash_key.value, range_key.value): plain(item)
        for hash_key, partition in tables[TABLE].items.items()
        for range_key, item in partition.items()
    }
