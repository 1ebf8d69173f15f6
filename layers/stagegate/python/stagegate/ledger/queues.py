"""The queue of a Region of an account, which imports one model at a time: first come, first served.

Everybody who waits has a ticket, one for each model. The slot is taken by whoever has come first of those that are
still there: a run that has died is known by a ticket that it hasn't renewed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.ledger import items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = frozenset({"dynamodb:DeleteItem", "dynamodb:Query", "dynamodb:UpdateItem"})

LIVE = timedelta(minutes=20)
"""How long a ticket and the slot are believed without being renewed: longer than the longest pause
(import_model.asl.yaml) with all the retries of the call after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A run's place in the queue. `target` is the model's; `digest` stands for what is asked for."""

    queue: str
    target: str
    digest: str
    holder: str
    package: str


def wait(dynamodb: "DynamoDBClient", table: str, ticket: Ticket, now: datetime) -> bool:
    """Take or renew a place in the queue; False while another run imports the same, or may: it has died unseen."""
    with translated(f"wait in the queue of {ticket.queue}"):
        return _is_done(
            dynamodb,
            TableName=table,
            Key=items.key(items.queue_key(ticket.queue), f"{items.TICKET}{ticket.target}"),
            UpdateExpression=(
                "SET holder = :me, digest = :digest, package = :package, expires = :expires,"
                " since = if_not_exists(since, :since)"
            ),
            ConditionExpression="attribute_not_exists(holder) OR holder = :me OR expires < :now OR digest <> :digest",
            ExpressionAttributeValues={
                ":me": {"S": ticket.holder},
                ":digest": {"S": ticket.digest},
                ":package": {"S": ticket.package},
                ":since": {"S": items.text_of(now)},
                **_times(now),
            },
        )


def take_turn(dynamodb: "DynamoDBClient", table: str, ticket: Ticket, now: datetime) -> int:
    """Take the slot if it is the ticket's turn and the slot is free. Return how many are before it: 0, the slot is
    ours.
    """
    pk = items.queue_key(ticket.queue)
    with translated(f"read the queue of {ticket.queue}"):
        found = [
            items.values(item)
            for page in dynamodb.get_paginator("query").paginate(
                TableName=table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": pk}},
                ConsistentRead=True,
            )
            for item in page["Items"]
        ]
    tickets = [each for each in found if each["sk"].startswith(items.TICKET) and each["expires"] >= now.timestamp()]
    tickets.sort(key=lambda each: (each["since"], each["sk"]))
    holders = [each["holder"] for each in tickets]
    if ticket.holder not in holders:  # a run that asks for something else of this model has taken the place over
        return max(len(holders), 1)
    before = holders.index(ticket.holder)
    slot = next((each for each in found if each["sk"] == items.SLOT), {})
    is_taken = slot.get("holder") not in (None, ticket.holder) and slot["expires"] >= now.timestamp()
    if before or is_taken:
        return max(before, 1)
    with translated(f"take the turn in {ticket.queue}"):
        is_ours = _is_done(
            dynamodb,
            TableName=table,
            Key=items.key(pk, items.SLOT),
            UpdateExpression="SET holder = :me, expires = :expires",
            ConditionExpression="attribute_not_exists(holder) OR holder = :me OR expires < :now",
            ExpressionAttributeValues={":me": {"S": ticket.holder}, **_times(now)},
        )
    return 0 if is_ours else 1


def renew(dynamodb: "DynamoDBClient", table: str, ticket: Ticket, now: datetime) -> None:
    """Keep the place and the turn, as far as they are ours still: what is running goes on in any case."""
    times = _times(now)
    for sk in (f"{items.TICKET}{ticket.target}", items.SLOT):
        with translated(f"stay in the queue of {ticket.queue}"):
            _is_done(
                dynamodb,
                TableName=table,
                Key=items.key(items.queue_key(ticket.queue), sk),
                UpdateExpression="SET expires = :expires",
                ConditionExpression="holder = :me",
                ExpressionAttributeValues={":me": {"S": ticket.holder}, ":expires": times[":expires"]},
            )


def leave(dynamodb: "DynamoDBClient", table: str, ticket: Ticket) -> None:
    """Give the place and the turn back. Doing it again changes nothing."""
    pk = items.queue_key(ticket.queue)
    for sk in (f"{items.TICKET}{ticket.target}", items.SLOT):
        with translated(f"leave the queue of {ticket.queue}"):
            try:
                dynamodb.delete_item(
                    TableName=table,
                    Key=items.key(pk, sk),
                    ConditionExpression="holder = :me",
                    ExpressionAttributeValues={":me": {"S": ticket.holder}},
                )
            except ClientError as error:
                if code_of(error) != "ConditionalCheckFailedException":
                    raise


def _times(now: datetime) -> dict[str, dict[str, str]]:
    at = int(now.timestamp())
    return {":now": {"N": str(at)}, ":expires": {"N": str(at + int(LIVE.total_seconds()))}}


def _is_done(dynamodb: "DynamoDBClient", **update: object) -> bool:
    try:
        dynamodb.update_item(**update)  # type: ignore[arg-type]
    except ClientError as error:
        if code_of(error) == "ConditionalCheckFailedException":
            return False
        raise
    return True
