"""What has been published to topics, in the order of publication: what people would have read in their mail."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from moto.sns.models import Topic

from sandbox.kernel.clock import clock


@dataclass(frozen=True, slots=True)
class Message:
    """A message that a topic has accepted. `at` is epoch seconds."""

    at: float
    topic_arn: str
    subject: str | None
    text: str


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
    """In place of moto's `Topic.publish`: the same, and a note of it."""
    answer = _original(topic, message, subject, **others)
    with _lock:
        _messages.append(Message(clock.now(), topic.arn, subject, str(message)))
    return answer
