"""Notify: tell the approvers, once for each thing there is to tell."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from stagegate.aws.config import REPEATABLE
from stagegate.aws.errors import cause_of, translated
from stagegate.aws.sessions import own_session
from stagegate.core.messages.channels import attributes, bodies
from stagegate.core.messages.mail import LEFT_OUT, Message, message_from
from stagegate.runs.failure_message import failure_message
from stagegate.runs.sealing import OPEN_PERMISSIONS, opened

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_sns import SNSClient

PERMISSIONS = frozenset({"sns:Publish"}) | OPEN_PERMISSIONS


def notify(
    sns: "SNSClient", topic: str, request: Mapping[str, Any], kms: "Callable[[], KMSClient] | None" = None
) -> dict[str, Any]:
    """Publish a message for all protocols and return its id. SNS has no way to say it once: a repeated run may say it
    twice.

    `request` has `message` (as `Message` has it; None where there is nothing to tell), `outcome`, `execution` and the
    ARN of its `subject`; or, for a run that has failed, `error`, `cause`, `execution` and `subject` (None for an
    unreadable input).
    """
    if "message" in request and request["message"] is None:
        return {"message_id": None}
    message, text = _message(request), ""
    if message.sealed:
        text = opened(kms(), request["subject"], message).text if kms else ""
        message = message.with_line(LEFT_OUT)
    about = {
        "subject": request.get("subject") or "",
        "execution": request["execution"],
        "outcome": request.get("outcome", "failed"),
    }
    with translated("notify the approvers"):
        published = sns.publish(
            TopicArn=topic,
            Subject=message.subject,
            MessageStructure="json",
            Message=bodies(message, text or message.text, about),
            MessageAttributes=cast("Any", attributes(message, about["outcome"])),
        )
    return {"message_id": published["MessageId"]}


def _message(request: Mapping[str, Any]) -> Message:
    if "message" in request:
        return message_from(request["message"])
    return failure_message(request["subject"], request["execution"], request["error"], cause_of(request["cause"]))


def client() -> "SNSClient":
    """Return the client that publishes. A repeated message is better than none."""
    return own_session().client("sns", config=REPEATABLE)


@cache
def key_client() -> "KMSClient":
    """Return the client that opens what is sealed, made when the first such message comes: few stacks have any."""
    return own_session().client("kms", config=REPEATABLE)
