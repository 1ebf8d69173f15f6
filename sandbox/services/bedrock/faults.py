"""Import jobs that fail, or take longer, by plan."""

from __future__ import annotations


class Faults:
    """What becomes of the next import jobs."""

    def __init__(self) -> None:
        self.slowness = 1.0
        self._failures: list[str] = []

    def fail(self, message: str) -> None:
        """Let the next job that ends fail with this message, whatever it would have found."""
        self._failures.append(message)

    def take(self) -> str | None:
        """Return the message that the job that ends now is to fail with, None for none."""
        return self._failures.pop(0) if self._failures else None

    def clear(self) -> None:
        """Plan nothing any more."""
        self.slowness = 1.0
        self._failures.clear()


faults = Faults()
"""Those of this process."""
