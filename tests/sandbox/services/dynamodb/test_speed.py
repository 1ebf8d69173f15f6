"""What is done faster than moto does it comes to the same."""

from typing import Any

import pytest
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

from sandbox.kernel.place import REGION
from sandbox.services.dynamodb import speed

TABLE, ACCOUNT = "t", "111122223333"


@pytest.fixture
def table(admin: Any) -> Table:
    dynamodb = admin("dynamodb")
    dynamodb.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    for pk in ("a", "b", "c"):
        for sk in ("3", "1", "2", "10"):
            dynamodb.put_item(TableName=TABLE, Item={"pk": {"S": pk}, "sk": {"S": sk}, "of": {"S": pk}})
    found: Table = dynamodb_backends[ACCOUNT][REGION].tables[TABLE]
    return found


@pytest.mark.parametrize("partition", ["b", "nobody"])
@pytest.mark.parametrize("comparison", [(None, []), ("BETWEEN", ["1", "2"]), ("BEGINS_WITH", ["1"]), ("GT", ["2"])])
@pytest.mark.parametrize(
    "page", [(100, None, True), (100, None, False), (2, None, True), (2, {"pk": {"S": "b"}, "sk": {"S": "10"}}, True)]
)
def test_a_query_finds_what_moto_finds(
    table: Table, partition: str, comparison: tuple[str | None, list[str]], page: tuple[int, Any, bool]
) -> None:
    values = [DynamoType({"S": value}) for value in comparison[1]]
    asked = (DynamoType({"S": partition}), comparison[0], values, *page, None)
    ours, theirs = Table.query(table, *asked), speed._query(table, *asked)
    assert Table.query is not speed._query
    assert [item.to_json() for item in ours[0]] == [item.to_json() for item in theirs[0]]
    assert ours[1:] == theirs[1:]
    assert partition == "b" or not ours[0]


VALUES: list[dict[str, Any]] = [
    {"S": "1"},
    {"S": "2"},
    {"N": "1"},
    {"N": "1.0"},
    {"SS": ["a", "b"]},
    {"SS": ["b", "a"]},
    {"M": {"a": {"N": "1"}}},
    {"M": {"a": {"N": "1.0"}}},
    {"L": [{"S": "1"}]},
    {"BOOL": True},
    {"NULL": True},
]


def test_what_is_equal_to_moto_is_equal() -> None:
    values = [DynamoType(value) for value in VALUES]
    for one in values:
        for other in values:
            is_equal = one.type == other.type and one.cast_value == other.cast_value
            assert (one == other) is is_equal
            assert (one != other) is not is_equal


def test_an_item_comes_back_as_it_was_put(table: Table, admin: Any) -> None:
    dynamodb = admin("dynamodb")
    item = {f"a{number}": value for number, value in enumerate(VALUES)} | {"pk": {"S": "x"}, "sk": {"S": "y"}}
    dynamodb.put_item(TableName=table.name, Item=item)
    assert dynamodb.get_item(TableName=table.name, Key={"pk": item["pk"], "sk": item["sk"]})["Item"] == item
