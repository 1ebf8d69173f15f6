"""SNS and SQS.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html and …/list_amazonsqs.html
"""

from __future__ import annotations

from sandbox.authorization.requests.mapping import Access, Call, Context, Row, arn, needs, parameter, present, table


def _topic(call: Call) -> str:
    # A message to a phone has no resource.
    return str(call.get("TopicArn") or call.get("TargetArn") or "*")


def _new_topic(call: Call) -> str:
    return arn("sns", call, str(call.get("Name")))


def _subscription(call: Call) -> Context:
    return present(sns__Protocol=call.get("Protocol"), sns__Endpoint=call.get("Endpoint"))


SNS: dict[str, Row] = table(
    "sns",
    dict.fromkeys(
        (
            "AddPermission",
            "ConfirmSubscription",
            "DeleteTopic",
            "GetTopicAttributes",
            "ListSubscriptionsByTopic",
            "Publish",
            "RemovePermission",
            "SetTopicAttributes",
        ),
        _topic,
    )
    | dict.fromkeys(
        ("GetSubscriptionAttributes", "ListSubscriptions", "ListTopics", "SetSubscriptionAttributes", "Unsubscribe"),
    )
    | {"CreateTopic": _new_topic, "ListTagsForResource": parameter("ResourceArn")},
    PublishBatch=needs("sns:Publish", _topic),
    Subscribe=needs("sns:Subscribe", _topic, context=_subscription),
)


def queue(call: Call) -> str:
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


SQS: dict[str, Row] = table(
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
        queue,
    )
    | {
        "CreateQueue": _named_queue,
        "GetQueueUrl": _named_queue,
        "ListMessageMoveTasks": parameter("SourceArn"),
        "ListQueues": None,
    },
    ChangeMessageVisibilityBatch=needs("sqs:ChangeMessageVisibility", queue),
    DeleteMessageBatch=needs("sqs:DeleteMessage", queue),
    SendMessageBatch=needs("sqs:SendMessage", queue),
    StartMessageMoveTask=_move,
)
