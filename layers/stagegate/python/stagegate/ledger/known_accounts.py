"""The accounts that any stage has had, as sweeps have seen them: something of ours may still lie in one that none has
any more, and neither the rules nor the units name it then.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

from stagegate.aws.errors import translated
from stagegate.core.errors import ThrottledError
from stagegate.ledger import items, units

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = frozenset({"dynamodb:BatchGetItem", "dynamodb:UpdateItem"})


def read(dynamodb: "DynamoDBClient", table: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the accounts on record, and those of all units as they were last heard; one call, strongly consistent.

    Raises ThrottledError if DynamoDB leaves a key unanswered.
    """
    keys = [items.key(partition, items.CURRENT) for partition in (items.ACCOUNTS, items.UNITS)]
    with translated("read the accounts of all sweeps"):
        answer = dynamodb.batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})
    if answer.get("UnprocessedKeys"):
        raise ThrottledError("read the accounts of all sweeps: DynamoDB has left a key unanswered")
    found = {values["pk"]: values for values in map(items.values, answer["Responses"].get(table, ()))}
    known = frozenset(found.get(items.ACCOUNTS, {}).get("accounts", ()))
    in_units = units.decoded(found[items.UNITS]).units.values() if items.UNITS in found else ()
    return known, frozenset(account for unit in in_units for account in unit.accounts)


def add(dynamodb: "DynamoDBClient", table: str, accounts: Collection[str]) -> None:
    """Put accounts on record beside those that are there. Doing it twice is doing it once."""
    with translated("record the accounts of a sweep"):
        dynamodb.update_item(
            TableName=table,
            Key=items.key(items.ACCOUNTS, items.CURRENT),
            UpdateExpression="ADD accounts :accounts",
            ExpressionAttributeValues={":accounts": {"SS": sorted(accounts)}},
        )
