"""What doesn't fit in one chain: its entries with one another, and with what says where it ends."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from stagegate.approvals.kept import Head
from stagegate.evidence.model import Flaw, Kind, Link

Say = Callable[[Kind, "Link | int | None", str], Flaw]
"""Makes a flaw of its kind, of an entry, a missing entry's number or neither, and of what there is to say."""


def flaws_in(entries: Sequence[Link], head: Head | None, say: Say) -> Iterator[Flaw]:
    """Yield what doesn't fit in a chain by itself. It is followed from its end to its beginning: whatever that doesn't
    come by is no part of it.
    """
    chained = [entry for entry in entries if entry.number]
    if head is None:
        if chained:
            yield say(Kind.CUT, None, "nothing says where the chain ends")
        head = _end_of(chained)
    seen: set[int] = set()
    if head is not None:
        yield from _followed(chained, head, say, seen)
    for entry in chained:
        if id(entry) not in seen:
            yield say(Kind.INSERTED, entry, "no entry of the chain was written behind it")
    yield from _without_chain(entries, chained, seen, say)


def _followed(chained: Sequence[Link], head: Head, say: Say, seen: set[int]) -> Iterator[Flaw]:
    top = max((entry.number for entry in chained if entry.number <= head.number), default=0)
    if top < head.number:
        missing = f"the chain ends with entry {head.number}, and the last that is there is {top}"
        yield say(Kind.CUT, None, missing)
    expected: str | None = head.digest if top == head.number else None
    by_number: dict[int, list[Link]] = {}
    for entry in chained:
        by_number.setdefault(entry.number, []).append(entry)
    # Those that are there, and not all that could be: a number is what somebody wrote, and may be without measure.
    numbers = sorted((number for number in by_number if number <= top), reverse=True)
    for number, below in pairwise((*numbers, 0)):
        there = by_number[number]
        sound = [entry for entry in there if entry.is_sound]
        right = next((entry for entry in sound if expected in (None, entry.digest)), None)
        found = right or next(iter(sound or there))
        seen.add(id(found))
        if right is None:
            yield _another(found, is_newest=number == head.number, say=say)
        # Of an entry that was changed nobody knows what it said of the one before.
        expected = found.previous if found.is_sound else None
        if number == 1 and found.previous and found.is_sound:
            yield say(Kind.CHANGED, found, "it is the first, and says that it came after another")
        if number - below > 1:
            others = number - below - 2
            more = f", nor are {others:,} right before it" if others else ""
            yield say(Kind.REMOVED, number - 1, f"it isn't there{more}")
            expected = None


def _another(found: Link, *, is_newest: bool, say: Say) -> Flaw:
    if not found.is_sound:
        return say(Kind.CHANGED, found, "its digest isn't that of what it says")
    if is_newest:
        return say(Kind.REPLACED, found, "it is another than the one that the chain ends with")
    return say(Kind.CHANGED, found, "the next entry was written behind another one")


def _without_chain(entries: Sequence[Link], chained: Sequence[Link], seen: set[int], say: Say) -> Iterator[Flaw]:
    """Yield entries without a digest that can't be of before the chain."""
    first = next((entry for entry in chained if entry.number == 1 and id(entry) in seen), None)
    if first is None:
        return
    for entry in entries:
        if entry.number:
            continue
        if first.begins:
            yield say(Kind.INSERTED, entry, "it has no digest, and nothing was recorded before the chain began")
        elif entry.at > first.at:
            late = "it has no digest, and is later than the chain's beginning: inserted, or of a release without chains"
            yield say(Kind.INSERTED, entry, late)


def _end_of(chained: Sequence[Link]) -> Head | None:
    last = max(chained, key=lambda entry: entry.number, default=None)
    return Head(number=last.number, digest=last.digest) if last else None
