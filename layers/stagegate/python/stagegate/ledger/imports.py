"""What has become of imports: which versions of a group are there, which have failed, and when."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws.errors import translated
from stagegate.core.errors import ThrottledError
from stagegate.ledger import items
from stagegate.ledger.chains import head as chain
from stagegate.plans.grants import FailedImport

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = frozenset({"dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query"})
READ_PERMISSIONS = frozenset({"dynamodb:Query"})

_ATTEMPTS = 6
_DIGITS = 9
"""Of a package's version: in the order of their texts, numbers of as many digits are in their own order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A version that is there: its `package` and its `model`, by their ARNs. `digest` stands for what was asked for."""

    package: str
    model: str
    digest: str


def version_of(package: str) -> tuple[str, int]:
    """Return the group of a package and its version, as its ARN has them: that is what the record goes by."""
    group, _, version = package.rpartition(":")[2].removeprefix("model-package/").partition("/")
    return group, int(version)


def record_imported(dynamodb: "DynamoDBClient", table: str, queue: str, found: Imported) -> None:
    """Record that a version is there."""
    group, version = version_of(found.package)
    said = {"package": found.package, "model": found.model, "digest": found.digest}
    with translated(f"record the import of {found.package}"):
        dynamodb.put_item(
            TableName=table, Item=items.item(items.imported_key(queue, group), f"{version:0{_DIGITS}}", said)
        )


def forget_imported(dynamodb: "DynamoDBClient", table: str, queue: str, package: str) -> None:
    """Record that a version isn't there any more."""
    group, version = version_of(package)
    with translated(f"forget the import of {package}"):
        dynamodb.delete_item(TableName=table, Key=items.key(items.imported_key(queue, group), f"{version:0{_DIGITS}}"))


def imported(dynamodb: "DynamoDBClient", table: str, queue: str, package: str) -> dict[int, Imported]:
    """Return the versions of a package's group that are there; strongly consistent."""
    group, _ = version_of(package)
    with translated(f"read what is imported of {group}"):
        return {
            int(found["sk"]): Imported(package=found["package"], model=found["model"], digest=found.get("digest", ""))
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
    """Record why an import has failed, so that no event starts it again; None takes that back."""
    pk, sk = items.subject_key(subject), f"{items.FAILED}{target}"
    with translated(f"record what became of {target}"):
        if failure is None:
            dynamodb.delete_item(TableName=table, Key=items.key(pk, sk))
        else:
            said = {"digest": failure.digest, "approval": failure.approval, "detail": failure.detail}
            dynamodb.put_item(TableName=table, Item=items.item(pk, sk, said))


def has_failed(dynamodb: "DynamoDBClient", table: str, subject: str, target: str, digest: str) -> bool:
    """Tell whether the same import has failed since it was last asked for; strongly consistent."""
    with translated(f"read what became of {target}"):
        found = dynamodb.query(
            TableName=table,
            KeyConditionExpression="pk = :pk AND sk = :sk",
            ExpressionAttributeValues={
                ":pk": {"S": items.subject_key(subject)},
                ":sk": {"S": f"{items.FAILED}{target}"},
            },
            ConsistentRead=True,
        )
    return any(item["digest"]["S"] == digest for item in found["Items"])


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
    """Put an import's end into the history of its package. Raises ThrottledError while others keep writing there."""
    said = {"outcome": outcome, "changes": list(lines), "execution": holder, "at": items.text_of(now)}
    entry = items.item(items.ended_key(subject), f"{items.text_of(now)}#{holder}", said)
    for _ in range(_ATTEMPTS):
        writes = chain.writes(table, subject, entry, chain.head(dynamodb, table, subject))
        with translated(f"record the end of an import of {subject}"):
            try:
                dynamodb.transact_write_items(TransactItems=writes)
            except ClientError as error:
                if chain.is_there(error, entry, at=0):
                    return
                if chain.has_moved(error, at=1):
                    continue
                raise
        return
    raise ThrottledError(f"record the end of an import of {subject}: others write to its history all the time")
