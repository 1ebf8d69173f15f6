"""Which card starts the runs of which packages.

A card's run, once it is on record, starts those of all packages that follow the card: so a package that begins to
follow one is recorded only if that card is still on record as the package's plan has seen it. Else the card's run may
have looked for its packages before there was this one.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.ledger import items
from stagegate.links.linking import Linking

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryInputTypeDef, TransactWriteItemTypeDef

READ_PERMISSIONS = frozenset({"dynamodb:Query"})
WRITE_PERMISSIONS = frozenset(
    {"dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}
)

MOST = 100
"""Packages of a card that are returned at once: as many as start in half a minute (statemachines/sweep.asl.yaml)."""


def following(
    dynamodb: "DynamoDBClient", table: str, card: str, after: str, limit: int = MOST
) -> tuple[tuple[str, ...], bool]:
    """Return the ARNs of the packages that follow a card after that one, in order, and whether there may be more.
    Strongly consistent: what was recorded before is there.
    """
    request: QueryInputTypeDef = {
        "TableName": table,
        "KeyConditionExpression": "pk = :pk AND sk > :after" if after else "pk = :pk",
        "ExpressionAttributeValues": {
            ":pk": {"S": items.following_key(card)},
            **({":after": {"S": after}} if after else {}),
        },
        "ConsistentRead": True,
        "Limit": limit,
    }
    with translated(f"list the packages of {card}"):
        page = dynamodb.query(**request)
    return tuple(items.values(item)["sk"] for item in page["Items"]), "LastEvaluatedKey" in page


def writes(table: str, arn: str, linking: Linking) -> "list[TransactWriteItemTypeDef]":
    """Return what a transaction writes of a subject's links. All of it may be written twice."""
    return [
        *(_unless_recorded_since(table, card, at) for card, at in zip(linking.follows, linking.as_of, strict=True)),
        *(_follows(table, card, arn) for card in linking.follows),
        *([_unless_named_by(table, arn, linking.left)] if linking.left else []),
        *(_leaves(table, card, arn) for card in linking.left),
        *(_cards_of(table, package, "ADD", arn) for package in linking.named),
        *(_follows(table, arn, package) for package in linking.named),
        *(_cards_of(table, package, "DELETE", arn) for package in linking.unnamed),
    ]


def a_card_was_recorded(error: ClientError, *, after: int) -> bool:
    """Tell whether a transaction was cancelled by what is behind so many of its writes."""
    reasons = error.response.get("CancellationReasons", [])[after:]
    cancelled = code_of(error) == "TransactionCanceledException"
    return cancelled and any(reason.get("Code") == "ConditionalCheckFailed" for reason in reasons)


def _unless_recorded_since(table: str, card: str, at: str) -> "TransactWriteItemTypeDef":
    key = items.key(items.view_key(card), items.VIEW)
    if not at:
        return {"ConditionCheck": {"TableName": table, "Key": key, "ConditionExpression": "attribute_not_exists(pk)"}}
    return {
        "ConditionCheck": {
            "TableName": table,
            "Key": key,
            "ConditionExpression": "#at = :at",
            "ExpressionAttributeNames": {"#at": "at"},
            "ExpressionAttributeValues": {":at": {"S": at}},
        }
    }


def _unless_named_by(table: str, package: str, cards: Collection[str]) -> "TransactWriteItemTypeDef":
    """Leave none of the cards if one has come to name the package since: its run has just recorded who starts."""
    values = {f":card{number}": card for number, card in enumerate(cards)}
    return {
        "ConditionCheck": {
            "TableName": table,
            "Key": items.key(items.naming_key(package), items.CARDS),
            "ConditionExpression": " AND ".join(f"NOT contains(cards, {name})" for name in values),
            "ExpressionAttributeValues": {name: {"S": card} for name, card in values.items()},
        }
    }


def _follows(table: str, card: str, package: str) -> "TransactWriteItemTypeDef":
    return {"Put": {"TableName": table, "Item": items.item(items.following_key(card), package, {})}}


def _leaves(table: str, card: str, package: str) -> "TransactWriteItemTypeDef":
    return {"Delete": {"TableName": table, "Key": items.key(items.following_key(card), package)}}


def _cards_of(table: str, package: str, verb: str, card: str) -> "TransactWriteItemTypeDef":
    return {
        "Update": {
            "TableName": table,
            "Key": items.key(items.naming_key(package), items.CARDS),
            "UpdateExpression": f"{verb} cards :cards",
            "ExpressionAttributeValues": {":cards": {"SS": [card]}},
        }
    }
