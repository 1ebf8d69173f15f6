"""Patterns of policies beside strings of which only the start may be known: whether they fit, surely, or perhaps.

A wildcard in an ARN stays within its part ("IAM JSON policy elements: Resource", IAM user guide).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

_PARTS = 6
"""Of an ARN: five colons, the last part has the rest."""


class Answer(IntEnum):
    """Whether something holds: of several things that all have to, the least counts."""

    NO = 0
    MAYBE = 1
    YES = 2


@dataclass(frozen=True, slots=True)
class Known:
    """A string of a request: all of it, or with `is_start` how it begins, whatever follows."""

    text: str
    is_start: bool = False

    def lower(self) -> "Known":
        """The same in small letters."""
        return Known(self.text.lower(), self.is_start)


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`*`, or `?` for exactly one character."""

    is_many: bool


MANY, ONE = Wildcard(is_many=True), Wildcard(is_many=False)

Pattern = Sequence[str | Wildcard]
"""Characters and wildcards, in order."""


def pattern_of(text: str) -> tuple[str | Wildcard, ...]:
    """Return a pattern as it is written, without variables."""
    return tuple(MANY if each == "*" else ONE if each == "?" else each for each in text)


def any_of(answers: Sequence[Answer]) -> Answer:
    """Return whether at least one holds."""
    return max(answers, default=Answer.NO)


def all_of(answers: Sequence[Answer]) -> Answer:
    """Return whether all hold."""
    return min(answers, default=Answer.YES)


def negated(answer: Answer) -> Answer:
    """Return whether it doesn't hold."""
    return Answer(Answer.YES - answer)


def fits(pattern: Pattern, known: Known) -> Answer:
    """Tell whether a pattern fits a string: YES for every string that it may be, NO for none of them."""
    places = _reached(pattern, {0})
    for letter in known.text:
        places = _reached(
            pattern,
            {
                place if each is MANY else place + 1
                for place in places
                if place < len(pattern) and ((each := pattern[place]) in (MANY, ONE) or each == letter)
            },
        )
        if not places:
            return Answer.NO
    if not known.is_start:
        return Answer.YES if len(pattern) in places else Answer.NO
    takes_the_rest = any(place < len(pattern) and set(pattern[place:]) == {MANY} for place in places)
    return Answer.YES if takes_the_rest else Answer.MAYBE


def arn_fits(pattern: Pattern, known: Known) -> Answer:
    """Tell whether a pattern of ARNs fits an ARN, part by part. One with fewer parts stands for any in the others."""
    if tuple(pattern) == (MANY,):
        return Answer.YES
    texts = known.text.split(":", _PARTS - 1)
    if len(texts) < _PARTS:
        return Answer.MAYBE if known.is_start else Answer.NO
    parts = _parts(pattern)
    last = _PARTS - 1
    return all_of(
        [
            fits(part, Known(text, known.is_start and at == last))
            for at, (part, text) in enumerate(zip(parts, texts, strict=True))
        ]
    )


def equals(text: str, known: Known) -> Answer:
    """Tell whether a string is this one, which has no wildcards."""
    if known.is_start:
        return Answer.MAYBE if text.startswith(known.text) else Answer.NO
    return Answer.YES if text == known.text else Answer.NO


Fit = Callable[[Pattern, Known], Answer]


def _reached(pattern: Pattern, places: set[int]) -> set[int]:
    """Return the places of a pattern that are reached without another character: a `*` may be nothing."""
    found = set(places)
    for place in sorted(places):
        at = place
        while at < len(pattern) and pattern[at] is MANY:
            at += 1
            found.add(at)
    return found


def _parts(pattern: Pattern) -> list[Pattern]:
    parts: list[list[str | Wildcard]] = [[]]
    for each in pattern:
        if each == ":" and len(parts) < _PARTS:
            parts.append([])
        else:
            parts[-1].append(each)
    return [*parts, *([MANY] for _ in range(_PARTS - len(parts)))]
