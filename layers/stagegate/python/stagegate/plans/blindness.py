"""What could not be looked at, by how many sweeps in a row, and when what rests on it closes."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from stagegate.core.errors import DocumentTooLargeError, PermanentError
from stagegate.core.findings import Finding, blocked, warned

BYTES = "bytes/"
"""Starts the place that is what lies in a target, before the target's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """One `place` (the id of a target) that could not be looked at, whose `account` it is, what people call it, and the
    `error`.
    """

    place: str
    account: str
    what: str
    error: PermanentError


@dataclass(frozen=True, slots=True, kw_only=True)
class Blind:
    """How many `sweeps` in a row could not look at a place, and the id of the last one of them."""

    sweeps: int
    sweep: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visibility:
    """What a plan that looked at everything could see: the accounts that it `looked_at`, what was `unseen` of them, and
    how often in a row each unseen place was so by now.

    Only a sweep that applies what it finds counts, and each once. A place that was seen starts anew. A full document
    was seen and isn't counted: nobody on it is to lose access because others have filled it.
    """

    looked_at: frozenset[str] = frozenset()
    unseen: tuple[Unseen, ...] = ()
    blind: Mapping[str, Blind]
    most: int

    @classmethod
    def of(
        cls,
        most: int,
        before: Mapping[str, Blind],
        *,
        sweep: str,
        looked_at: Collection[str],
        unseen: Iterable[Unseen],
    ) -> "Visibility":
        """Return what was seen. `before` is what is on record, `sweep` the id of the sweep that looks, "" for none; so
        many sweeps are the `most` (governance.toml).
        """
        places = tuple({each.place: each for each in unseen}.values())
        uncounted = {each.place for each in places if isinstance(each.error, DocumentTooLargeError)}
        counted = {
            each.place: _counted(before.get(each.place), sweep, most) for each in places if each.place not in uncounted
        }
        return cls(
            looked_at=frozenset(looked_at),
            unseen=places,
            blind={place: blind for place, blind in counted.items() if blind},
            most=most,
        )

    @property
    def too_long(self) -> frozenset[str]:
        """The places that so many sweeps could not look at that what rests on them closes."""
        return frozenset(place for place, blind in self.blind.items() if blind.sweeps >= self.most)

    def findings(self) -> tuple[Finding, ...]:
        """Return what people are told of each place: when what rests on it closes, or that it is closed."""
        return tuple(
            _too_long(each, self.most) if each.place in self.too_long else _so_far(each, blind.sweeps, self.most)
            for each in self.unseen
            if (blind := self.blind.get(each.place))
        )


def _counted(before: Blind | None, sweep: str, most: int) -> Blind | None:
    if not sweep or (before and before.sweep == sweep):
        return before
    return Blind(sweeps=min(before.sweeps + 1 if before else 1, most), sweep=sweep)


def _so_far(unseen: Unseen, sweeps: int, most: int) -> Finding:
    return warned(
        "Blind",
        f"{sweeps} of {most} sweeps in a row could not look at {unseen.what}. After {most}, what rests on it closes.",
    )


def _too_long(unseen: Unseen, most: int) -> Finding:
    return blocked(
        "BlindTooLong",
        f"{most} sweeps in a row could not look at {unseen.what}: {unseen.error} What rests on it is closed until it"
        " can be looked at again.",
    )
