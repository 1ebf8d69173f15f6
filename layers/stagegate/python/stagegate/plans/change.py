"""What a plan does, a step at a time."""

from collections.abc import Iterable
from typing import Protocol


class Change(Protocol):
    """One step of a plan: a dataclass, so that it goes through the state machine as JSON (see `surfaces.wire`)."""

    @property
    def surface(self) -> str:
        """Where it goes: the word by which the state machine finds the function that applies it."""

    @property
    def closes(self) -> bool:
        """Whether it takes something from somebody. Every such change is tried, whatever becomes of the others; one
        that only gives waits until all of these are done, and the first that fails stops the rest.
        """

    @property
    def places(self) -> tuple[str, ...]:
        """What it takes something from, as grants on record name it: ids of targets, ARNs of shares (one of their
        accounts as `ARN/ACCOUNT`). Nothing for one that doesn't close.
        """

    def line(self) -> str:
        """Return it as a line that a person can read."""


def closes_first(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return the changes with those that close before all others, and else in their order."""
    return tuple(sorted(changes, key=lambda change: not change.closes))
