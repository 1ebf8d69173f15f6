"""What becomes of each event: it arrives, is lost, comes twice or late. And what is known since: that is written down.

EventBridge promises delivery at least once, in no order, and of some sources "best effort" only.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.services.events.deliveries import Delivery, deliveries
from soak.oracle.facts import Change, History, Looked


class Fate(Enum):
    """What becomes of an event."""

    ARRIVES = "arrives"
    LOST = "lost"
    TWICE = "twice"
    LATE = "late"


class Kind(Enum):
    """What an event tells of, and to whom: a change or a deletion to `govern`, who made a call to `record_approval`."""

    CHANGE = "change"
    RECORD = "record"
    STOPPED = "stopped"


@dataclass(slots=True)
class Post:
    """What is known of one subject's events."""

    history: History
    planned: defaultdict[Kind, deque[Fate]] = field(default_factory=lambda: defaultdict(deque))
    unrecorded: deque[list[Change]] = field(default_factory=deque)
    """What each call has changed whose record is still to be sent, oldest first."""


@dataclass(slots=True)
class Late:
    """An event that is kept back, and what arrives with it."""

    delivery: Delivery
    kind: Kind
    post: Post
    changes: list[Change]


class Office:
    """Every delivery to `govern` and to `record_approval` goes through here."""

    def __init__(self) -> None:
        self._posts: dict[str, Post] = {}
        self.late: list[Late] = []
        self.loses_stops = False
        """Whether nobody hears of executions that were stopped."""
        self.counted: dict[Fate, int] = dict.fromkeys(Fate, 0)

    def open(self) -> None:
        """See every delivery from now on."""
        deliveries.hold(self._takes)

    def register(self, subject: str, history: History) -> Post:
        """Note from now on what is known of a subject."""
        self._posts[subject] = Post(history)
        return self._posts[subject]

    def release(self, order: int = 0) -> int:
        """Let what is late arrive, the last first with an odd number; returns how much it was."""
        found, self.late = self.late, []
        for each in reversed(found) if order % 2 else found:
            self._arrives(each.delivery, each.kind, each.post, each.changes)
            deliveries._enqueue(each.delivery)  # noqa: SLF001  past `hold`, which would keep it again
        return len(found)

    def _takes(self, delivery: Delivery) -> bool:
        kind, subject = _address(delivery)
        if kind is Kind.STOPPED:
            return self.loses_stops
        post = self._posts.get(subject)
        if kind is None or post is None:
            return False
        planned = post.planned[kind]
        fate = planned.popleft() if planned else Fate.ARRIVES
        self.counted[fate] += 1
        changes = post.unrecorded.popleft() if kind is Kind.RECORD and post.unrecorded else []
        if fate is Fate.LATE:
            self.late.append(Late(delivery, kind, post, changes))
        if fate in (Fate.LOST, Fate.LATE):
            return True
        self._arrives(delivery, kind, post, changes)
        if fate is Fate.TWICE:
            deliveries._enqueue(delivery)  # noqa: SLF001
        return False

    def _arrives(self, _delivery: Delivery, kind: Kind, post: Post, changes: list[Change]) -> None:
        for change in changes:
            change.recorded = True
        if kind is not Kind.STOPPED:
            post.history.looks.append(Looked(clock.now()))


def _address(delivery: Delivery) -> tuple[Kind | None, str]:
    """What it tells of, and its subject's ARN; nothing where it isn't delivered to us, or is about no subject."""
    to = delivery.target["Arn"]
    if ":lambda:" not in to and ":states:" not in to:
        return None, ""
    event, detail = delivery.event, delivery.event["detail"]
    if event["detail-type"].startswith("SageMaker Model"):
        return Kind.CHANGE, event["resources"][0]
    if event["detail-type"] == "Step Functions Execution Status Change":
        return Kind.STOPPED, ""
    if "errorCode" in detail:
        return None, ""
    requested: dict[str, Any] = detail.get("requestParameters") or {}
    kind = Kind.CHANGE if detail.get("eventName", "").startswith("Delete") else Kind.RECORD
    where = f"arn:aws:sagemaker:{event['region']}:"
    owner = "111122223333"
    answered: dict[str, Any] = detail.get("responseElements") or {}
    found = (
        requested.get("modelPackageArn")
        or answered.get("modelPackageArn")
        or requested.get("modelPackageName")
        or answered.get("modelPackageGroupArn")
        or requested.get("modelPackageGroupName")
    )
    if name := requested.get("modelCardName"):
        return kind, name if name.startswith("arn:") else f"{where}{owner}:model-card/{name}"
    if "Group" in detail.get("eventName", "") and found:
        return Kind.CHANGE, found if found.startswith("arn:") else f"{where}{owner}:model-package-group/{found}"
    return (kind, found) if found else (None, "")
