"""Reads that are behind the last write, for tests: bucket policies and their like are eventually consistent.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel: "Bucket configurations have an
eventual consistency model."
"""

from __future__ import annotations

import threading


class StaleReads:
    """Which resources' next reads answer with the policy before the last write. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._before: dict[str, str | None] = {}
        self._planned: dict[str, int] = {}

    def plan(self, resource: str, reads: int = 1) -> None:
        """Let the next `reads` reads of the policy of `resource` (an ARN) be behind by one write."""
        with self._lock:
            self._planned[resource] = reads

    def written(self, resource: str, before: str | None) -> None:
        """A service has replaced the policy `before`; None is none."""
        with self._lock:
            self._before[resource] = before

    def read(self, resource: str, now: str | None) -> str | None:
        """What a read answers whose right answer is `now`."""
        with self._lock:
            left = self._planned.get(resource, 0)
            if not left or resource not in self._before:
                return now
            self._planned[resource] = left - 1
            return self._before[resource]

    def clear(self) -> None:
        """Forget plans and former policies."""
        with self._lock:
            self._before.clear()
            self._planned.clear()


stale_reads = StaleReads()
"""Those of this process."""
