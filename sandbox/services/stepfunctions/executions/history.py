"""An execution's history: events with ids, in order, each naming the one that led to it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.kernel.clock import clock


@dataclass(slots=True)
class Cursor:
    """Where a line of execution (the workflow, a branch, an iteration) is: the id of its latest event."""

    event_id: int = 0


class History:
    """The events of one execution, as GetExecutionHistory returns them. Thread-safe: branches write to it at once."""

    def __init__(self, on_event: Callable[[dict[str, Any]], None]) -> None:
        self._lock = threading.Lock()
        self._events: list[dict[str, Any]] = []
        self._on_event = on_event

    def add(self, cursor: Cursor, type_: str, details_name: str | None = None, **details: Any) -> None:
        """Append an event after `cursor`'s and move the cursor to it. A detail that is None is left out."""
        with self._lock:
            event: dict[str, Any] = {
                "timestamp": clock.datetime(),
                "type": type_,
                "id": len(self._events) + 1,
                "previousEventId": cursor.event_id,
            }
            if details_name is not None:
                event[details_name] = {key: value for key, value in details.items() if value is not None}
            self._events.append(event)
            cursor.event_id = event["id"]
        self._on_event(event)

    def events(self) -> list[dict[str, Any]]:
        """A copy of all events so far, oldest first."""
        with self._lock:
            return list(self._events)


def text(value: Any) -> str:
    """A JSON value as history and DescribeExecution show it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
