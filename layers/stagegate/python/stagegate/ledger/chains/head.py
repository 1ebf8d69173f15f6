"""Where a subject's chain ends, and how an entry is put behind the last one.

The entry and the head are written in one transaction. An entry is put only where there is none, and the head is moved
only from where the writer has seen it: who comes at the same time begins again behind the other.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from stagegate.approvals.kept import Head
from stagegate.aws.errors import code_of, translated
from stagegate.evidence import chain
from stagegate.ledger import items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import PutTypeDef, TransactWriteItemTypeDef

READ_PERMISSIONS = frozenset({"dynamodb:Query"})
PERMISSIONS = READ_PERMISSIONS | {"dynamodb:PutItem"}

_REFUSED = "ConditionalCheckFailed"


def key(arn: str) -> dict[str, Any]:
    """Return the key of a subject's head."""
    return items.key(items.chain_key(arn), items.HEAD)


def head_in(found: Iterable[Mapping[str, Any]]) -> Head:
    """Return the head among items that were read with its key; that of an empty chain for none."""
    return next(
        (Head(number=int(item["number"]), digest=item["digest"]) for item in found if item["sk"] == items.HEAD), Head()
    )


def head(dynamodb: "DynamoDBClient", table: str, arn: str) -> Head:
    """Return where a subject's chain ends, strongly consistent."""
    with translated(f"read where the history of {arn} ends"):
        found = dynamodb.query(
            TableName=table,
            KeyConditionExpression="pk = :pk AND sk = :sk",
            ExpressionAttributeValues={":pk": {"S": items.chain_key(arn)}, ":sk": {"S": items.HEAD}},
            ConsistentRead=True,
        )
    return head_in(map(items.values, found["Items"]))


def writes(
    table: str, arn: str, entry: Mapping[str, Any], after: Head, *, begins: bool = False
) -> "list[TransactWriteItemTypeDef]":
    """Return the two writes that put an entry (an item as the client takes it) behind `after`: itself, and the head."""
    made = chain.linked(items.values(entry), after, begins=begins)
    place = {name: made[name] for name in chain.OF_CHAIN if name in made}
    moved = items.item(items.chain_key(arn), items.HEAD, {"number": made["number"], "digest": made["digest"]})
    put: PutTypeDef = {"TableName": table, "Item": moved, "ConditionExpression": "attribute_not_exists(pk)"}
    if after.number:
        put["ConditionExpression"] = "#digest = :digest"
        put["ExpressionAttributeNames"] = {"#digest": "digest"}
        put["ExpressionAttributeValues"] = {":digest": {"S": after.digest}}
    return [
        {
            "Put": {
                "TableName": table,
                "Item": {**entry, **items.attributes(place)},
                "ConditionExpression": "attribute_not_exists(pk)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        },
        {"Put": put},
    ]


def is_there(error: ClientError, entry: Mapping[str, Any], *, at: int) -> bool:
    """Tell whether a transaction was cancelled because the very entry, its write at `at`, is there already."""
    found = _reason(error, at).get("Item", {})
    return chain.says(items.values(found)) == items.values(entry)


def has_moved(error: ClientError, *, at: int) -> bool:
    """Tell whether a transaction was cancelled because the head, moved by its write at `at`, is another by now, and its
    entry, right before, isn't there.
    """
    return _reason(error, at).get("Code") == _REFUSED and _reason(error, at - 1).get("Code") != _REFUSED


def _reason(error: ClientError, at: int) -> Mapping[str, Any]:
    reasons: Sequence[Mapping[str, Any]] = error.response.get("CancellationReasons", [])
    cancelled = code_of(error) == "TransactionCanceledException"
    return reasons[at] if cancelled and at < len(reasons) else {}
