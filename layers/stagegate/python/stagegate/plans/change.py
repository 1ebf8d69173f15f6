"""What a plan does, a step at a time."""

from typing import Protocol


class Change(Protocol):
    """One step of a plan: a dataclass, so that it goes through the state machine as JSON (see `surfaces.wire`)."""

    @property
    def surface(self) -> str:
        """Where it goes: the word by which the state machine finds the function that applies it."""

    def line(self) -> str:
        """Return it as a line that a person can read."""
