"""What has started a run, and how much it reads before it decides."""

from enum import StrEnum


class Mode(StrEnum):
    """What has started a run."""

    EVENT = "event"
    """Something has changed: AWS says so, or another run or function of ours."""
    MANUAL = "manual"
    """A person has started it."""
    SWEEP = "sweep"
    """The sweep looks at every subject."""


class ReadScope(StrEnum):
    """How much of AWS a plan is made from."""

    FULL = "full"
    """Everything that the subject's access rests on. So it finds what else has drifted."""
    CHANGES = "changes"
    """The record, and what the changes rest on that it asks for."""


def scope_of(mode: Mode, *, is_unfinished: bool) -> ReadScope:
    """Return how much a run reads. `is_unfinished`: the last one didn't end well, so that what it has done may not be
    on record.
    """
    return ReadScope.CHANGES if mode is Mode.EVENT and not is_unfinished else ReadScope.FULL
