"""Requests that a service turns away because there were too many, by plan."""

from __future__ import annotations

import threading

from moto.core.errors import COMMON_ERROR_CODES

from sandbox.kernel.wire.errors import aws_error

COMMON_ERROR_CODES.append("ThrottlingException")  # of every service; moto warns of what a service's model doesn't have


class Throttles:
    """Which calls get ThrottlingException. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._every: dict[tuple[str, str], int] = {}
        self._seen: dict[tuple[str, str], int] = {}

    def plan(self, service: str, operation: str, every: int) -> None:
        """Refuse every `every`-th call of an operation (`sagemaker`, `DescribeHubContent`) from now on; 1 is each."""
        with self._lock:
            self._every[service, operation] = every
            self._seen[service, operation] = 0

    def admit(self, service: str, operation: str) -> None:
        """Count a call, and raise ThrottlingException if it is one too many."""
        called = service, operation
        with self._lock:
            every = self._every.get(called)
            if every is None:
                return
            self._seen[called] += 1
            refused = self._seen[called] % every == 0
        if refused:
            raise aws_error("ThrottlingException", "Rate exceeded")

    def clear(self) -> None:
        """Refuse nothing any more."""
        with self._lock:
            self._every.clear()
            self._seen.clear()


throttles = Throttles()
"""Those of this process."""
