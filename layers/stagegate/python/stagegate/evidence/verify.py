"""Whether what is recorded is what was recorded: each chain by itself, and all of them by the ends that were kept."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from stagegate.approvals.kept import Head
from stagegate.evidence.fits import Say, flaws_in
from stagegate.evidence.model import Flaw, Heads, Kind, Link, List, Trail


@dataclass(slots=True)
class Known:
    """Every end of a chain that was ever kept, once: subject -> list -> number -> digest -> since when it is known."""

    ends: dict[str, dict[List, dict[int, dict[str, str]]]] = field(default_factory=dict)

    def add(self, heads: Heads) -> None:
        """Add what was kept at one time."""
        for subject, lists in heads.heads.items():
            for name, head in lists.items():
                self.note(subject, name, head, f"kept at {heads.at.isoformat(timespec='seconds')}")

    def note(self, subject: str, name: List, head: Head, when: str) -> None:
        """Add one end; of an end that was kept often, the first time counts."""
        if head.number:
            self.ends.setdefault(subject, {}).setdefault(name, {}).setdefault(head.number, {}).setdefault(
                head.digest, when
            )


def verify(trails: Mapping[str, Trail], known: Known) -> list[Flaw]:
    """Return what doesn't fit, by subject. Something of every subject that is known has to be among the trails."""
    named = sorted({*trails, *known.ends})
    return [
        flaw for name in named for flaw in verify_one(trails.get(name, Trail(subject=name)), known.ends.get(name, {}))
    ]


def verify_one(trail: Trail, ends: Mapping[List, Mapping[int, Mapping[str, str]]]) -> list[Flaw]:
    """Return what doesn't fit of one subject; `ends` are those that were kept of it (see `Known`)."""
    noted: dict[int, dict[str, str]] = {number: dict(kept) for number, kept in ends.get(List.APPROVALS, {}).items()}
    for entry in trail.history:
        if entry.noted.number and entry.is_sound:
            when = f"noted by the run of entry {entry.number or entry.key}"
            noted.setdefault(entry.noted.number, {}).setdefault(entry.noted.digest, when)
    history = list(_list(trail, List.HISTORY, trail.history, trail.head, ends.get(List.HISTORY, {})))
    is_cut = any(flaw.kind is Kind.CUT for flaw in history)
    return [
        *history,
        *(() if is_cut else _now(trail)),
        *_list(trail, List.APPROVALS, trail.approvals, trail.counts, noted),
        *_counted(trail),
    ]


def _say(trail: Trail, name: List) -> Say:
    def say(kind: Kind, of: Link | int | None, detail: str) -> Flaw:
        number = of.number or None if isinstance(of, Link) else of
        key = of.key if isinstance(of, Link) else ""
        return Flaw(kind=kind, subject=trail.subject, list=name, entry=number, key=key, detail=detail)

    return say


def _list(
    trail: Trail, name: List, entries: Sequence[Link], head: Head | None, ends: Mapping[int, Mapping[str, str]]
) -> Iterator[Flaw]:
    say = _say(trail, name)
    if not entries and head is None:
        if ends:
            yield say(Kind.MISSING, None, f"there is nothing, and {len(ends)} of its ends are known")
        elif name is List.HISTORY and trail.view:
            yield say(Kind.MISSING, None, "something is recorded as open, and there is no entry")
        return
    flaws = list(flaws_in(entries, head, say))
    yield from flaws
    yield from _by_ends(entries, ends, say, flaws)


def _by_ends(
    entries: Iterable[Link], ends: Mapping[int, Mapping[str, str]], say: Say, flaws: Sequence[Flaw]
) -> Iterator[Flaw]:
    """Yield the first known end that the chain doesn't come by, and that it ends before one. `flaws` are of the chain
    by itself: they say more of an entry.
    """
    named, is_cut = {flaw.entry for flaw in flaws}, any(flaw.kind is Kind.CUT for flaw in flaws)
    there: dict[int, set[str]] = {}
    for entry in entries:
        if entry.number:
            there.setdefault(entry.number, set()).add(entry.digest if entry.is_sound else "")
    top = max(there, default=0)
    others = [
        (number, when)
        for number, kept in sorted(ends.items())
        for digest, when in kept.items()
        if number in there and digest not in there[number] and number not in named
    ]
    for number, when in others[:1]:
        yield say(Kind.REWRITTEN, number, f"it is another entry than the one whose digest was {when}")
    later = max((number for number in ends if number > top), default=0)
    if later and not is_cut:
        when = next(iter(ends[later].values()))
        yield say(Kind.RESTORED, None, f"the chain ends with entry {top}, and entry {later} was {when}")


def _now(trail: Trail) -> Iterator[Flaw]:
    """Compare what is open now with the newest run: both are written at once."""
    runs = [entry for entry in trail.history if entry.said]
    newest = max((entry for entry in runs if entry.number), key=lambda entry: entry.number, default=None)
    others = [entry for entry in runs if not entry.number and (newest is None or entry.at > newest.at)]
    of_others = {entry.said for entry in others}
    may_be = of_others | ({newest.said} if newest else set())
    say = _say(trail, List.HISTORY)
    if (trail.view or may_be) and trail.view not in may_be and trail.history:
        yield say(Kind.NOW, newest, "what is recorded as open now isn't what the newest run's entry says")
    elif newest and newest.view and trail.view not in of_others and trail.whole != newest.view:
        said = "what the next run goes by, beside what is open, isn't what was recorded with the newest run's entry"
        yield say(Kind.NOW, newest, said)


def _counted(trail: Trail) -> Iterator[Flaw]:
    if trail.counted is not None and sorted(trail.counted) != sorted(entry.digest for entry in trail.approvals):
        yield _say(trail, List.APPROVALS)(Kind.NOW, None, "what counts now isn't what the entries say")
