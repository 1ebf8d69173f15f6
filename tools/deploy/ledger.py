"""What the ledger says is open, for whoever is about to delete the stack that watches it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stagegate.targets.target import ACCOUNT_CLOSED

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MARK = {"pk": {"S": "WITHDRAWAL"}, "sk": {"S": "CURRENT"}}
"""The item by which Stagegate is withdrawn (`stagegate.ledger.withdrawal`)."""


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
    subjects, targets = 0, set()
    for page in dynamodb.get_paginator("scan").paginate(
        TableName=table,
        ConsistentRead=True,
        ProjectionExpression="pk, sk, digest",
        FilterExpression="(sk = :view AND size(grants) > :none) OR begins_with(sk, :desired)"
        " OR begins_with(sk, :written)",
        ExpressionAttributeValues={
            ":view": {"S": "VIEW"},
            ":none": {"N": "0"},
            ":desired": {"S": "DESIRED#"},
            ":written": {"S": "WRITTEN#"},
        },
    ):
        for item in page["Items"]:
            sort_key = item["sk"]["S"]
            if item.get("digest", {}).get("S") == ACCOUNT_CLOSED:
                continue
            if sort_key == "VIEW":
                subjects += 1
            else:
                noted = sort_key.startswith("WRITTEN#")
                targets.add(sort_key.removeprefix("WRITTEN#") if noted else item["pk"]["S"].removeprefix("TARGET#"))
    found = dynamodb.get_item(TableName=table, Key=MARK, ConsistentRead=True)
    return Standing("Item" in found, subjects, len(targets))
