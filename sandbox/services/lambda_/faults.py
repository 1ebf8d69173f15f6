"""Failures on demand: the next invocation of a function dies before or after its handler has run."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from typing import Literal

Moment = Literal["before", "after"]


class Faults:
    """Planned crashes, one per invocation, first planned first met."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: defaultdict[str, deque[Moment]] = defaultdict(deque)

    def crash(self, function_name: str, moment: Moment, times: int = 1) -> None:
        """Let the next `times` invocations of the function crash: its process dies, the caller gets an error.

        "before": the handler never runs. "after": it runs to its end and its answer is lost.
        """
        with self._lock:
            self._planned[function_name].extend([moment] * times)

    def next(self, function_name: str) -> Moment | None:
        """What is planned for the invocation that begins now; taken out of the plan."""
        with self._lock:
            planned = self._planned[function_name]
            return planned.popleft() if planned else None

    def clear(self) -> None:
        """Plan nothing."""
        with self._lock:
            self._planned.clear()


faults = Faults()
"""The planned failures of this process."""
