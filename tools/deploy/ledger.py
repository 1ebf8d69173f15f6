"""What the ledger says is open, for whoever is about to delete the stack that watches it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stagegate.ledger import items, withdrawal
from stagegate.targets.target import ACCOUNT_CLOSED

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether somebody has withdrawn Stagegate, how many subjects have something open, and how many targets have
    something that a subject wants there, or may have left there.
    """

    is_withdrawn: bool
    subjects: int
    targets: int

    @property
    def is_closed(self) -> bool:
        """Whether nothing is open, and nothing can open."""
        return self.is_withdrawn and not self.subjects and not self.targets


def standing(dynamodb: "DynamoDBClient", table: str) -> Standing:
    """Return what a ledger says. Reads all of it, strongly consistent.

    What lies in an account that AWS has closed nobody can use, and nobody can take out: it doesn't count.
    """
    subjects, targets = set(), set()
    for page in dynamodb.get_paginator("scan").paginate(
        TableName=table,
        ConsistentRead=True,
        ProjectionExpression="pk, sk, digest",
        FilterExpression="(sk = :view AND size(grants) > :none) OR begins_with(sk, :desired)"
        " OR begins_with(sk, :written)",
        ExpressionAttributeValues={
            ":view": {"S": items.VIEW},
            ":none": {"N": "0"},
            ":desired": {"S": items.DESIRED},
            ":written": {"S": items.WRITTEN},
        },
    ):
        for item in page["Items"]:
            sort_key = item["sk"]["S"]
            if item.get("digest", {}).get("S") == ACCOUNT_CLOSED:
                continue
            if sort_key == items.VIEW:
                # One that somebody approves has its view in two places (`ledger/write`).
                subjects.add(item["pk"]["S"].partition("#")[2])
            else:
                noted = sort_key.startswith(items.WRITTEN)
                key = item["pk"]["S"].removeprefix(items.target_key(""))
                targets.add(sort_key.removeprefix(items.WRITTEN) if noted else key)
    found = dynamodb.get_item(TableName=table, Key=withdrawal.key(), ConsistentRead=True)
    return Standing("Item" in found, len(subjects), len(targets))
