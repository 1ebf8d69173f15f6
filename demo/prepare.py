"""A story, made ready to be played."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from demo.observers import Observers
from demo.story import Story

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization


@dataclass(frozen=True, slots=True)
class PreparedStory:
    """A story for one organization: its steps, and who looks at what comes of them.

    `what` it is about, in a word, and `name` what that is called. `opening` are lines to be shown before it, `legend`
    lines to be shown with the matrix.
    """

    what: str
    name: str
    observers: Observers
    steps: Story
    opening: Sequence[str] = ()
    legend: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A story that this governance.toml has no rules for, and why."""

    reason: str


class Prepare(Protocol):
    """How a story is made ready."""

    def __call__(self, organization: Organization, settings: Path, *, judged: bool) -> PreparedStory | Skipped:
        """Return the story by the rules of `settings`. `judged`: whether the runs have to keep to the limits."""
