"""What a first deployment that failed has left behind, which would stop the next: taken away if it holds nothing.

CloudFormation deletes what a failed creation had made, but for what the template retains: the ledger, whose name is
fixed ("Stack creation options" and "DeletionPolicy", CloudFormation user guide).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient

NEVER_WAS = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED")
"""States of a stack that can only be deleted."""
_BUSY = "_IN_PROGRESS"
_IN_REVIEW = "REVIEW_IN_PROGRESS"
"""A change set was made for a stack and not carried out: it has nothing, and the next one goes on with it."""


def clear(
    cloudformation: "CloudFormationClient", dynamodb: "DynamoDBClient", *, stack: str, prefix: str
) -> Iterator[str]:
    """Delete a stack that never was, and its empty ledger; yield what is done, a line each.

    A stack that is there is left alone. Running it twice, or after half of it, does what is left. Raises ValueError
    where the stack is at work, and where a ledger without a stack has records: they are somebody's approvals.
    """
    status = status_of(cloudformation, stack)
    if status and status.endswith(_BUSY) and status != _IN_REVIEW:
        raise ValueError(f"stack {stack}: found {status}; allowed: a stack at rest. Try again when it is done")
    if status and status != _IN_REVIEW and status not in NEVER_WAS:
        return
    table = f"{prefix}-ledger"
    if is_there(dynamodb, table):
        if dynamodb.scan(TableName=table, Limit=1, ConsistentRead=True)["Items"]:
            raise ValueError(
                f"table {table}: found records of an earlier installation and no stack; allowed: none. Take it"
                " over with ADOPT=1, or delete it (docs/remove.md)"
            )
        yield f"table {table} has nothing in it, from a deployment that failed: deleting it"
        dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
        dynamodb.get_waiter("table_exists").wait(TableName=table)
        dynamodb.delete_table(TableName=table)
        dynamodb.get_waiter("table_not_exists").wait(TableName=table)
    if status in NEVER_WAS:
        yield f"stack {stack} is {status}, and was never deployed: deleting it"
        cloudformation.delete_stack(StackName=stack)
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack)


def status_of(cloudformation: "CloudFormationClient", stack: str) -> str | None:
    """Return the stack's status, or None where there is none."""
    try:
        return cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
    except ClientError as error:
        # It has no code of its own for a stack that isn't there ("DescribeStacks", API reference).
        if "does not exist" in error.response["Error"]["Message"]:
            return None
        raise


def is_there(dynamodb: "DynamoDBClient", table: str) -> bool:
    """Tell whether there is such a table."""
    try:
        dynamodb.describe_table(TableName=table)
    except dynamodb.exceptions.ResourceNotFoundException:
        return False
    return True
