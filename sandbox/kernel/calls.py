"""The log of every API call that a principal made, with its outcome."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One answered API request. `error_code` is None when it succeeded.

    `at` is epoch seconds of the sandbox's clock; `account` the account that the call was made in, which is the
    caller's own, also where the resource belongs to another; `service` botocore's name for it (`stepfunctions`, not
    `states`); `operation` the API operation (`Invoke`), not the IAM action; `resources` what it was authorized on;
    `trace` whose work it was (`sandbox.kernel.traces`), empty if nobody's.
    """

    at: float
    account: str
    principal_arn: str
    service: str
    operation: str
    resources: tuple[str, ...]
    error_code: str | None
    request_id: str
    trace: str = ""


class CallLog:
    """An append-only list of calls. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[ApiCall] = []

    def append(self, call: ApiCall) -> None:
        """Add a call at the end."""
        with self._lock:
            self._calls.append(call)

    def __len__(self) -> int:
        with self._lock:
            return len(self._calls)

    def __iter__(self) -> Iterator[ApiCall]:
        return iter(self.since(0))

    def since(self, mark: int) -> tuple[ApiCall, ...]:
        """The calls after the first `mark` ones; `len(log)` taken before an action is the mark for it."""
        with self._lock:
            return tuple(self._calls[mark:])

    def clear(self) -> None:
        """Forget every call."""
        with self._lock:
            self._calls.clear()


log = CallLog()
"""The calls of this process's sandbox."""
