"""What has become of imports: which versions of a group are there, which have failed, and when."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from stagegate.aws.errors import translated
from stagegate.domain.views import FailedImport

from . import items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = frozenset({"dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query"})
READ_PERMISSIONS = frozenset({"dynamodb:Query"})

_DIGITS = 9
"""Of a package's version: in the order of their texts, numbers of as many digits are in their own order."""


def record_imported(
    dynamodb: "DynamoDBClient", table: str, queue: str, group: str, version: int, subject: str, model_arn: str
) -> None:
    """Put down that a version is there."""
    said = {"package": subject, "model": model_arn}
    with translated(f"record the import of {subject}"):
        dynamodb.put_item(
            TableName=table, Item=items.item(items.imported_key(queue, group), f"{version:0{_DIGITS}}", said)
        )


def forget_imported(dynamodb: "DynamoDBClient", table: str, queue: str, group: str, version: int) -> None:
    """Put down that a version isn't there any more."""
    with translated(f"forget the import of {group}/{version}"):
        dynamodb.delete_item(TableName=table, Key=items.key(items.imported_key(queue, group), f"{version:0{_DIGITS}}"))


def imported(dynamodb: "DynamoDBClient", table: str, queue: str, group: str) -> dict[int, str]:
    """Return the versions of a group that are there, each with its package's ARN; strongly consistent."""
    with translated(f"read what is imported of {group}"):
        return {
            int(found["sk"]): found["package"]
            for page in dynamodb.get_paginator("query").paginate(
                TableName=table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": items.imported_key(queue, group)}},
                ConsistentRead=True,
            )
            for found in map(items.values, page["Items"])
        }


def record_failed(
    dynamodb: "DynamoDBClient", table: str, subject: str, target: str, failure: FailedImport | None
) -> None:
    """Put down why an import has failed, so that no event starts it again; None takes that back."""
    pk, sk = items.subject_key(subject), f"{items.FAILED}{target}"
    with translated(f"record what became of {target}"):
        if failure is None:
            dynamodb.delete_item(TableName=table, Key=items.key(pk, sk))
        else:
            said = {"digest": failure.digest, "approval": failure.approval, "detail": failure.detail}
            dynamodb.put_item(TableName=table, Item=items.item(pk, sk, said))


def record_end(
    dynamodb: "DynamoDBClient",
    table: str,
    subject: str,
    *,
    outcome: str,
    lines: Collection[str],
    holder: str,
    now: datetime,
) -> None:
    """Put an import's end into the history of its package."""
    said = {"outcome": outcome, "changes": list(lines), "execution": holder, "at": items.text_of(now)}
    with translated(f"record the end of an import of {subject}"):
        dynamodb.put_item(
            TableName=table, Item=items.item(items.history_key(subject), f"{items.text_of(now)}#{holder}", said)
        )
