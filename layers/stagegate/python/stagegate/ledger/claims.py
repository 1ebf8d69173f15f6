"""The claim on a subject: only the run that holds it writes what is on record of the subject."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of
from stagegate.ledger import items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


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
