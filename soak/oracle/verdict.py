"""What the oracle says of one stage and one subject."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
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


Known = frozenset[bool]
"""Whether something is open, as far as the oracle can tell: both, where either was right. What the product has made of
it meanwhile isn't looked at.
"""
SHUT, BOTH = frozenset({False}), frozenset({False, True})


def whichever(decide: Callable[[bool], Verdict], was: Known) -> Verdict:
    """What must be, whichever it was of what it can have been; either, where that makes a difference."""
    first, *others = [decide(each) for each in sorted(was)]
    if any(each.must is not first.must for each in others):
        return either("it isn't known whether it was open")
    if any(each.write != first.write for each in others):
        return replace(first, write=None)
    return first


def known_after(verdict: Verdict) -> Known:
    """Whether it is open once it is as it must be."""
    return BOTH if verdict.must is Must.EITHER else frozenset({verdict.must is Must.OPEN})
