"""What the operations of SQS need, the policies on queues and their keys.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
"""

from __future__ import annotations

from typing import Any  # moto's store is untyped where it is read here

from moto.sqs.models import sqs_backends

from sandbox.authorization.accesses import Access, Call, arn, needs, parameter, table
from sandbox.authorization.registry import (
    QUERY_ERRORS,
    READ_KEY,
    WRITE_KEY,
    Api,
    Encryption,
    Registry,
    Resources,
    policy_at,
)
from sandbox.kernel.arns import Fields
from sandbox.kernel.place import PARTITION


def _queue(call: Call) -> str:
    """The queue's ARN from its URL, which ends in account and name."""
    account, name = str(call.get("QueueUrl")).rsplit("/", 2)[-2:]
    return arn("sqs", call, name, account=account)


def _named_queue(call: Call) -> str:
    return arn("sqs", call, str(call.get("QueueName")), account=call.get("QueueOwnerAWSAccountId") or "")


def _move(call: Call) -> list[Access]:
    """A redrive reads, deletes and sends with the caller's permissions.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
    """
    source = str(call.get("SourceArn"))
    actions = ("StartMessageMoveTask", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
    accesses = [Access(f"sqs:{action}", source) for action in actions]
    if destination := call.get("DestinationArn"):
        accesses.append(Access("sqs:SendMessage", str(destination)))
    return accesses


ROWS = table(
    "sqs",
    dict.fromkeys(
        (
            "ChangeMessageVisibility",
            "DeleteMessage",
            "DeleteQueue",
            "GetQueueAttributes",
            "ListDeadLetterSourceQueues",
            "ListQueueTags",
            "PurgeQueue",
            "ReceiveMessage",
            "SendMessage",
            "SetQueueAttributes",
        ),
        _queue,
    )
    | {
        "CreateQueue": _named_queue,
        "GetQueueUrl": _named_queue,
        "ListMessageMoveTasks": parameter("SourceArn"),
        "ListQueues": None,
    },
    ChangeMessageVisibilityBatch=needs("sqs:ChangeMessageVisibility", _queue),
    DeleteMessageBatch=needs("sqs:DeleteMessage", _queue),
    SendMessageBatch=needs("sqs:SendMessage", _queue),
    StartMessageMoveTask=_move,
)


def _policy(at: Fields) -> str | None:
    queue = _kept(at)
    text: str | None = queue.policy if queue else None
    return text


def _encryption(_access: Access, at: Fields) -> Encryption | None:
    queue = _kept(at)
    key = queue.kms_master_key_id if queue else None
    pairs = {"aws:sqs:arn": f"arn:{PARTITION}:sqs:{at.region}:{at.account}:{at.resource}"}
    return Encryption(key, at.account, at.region, pairs) if key else None


def _kept(at: Fields) -> Any:
    return sqs_backends[at.account][at.region].queues.get(at.resource)


def register(registry: Registry) -> None:
    """Add this service's entries."""
    registry.add(
        Api(service="sqs", rows=ROWS, errors=QUERY_ERRORS),
        Resources(
            prefix="sqs",
            policy=policy_at("sqs", _policy),
            key_uses={"sqs:SendMessage": WRITE_KEY, "sqs:ReceiveMessage": READ_KEY},
            encryption=_encryption,
        ),
    )
