"""Import jobs that fail, or take longer, and models that don't answer, by plan."""

from __future__ import annotations


class Faults:
    """What becomes of the next import jobs and invocations."""

    def __init__(self) -> None:
        self.slowness = 1.0
        self._failures: list[str] = []
        self._refusals: list[str] = []

    def fail(self, message: str) -> None:
        """Let the next job that ends fail with this message, whatever it would have found."""
        self._failures.append(message)

    def take(self) -> str | None:
        """Return the message that the job that ends now is to fail with, None for none."""
        return self._failures.pop(0) if self._failures else None

    def refuse(self, code: str) -> None:
        """Let the next invocation of a model be answered with this error."""
        self._refusals.append(code)

    def refused(self) -> str | None:
        """Return the error that the invocation at hand is to be answered with, None for none."""
        return self._refusals.pop(0) if self._refusals else None

    def clear(self) -> None:
        """Plan nothing any more."""
        self.slowness = 1.0
        self._failures.clear()
        self._refusals.clear()


faults = Faults()
"""Those of this process."""
