"""A topic takes a message for all protocols, and each subscription hears what its filter lets through."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.services.sns import outbox
from stagegate.core.messages.channels import attributes, bodies
from stagegate.core.messages.kinds import MessageKind
from stagegate.core.messages.mail import Labels, Message, mail

ABOUT = {"subject": "arn:subject", "execution": "arn:execution", "outcome": "changes"}


def a_message(*kinds: MessageKind, stages: tuple[str, ...] = (), risk: str = "") -> Message:
    labels = Labels(kind=kinds, subject_type="model-card", stages=stages, risk=risk)
    return mail("churn: prod", [["For mail."]], labels, {"status": "Approved"})


Publish = Callable[[Message], outbox.Message]


@pytest.fixture
def topic(admin: Any) -> str:
    return str(admin("sns").create_topic(Name="approvers")["TopicArn"])


@pytest.fixture
def publish(admin: Any, topic: str) -> Publish:
    def send(message: Message) -> outbox.Message:
        admin("sns").publish(
            TopicArn=topic,
            Subject=message.subject,
            MessageStructure="json",
            Message=bodies(message, message.text, ABOUT),
            MessageAttributes=attributes(message, "changes"),
        )
        return outbox.messages()[-1]

    return send


FILTERS: dict[str, dict[str, Any]] = {
    "questions@example.com": {"kind": ["DECIDE"]},
    "prod@example.com": {"stages": ["prod"]},
    "risky@example.com": {"kind": ["OPENED", "CLOSED"], "risk": ["High"]},
    "unrated@example.com": {"risk": [{"exists": False}]},
    "all@example.com": {},
}


@pytest.mark.parametrize(
    ("message", "heard"),
    [
        (a_message(MessageKind.DECIDE, stages=("test", "prod"), risk="Low"), "questions prod"),
        (a_message(MessageKind.DECIDE, MessageKind.OPENED, risk="High"), "questions risky"),
        (a_message(MessageKind.CLOSED, stages=("prod",), risk="High"), "prod risky"),
        (a_message(MessageKind.FAILED), "unrated"),
    ],
)
def test_a_subscription_hears_what_its_filter_lets_through(
    admin: Any, topic: str, publish: Publish, message: Message, heard: str
) -> None:
    for address, filter_policy in FILTERS.items():
        given = {"FilterPolicy": json.dumps(filter_policy)} if filter_policy else {}
        admin("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint=address, Attributes=given)
    noted = publish(message)
    names = [endpoint.partition("@")[0] for _, endpoint in noted.heard_by]
    assert sorted(names) == sorted([*heard.split(), "all"])


def test_a_mail_and_a_queue_get_the_same_each_in_its_way(
    admin: Any, topic: str, publish: Publish, make_queue: Callable[..., str], messages: Callable[..., Any]
) -> None:
    queue = make_queue("messages")
    admin("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    assert publish(a_message(MessageKind.OPENED)).text == "For mail.\n"
    (got,) = messages(queue)
    said = json.loads(json.loads(got["Body"])["Message"])
    assert (said["title"], said["details"]) == ("OPENED churn: prod", {"status": "Approved"})


def test_a_message_is_as_long_as_its_bytes(admin: Any, topic: str) -> None:
    structured = {"TopicArn": topic, "MessageStructure": "json"}
    with pytest.raises(ClientError, match="too long"):
        admin("sns").publish(TopicArn=topic, Message="ä" * 140_000)
    with pytest.raises(ClientError, match="default"):
        admin("sns").publish(Message=json.dumps({"email": "no"}), **structured)
