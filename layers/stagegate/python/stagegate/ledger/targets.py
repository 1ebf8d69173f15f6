"""Targets that several subjects write: what each of them wants of it, and the lease to write it.

Desired grants go on record before the target is touched, and whoever writes the target renders all of them: so a run
that is overtaken loses nothing, and what one that dies has recorded, the next writer carries out (a lock alone loses
updates, and so does a record alone). Beside it stands, on the subject, that what it has there is unknown, until the
target is as desired: by that the subject's next run repeats or takes back what a dead one left.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.core.errors import ClaimLostError, LeaseHeldError
from stagegate.ledger import items
from stagegate.ledger.claims import claim_was_lost, held_by

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

PERMISSIONS = frozenset(
    {
        "dynamodb:ConditionCheckItem",
        "dynamodb:DeleteItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
    }
)
BEGUN_PERMISSIONS = frozenset({"dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:PutItem"})
"""What `record_begun` takes."""

DESIRED_PERMISSIONS = frozenset({"dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:PutItem"})
"""For desired grants alone, on targets that only one subject writes."""

LEASE_TIME = timedelta(seconds=90)
"""Longer than the timeout of every function that takes a lease (80 s at most in template.yaml), so a holder whose lease
has run out is dead and can't write any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredGrants:
    """What one subject wants of a target: the text that says so. `instead_of` is there until that has been carried out,
    and is what the subject wanted before, "" for nothing: what stands on the target may still be that.
    """

    desired_text: str
    instead_of: str | None = None

    @property
    def carried_out(self) -> str:
        """What the subject wanted last that is known to have been carried out."""
        return self.desired_text if self.instead_of is None else self.instead_of


@contextmanager
def lease(dynamodb: "DynamoDBClient", table: str, target: str, *, holder: str, now: datetime) -> Iterator[None]:
    """Hold the lease of the target during the block. Raises LeaseHeldError while another run holds it."""
    _take(dynamodb, table, target, holder, now)
    try:
        yield
    finally:
        _give_back(dynamodb, table, target, holder)


def desired_texts(dynamodb: "DynamoDBClient", table: str, target: str) -> dict[str, str]:
    """Return everything that is wanted of a target, by subject, strongly consistent."""
    return {arn: wanted.desired_text for arn, wanted in desired_grants_of(dynamodb, table, target).items()}


def desired_grants_of(dynamodb: "DynamoDBClient", table: str, target: str) -> dict[str, DesiredGrants]:
    """Return everything that is wanted of a target, by subject, with what it takes the place of; as `desired_texts`
    does.
    """
    with translated(f"read what is wanted of {target}"):
        return {
            found["sk"].removeprefix(items.DESIRED): DesiredGrants(
                desired_text=found.get("desired", ""), instead_of=found.get("instead_of")
            )
            for page in dynamodb.get_paginator("query").paginate(
                TableName=table,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :wanted)",
                ExpressionAttributeValues={":pk": {"S": items.target_key(target)}, ":wanted": {"S": items.DESIRED}},
                ConsistentRead=True,
            )
            for found in map(items.values, page["Items"])
        }


def record_desired(
    dynamodb: "DynamoDBClient",
    table: str,
    target: str,
    *,
    arn: str,
    desired_text: str | None,
    holder: str,
    instead_of: str | None = None,
) -> None:
    """Record what a subject wants of a target: the text that says so, "" where wanting it says everything, None for
    nothing more; what that takes the place of, until it is carried out (see `DesiredGrants`); and on the subject, that
    what it has there is unknown until `record_written` says so.

    Raises ClaimLostError, and records nothing, if this run no longer holds the claim on its subject.
    """
    writes = [
        _desired(table, target, arn, desired_text, instead_of),
        _put_or_delete(table, items.subject_key(arn), f"{items.WRITTEN}{target}", {"digest": None}),
    ]
    _write(dynamodb, table, writes, target=target, arn=arn, holder=holder)


def record_written(
    dynamodb: "DynamoDBClient",
    table: str,
    target: str,
    *,
    arn: str,
    desired_text: str | None,
    digest: str | None,
    holder: str,
) -> None:
    """Record that what a subject wants is carried out, and what it has on the target now; None for nothing.

    Raises ClaimLostError, as `record_desired` does.
    """
    written = None if digest is None else {"digest": digest}
    writes = [
        _desired(table, target, arn, desired_text, None),
        _put_or_delete(table, items.subject_key(arn), f"{items.WRITTEN}{target}", written),
    ]
    _write(dynamodb, table, writes, target=target, arn=arn, holder=holder)


def record_begun(dynamodb: "DynamoDBClient", table: str, target: str, *, arn: str, begun: bool, holder: str) -> None:
    """Record that a run has begun to write a target that the subject alone has, or that nothing of it is left there.

    Raises ClaimLostError, as `record_desired` does.
    """
    values = {"digest": None} if begun else None
    write = _put_or_delete(table, items.subject_key(arn), f"{items.WRITTEN}{target}", values)
    _write(dynamodb, table, [write], target=target, arn=arn, holder=holder)


def _desired(
    table: str, target: str, arn: str, desired_text: str | None, instead_of: str | None
) -> "TransactWriteItemTypeDef":
    said = None if desired_text is None else {"desired": desired_text or None, "instead_of": instead_of}
    return _put_or_delete(table, items.target_key(target), f"{items.DESIRED}{arn}", said)


def _put_or_delete(table: str, pk: str, sk: str, values: Mapping[str, str | None] | None) -> "TransactWriteItemTypeDef":
    if values is None:
        return {"Delete": {"TableName": table, "Key": items.key(pk, sk)}}
    return {"Put": {"TableName": table, "Item": items.item(pk, sk, values)}}


def _write(
    dynamodb: "DynamoDBClient",
    table: str,
    writes: list["TransactWriteItemTypeDef"],
    *,
    target: str,
    arn: str,
    holder: str,
) -> None:
    with translated(f"record what is wanted of {target}"):
        try:
            dynamodb.transact_write_items(TransactItems=[held_by(table, arn, holder), *writes])
        except ClientError as error:
            if claim_was_lost(error):
                raise ClaimLostError(
                    f"{arn}: the claim is no longer held by {holder}; {target} was not touched"
                ) from error
            raise


def _take(dynamodb: "DynamoDBClient", table: str, target: str, holder: str, now: datetime) -> None:
    with translated(f"take the lease of {target}"):
        try:
            dynamodb.update_item(
                TableName=table,
                Key=items.key(items.target_key(target), items.LEASE),
                UpdateExpression="SET holder = :me, expires = :expires",
                ConditionExpression="attribute_not_exists(holder) OR expires < :now",
                ExpressionAttributeValues={
                    ":me": {"S": holder},
                    ":now": {"N": str(int(now.timestamp()))},
                    ":expires": {"N": str(int((now + LEASE_TIME).timestamp()))},
                },
            )
        except ClientError as error:
            if code_of(error) == "ConditionalCheckFailedException":
                raise LeaseHeldError(f"{target}: another run is writing it") from error
            raise


def _give_back(dynamodb: "DynamoDBClient", table: str, target: str, holder: str) -> None:
    with translated(f"give back the lease of {target}"):
        try:
            dynamodb.update_item(
                TableName=table,
                Key=items.key(items.target_key(target), items.LEASE),
                UpdateExpression="REMOVE holder, expires",
                ConditionExpression="holder = :me",
                ExpressionAttributeValues={":me": {"S": holder}},
            )
        except ClientError as error:
            # Somebody took it over after it had run out: nothing is left to give back.
            if code_of(error) != "ConditionalCheckFailedException":
                raise
