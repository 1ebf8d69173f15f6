"""Notify: tell the approvers, once for each thing there is to tell."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import boto3

from stagegate.aws.config import REPEATABLE
from stagegate.aws.errors import cause_of, translated
from stagegate.core.mail import Message
from stagegate.runs.failure_message import failure_message

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

PERMISSIONS = frozenset({"sns:Publish"})


def notify(sns: "SNSClient", topic: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Publish a message and return its id. SNS has no way to say it once: a repeated run may say it twice.

    `request` has `message` (`subject` and `text`; None where there is nothing to tell) and `outcome`; or, for a run
    that has failed, `error`, `cause`, `execution` and the ARN of its `subject` (None for an unreadable input).
    """
    if "message" in request and request["message"] is None:
        return {"message_id": None}
    message = _message(request)
    with translated("notify the approvers"):
        published = sns.publish(
            TopicArn=topic,
            Subject=message.subject,
            Message=message.text,
            MessageAttributes={"outcome": {"DataType": "String", "StringValue": request.get("outcome", "failed")}},
        )
    return {"message_id": published["MessageId"]}


def _message(request: Mapping[str, Any]) -> Message:
    if "message" in request:
        return Message(**request["message"])
    return failure_message(request["subject"], request["execution"], request["error"], cause_of(request["cause"]))


def client() -> "SNSClient":
    """Return the client that publishes. A repeated message is better than none."""
    return boto3.client("sns", config=REPEATABLE)
