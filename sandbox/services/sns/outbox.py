"""What has been published to topics, in the order of publication: what people would have read in their mail."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.sns.exceptions import InvalidParameterValue
from moto.sns.models import Topic

from sandbox.kernel.clock import clock

LIMIT = 262_144
"""Bytes of a message and its attributes, in all protocols together."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message that a topic has accepted. `at` is epoch seconds, `text` what a mail says.

    `attributes` are the names and values that subscriptions filter by. `bodies` has what other protocols deliver, where
    the message has a structure; `heard_by` has the protocol and endpoint of each subscription that it passes.
    """

    at: float
    topic_arn: str
    subject: str | None
    text: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    bodies: Mapping[str, str] = field(default_factory=dict)
    heard_by: tuple[tuple[str, str], ...] = ()


_lock = threading.Lock()
_messages: list[Message] = []
_original = Topic.publish


def messages() -> list[Message]:
    """All so far, oldest first."""
    with _lock:
        return list(_messages)


def reset() -> None:
    """Forget them."""
    with _lock:
        _messages.clear()


def install() -> None:
    """Note every publication from now on; calling it again changes nothing."""
    Topic.publish = _publish


def _publish(topic: Any, message: str, subject: str | None = None, **others: Any) -> Any:
    """In place of moto's `Topic.publish`: the same, and a note of it. SNS counts bytes where moto counts characters."""
    given: Mapping[str, Mapping[str, Any]] = others.get("message_attributes") or {}
    parts = [message, *(part for name, each in given.items() for part in (name, each["Type"], str(each["Value"])))]
    if sum(len(part.encode()) for part in parts) > LIMIT:
        raise InvalidParameterValue("Invalid parameter: Message too long")
    bodies = _bodies(message) if others.get("message_structure") == "json" else {}
    heard_by = tuple(
        (subscription.protocol, subscription.endpoint)
        for subscription in topic.sns_backend.list_subscriptions_by_topic(topic_arn=topic.arn)[0]
        if _passes(subscription, given, message)
    )
    answer = _original(topic, message, subject, **others)
    noted = Message(
        at=clock.now(),
        topic_arn=topic.arn,
        subject=subject,
        text=bodies.get("email", bodies["default"]) if bodies else str(message),
        attributes={name: str(each["Value"]) for name, each in given.items()},
        bodies=bodies,
        heard_by=heard_by,
    )
    with _lock:
        _messages.append(noted)
    return answer


def _bodies(message: str) -> Mapping[str, str]:
    """Return the message of each protocol ("Publish": a JSON object of strings, with `default`)."""
    try:
        found = json.loads(message)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("default"), str):
        raise InvalidParameterValue("Invalid parameter: Message Structure - No default entry in JSON message body")
    return {protocol: body for protocol, body in found.items() if isinstance(body, str)}


def _passes(subscription: Any, attributes: Mapping[str, Any], message: str) -> bool:
    matcher = subscription._filter_policy_matcher  # noqa: SLF001  moto tells nobody else
    return matcher is None or bool(matcher.matches(attributes, message))
