"""The claim on a subject: only the run that holds it writes what is on record of the subject."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.core.errors import ClaimLostError, RefusedError
from stagegate.ledger import items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

PERMISSIONS = frozenset({"dynamodb:GetItem"})
"""What `ask` takes."""


def ask(dynamodb: "DynamoDBClient", table: str, arn: str, holder: str, *, closes: bool) -> None:
    """Ask whether `holder` holds the claim on a subject, right before something is written for it that no transaction
    of the ledger goes with.

    A step of an old run may be started again, or come late: what it would open may have been closed since, and what it
    would close may have been approved anew. Raises ClaimLostError then. What `closes` goes on where nobody answers: a
    close waits for no look.
    """
    try:
        with translated(f"ask for the claim on {arn}"):
            found = dynamodb.get_item(
                TableName=table,
                Key=items.key(items.subject_key(arn), items.CLAIM),
                ConsistentRead=True,
                ProjectionExpression="holder",
            ).get("Item", {})
    except RefusedError:
        if closes:
            return
        raise
    if found.get("holder", {}).get("S") != holder:
        raise ClaimLostError(f"{arn}: the claim isn't held by {holder} any more; nothing was touched")


def held_by(table: str, arn: str, holder: str) -> "TransactWriteItemTypeDef":
    """Return the part of a transaction that lets it through only while `holder` holds the claim. Put it first."""
    return {
        "ConditionCheck": {
            "TableName": table,
            "Key": items.key(items.subject_key(arn), items.CLAIM),
            "ConditionExpression": "holder = :holder",
            "ExpressionAttributeValues": {":holder": {"S": holder}},
        }
    }


def claim_was_lost(error: ClientError) -> bool:
    """Tell whether a transaction that starts with `held_by` was cancelled by it."""
    reasons = error.response.get("CancellationReasons", [])
    return (
        code_of(error) == "TransactionCanceledException"
        and bool(reasons)
        and reasons[0].get("Code") == "ConditionalCheckFailed"
    )
