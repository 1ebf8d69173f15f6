"""Transactions: all of it or nothing, whatever else is in the table."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

TABLE = "t"


@pytest.fixture(params=[("pk", "sk"), ("pk",)])
def table(request: pytest.FixtureRequest, admin: Any) -> tuple[str, ...]:
    names: tuple[str, ...] = request.param
    admin("dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[
            {"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)
        ],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        BillingMode="PAY_PER_REQUEST",
    )
    return names


def key(table: tuple[str, ...], value: str) -> dict[str, Any]:
    return {name: {"S": value} for name in table}


def change(table: tuple[str, ...], value: str) -> dict[str, Any]:
    return {
        "TableName": TABLE,
        "Key": key(table, value),
        "UpdateExpression": "SET deep.x = :x ADD n :one",
        "ExpressionAttributeValues": {":x": {"S": "new"}, ":one": {"N": "1"}},
    }


def test_a_transaction_that_fails_changes_nothing(table: tuple[str, ...], admin: Any) -> None:
    dynamodb = admin("dynamodb")
    for value in ("a", "b", "other"):
        dynamodb.put_item(TableName=TABLE, Item=key(table, value) | {"deep": {"M": {"x": {"S": "old"}}}})
    before = dynamodb.scan(TableName=TABLE)["Items"]
    operations: list[dict[str, Any]] = [
        {"Update": change(table, "a")},
        {"Delete": {"TableName": TABLE, "Key": key(table, "b")}},
        {"Put": {"TableName": TABLE, "Item": key(table, "c")}},
        {"Put": {"TableName": TABLE, "Item": key(table, "other"), "ConditionExpression": "attribute_not_exists(pk)"}},
    ]
    with pytest.raises(ClientError, match="TransactionCanceled"):
        dynamodb.transact_write_items(TransactItems=operations)
    assert dynamodb.scan(TableName=TABLE)["Items"] == before
    dynamodb.transact_write_items(TransactItems=operations[:3])
    after = {item["pk"]["S"]: item for item in dynamodb.scan(TableName=TABLE)["Items"]}
    assert sorted(after) == ["a", "c", "other"]
    assert after["a"] == key(table, "a") | {"deep": {"M": {"x": {"S": "new"}}}, "n": {"N": "1"}}
