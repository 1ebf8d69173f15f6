"""What the oracle says of one stage and one subject."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Must(Enum):
    """What has to be so. EITHER: what decides can't be known yet, or the documentation leaves it open."""

    OPEN = "open"
    CLOSED = "closed"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What must be, and why. `write`: whether an open stage may also update the card; None where either is right."""

    must: Must
    why: str
    write: bool | None = False

    def allows(self, is_open: bool) -> bool:  # noqa: FBT001  it is asked about nothing else
        """Whether what was found is as it must be."""
        return self.must is Must.EITHER or (self.must is Must.OPEN) == is_open


def closed(why: str) -> Verdict:
    """It must be closed."""
    return Verdict(Must.CLOSED, why)


def either(why: str) -> Verdict:
    """Open and closed are both right."""
    return Verdict(Must.EITHER, why)


def opened(why: str, *, write: bool | None = False) -> Verdict:
    """It must be open."""
    return Verdict(Must.OPEN, why, write)
