"""What becomes of each event: it arrives, is lost, comes twice or late. What it tells is known from its arrival on.

EventBridge promises delivery at least once, in no order, and of some sources "best effort" only.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.services.events.deliveries import Delivery, deliveries
from sandbox.stagegate.members import GOVERNANCE
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


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """A call whose record is still to be sent: whose it was, the status that it set, "" for none, and its changes."""

    by: str
    status: str
    changes: list[Change]


@dataclass(slots=True)
class SubjectEvents:
    """The events about one subject. `planned`: what is to become of the next ones; the others arrive."""

    history: History
    planned: defaultdict[Kind, deque[Fate]] = field(default_factory=lambda: defaultdict(deque))
    unrecorded: list[Unrecorded] = field(default_factory=list)
    """The calls whose records are still to be sent, oldest first."""
    withheld: float = 0.0
    """When one was lost or held back last, or could not be understood."""
    is_held: Callable[[], bool] = lambda: False
    """Whether what is late stays so, because it can't be understood now."""


@dataclass(slots=True)
class Late:
    """An event that is held back. `changes` are known when it arrives."""

    delivery: Delivery
    kind: Kind
    events: SubjectEvents
    changes: list[Change]


class Events:
    """Every delivery to `govern` and to `record_approval` goes through here."""

    def __init__(self) -> None:
        self._subjects: dict[str, SubjectEvents] = {}
        self.late: list[Late] = []
        self.loses_stops = False
        """Whether nobody hears of executions that were stopped."""
        self.counted: dict[Fate, int] = dict.fromkeys(Fate, 0)

    def open(self) -> None:
        """See every delivery from now on."""
        deliveries.hold(self._takes)

    def register(self, subject: str, history: History, is_held: Callable[[], bool] = lambda: False) -> SubjectEvents:
        """Decide on the events about a subject from now on, and note in its history what arrives."""
        self._subjects[subject] = SubjectEvents(history, is_held=is_held)
        return self._subjects[subject]

    def release(self, order: int = 0) -> int:
        """Let what is late arrive, the last first with an odd number; returns how much it was."""
        found = [each for each in self.late if not each.events.is_held()]
        self.late = [each for each in self.late if each.events.is_held()]
        for each in reversed(found) if order % 2 else found:
            self._arrives(each.kind, each.events, each.changes)
            deliveries._enqueue(each.delivery)  # noqa: SLF001  past `hold`, which would keep it again
        return len(found)

    def _takes(self, delivery: Delivery) -> bool:
        kind, subject = _address(delivery)
        if kind is Kind.STOPPED:
            return self.loses_stops
        events = self._subjects.get(subject)
        if kind is None or events is None:
            return False
        planned = events.planned[kind]
        fate = planned.popleft() if planned else Fate.ARRIVES
        self.counted[fate] += 1
        changes = _recorded(events, delivery.event["detail"]) if kind is Kind.RECORD else []
        if fate in (Fate.LOST, Fate.LATE):
            events.withheld = clock.now()
        if fate is Fate.LATE:
            self.late.append(Late(delivery, kind, events, changes))
        if fate in (Fate.LOST, Fate.LATE):
            return True
        self._arrives(kind, events, changes)
        if fate is Fate.TWICE:
            deliveries._enqueue(delivery)  # noqa: SLF001
        return False

    def _arrives(self, kind: Kind, events: SubjectEvents, changes: list[Change]) -> None:
        if events.is_held():
            events.withheld = clock.now()
        for change in changes:
            change.recorded = not events.is_held()
        if kind is not Kind.STOPPED:
            events.history.looks.append(Looked(clock.now()))


def _recorded(events: SubjectEvents, detail: dict[str, Any]) -> list[Change]:
    """What the call has changed that a record is of: the oldest call of the same caller that set the same status."""
    by = detail["userIdentity"].get("sessionContext", {}).get("sessionIssuer", {}).get("arn")
    requested: dict[str, Any] = detail.get("requestParameters") or {}
    status = requested.get("modelCardStatus") or requested.get("modelApprovalStatus") or ""
    for each in events.unrecorded:
        if (each.by, each.status) == (by, status):
            events.unrecorded.remove(each)
            return each.changes
    return []


def _address(delivery: Delivery) -> tuple[Kind | None, str]:
    """What it tells of, and its subject's ARN; nothing where it isn't delivered to us, or is about no subject."""
    to = delivery.target["Arn"]
    if ":lambda:" not in to and ":states:" not in to:
        return None, ""
    return about(delivery.event)


def about(event: dict[str, Any]) -> tuple[Kind | None, str]:
    """What an event tells of, and the ARN of the subject; nothing where it is about none."""
    detail = event["detail"]
    if event["detail-type"].startswith("SageMaker Model"):
        return Kind.CHANGE, event["resources"][0]
    if event["detail-type"] == "Step Functions Execution Status Change":
        return Kind.STOPPED, ""
    if "errorCode" in detail:
        return None, ""
    requested: dict[str, Any] = detail.get("requestParameters") or {}
    kind = Kind.CHANGE if detail.get("eventName", "").startswith("Delete") else Kind.RECORD
    where = f"arn:aws:sagemaker:{event['region']}:"
    answered: dict[str, Any] = detail.get("responseElements") or {}
    found = (
        requested.get("modelPackageArn")
        or answered.get("modelPackageArn")
        or requested.get("modelPackageName")
        or answered.get("modelPackageGroupArn")
        or requested.get("modelPackageGroupName")
    )
    if name := requested.get("modelCardName"):
        return kind, name if name.startswith("arn:") else f"{where}{GOVERNANCE}:model-card/{name}"
    if "Group" in detail.get("eventName", "") and found:
        return Kind.CHANGE, found if found.startswith("arn:") else f"{where}{GOVERNANCE}:model-package-group/{found}"
    return (kind, found) if found else (None, "")
