"""That Stagegate is withdrawn: one item, which every plan heeds.

The sweep's function alone may put it down, for a person who confirms what a sweep has shown. No role of Stagegate may
take it away again.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.ledger import items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

READ_PERMISSIONS = frozenset({"dynamodb:BatchGetItem"})
"""A run reads the item together with its subject's."""
PERMISSIONS = frozenset({"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"})


_PLAN = "IS_WITHDRAWAL"
"""Sorts before the pages that a sweep has recorded, which are read from the first one on."""


def key() -> dict[str, Any]:
    """Return the item's primary key, as the low-level client takes it."""
    return items.key(items.WITHDRAWAL, items.CURRENT)


def is_there(dynamodb: "DynamoDBClient", table: str) -> bool:
    """Tell whether Stagegate is withdrawn, strongly consistent."""
    with translated("read whether Stagegate is withdrawn"):
        return "Item" in dynamodb.get_item(TableName=table, Key=key(), ConsistentRead=True)


def put(dynamodb: "DynamoDBClient", table: str, sweep: str, at: datetime) -> None:
    """Withdraw Stagegate, as somebody has confirmed what that sweep has shown. The first one stays on record."""
    values = {"sweep": sweep, "at": items.text_of(at)}
    with translated("withdraw Stagegate"):
        try:
            dynamodb.put_item(
                TableName=table,
                Item=items.item(items.WITHDRAWAL, items.CURRENT, values),
                ConditionExpression="attribute_not_exists(pk)",
            )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise


def is_planned(dynamodb: "DynamoDBClient", table: str, sweep: str) -> bool:
    """Tell whether that sweep has shown what a withdrawal would take out, strongly consistent.

    By a query, which is all that people may who let a sweep go on (`stagegate policy operator`).
    """
    with translated(f"read what sweep {sweep} is"):
        found = dynamodb.query(
            TableName=table,
            KeyConditionExpression="pk = :pk AND sk = :sk",
            ExpressionAttributeValues={f":{name}": value for name, value in _plan_key(sweep).items()},
            ConsistentRead=True,
        )
    return bool(found["Items"])


def put_plan(dynamodb: "DynamoDBClient", table: str, sweep: str) -> None:
    """Record that this sweep shows what a withdrawal would take out. Doing it twice is doing it once."""
    with translated(f"record what sweep {sweep} is"):
        dynamodb.put_item(TableName=table, Item=_plan_key(sweep))


def _plan_key(sweep: str) -> dict[str, Any]:
    return items.key(items.sweep_key(sweep), _PLAN)
