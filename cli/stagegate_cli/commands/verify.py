"""`verify`: whether the ledger is what was recorded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from stagegate.evidence import heads
from stagegate.evidence.model import Flaw, Kind, Trail
from stagegate.evidence.verify import Known, verify_one
from stagegate.evidence.verify import verify as verify_all
from stagegate.ledger.chains import trails
from stagegate_cli import codes, kept
from stagegate_cli.connection import Connection, calling, no_stack
from stagegate_cli.names import shortened
from stagegate_cli.screen import Screen, some, when

_LOOKS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFlaw:
    """One thing that doesn't fit. `kind` is `changed`, `removed`, `inserted`, `cut`, `replaced`, `rewritten`,
    `restored`, `missing`, `now` or `kept` (docs/runbook.md says what each means); `list` is `history`, `approvals`, or
    "" for what was kept; `entry` is the number of an entry in its chain, 0 for none; `key` says where it lies.
    """

    kind: str
    subject: str
    list: str
    entry: int
    key: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """One subject's chain. `since` is the time of its first entry, None for none; `entries` are of the history and of
    the approvals, and `without_digest` those of the history that are older than the chain: nothing shows what was done
    to these.
    """

    subject: str
    since: datetime | None
    entries: int
    without_digest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was compared, and what doesn't fit. `kept` counts how often the ends of all chains were kept, from
    `first_kept` to `last_kept`, both by S3's time; `gaps` how often more than three hours lie between.
    """

    flaws: list[FoundFlaw]
    chains: list[Chain]
    kept: int
    first_kept: datetime | None
    last_kept: datetime | None
    gaps: int

    @property
    def code(self) -> int:
        """The exit code."""
        return codes.FAILED if self.flaws else codes.OK


def verify(connection: Connection, only: str, since: datetime | None, earlier: Sequence[str]) -> Verified:
    """Compare the ledger, or `only` one subject, with itself and with what was kept since a time.

    What was kept is read first: whatever is recorded meanwhile makes chains longer, and nothing else.
    """
    known, times, flaws = Known(), [], []
    versions: dict[str, int] = {}
    for bucket in (kept.bucket(connection), *earlier):
        found = kept.versions(connection, bucket)
        versions.update({f"{bucket}/{key}": count for key, count in found.items()})
        for key, read in kept.read(connection, bucket, sorted(found)):
            place = f"{bucket}/{key}"
            if isinstance(read, str):
                flaws.append(Flaw(kind=Kind.KEPT, key=place, detail=read))
                continue
            ends, stored = read
            flaws += heads.misdated(place, ends, stored)
            times.append(stored)
            if since is None or stored >= since:
                known.add(replace(ends, at=stored))
    flaws += heads.flaws_of(versions, times, datetime.now(UTC))
    found_trails = _trails(connection, only)
    of_trails = verify_one(found_trails[only], known.ends.get(only, {})) if only else verify_all(found_trails, known)
    flaws += _looked_at_again(connection, of_trails, found_trails, known)
    chains = [_chain(found_trails[subject]) for subject in sorted(found_trails)]
    flaws += heads.begun_before((chain.since for chain in chains if chain.since), times)
    return Verified(
        flaws=[_found(flaw) for flaw in flaws],
        chains=chains,
        kept=len(times),
        first_kept=min(times, default=None),
        last_kept=max(times, default=None),
        gaps=heads.gaps_in(times),
    )


def _trails(connection: Connection, only: str) -> dict[str, Trail]:
    with calling("read the ledger", no_stack(connection)):
        dynamodb = connection.client("dynamodb")
        if only:
            return {only: trails.trail(dynamodb, connection.table, only)}
        return trails.trails(dynamodb, connection.table)


def _looked_at_again(
    connection: Connection, flaws: Sequence[Flaw], found: dict[str, Trail], known: Known
) -> Iterator[Flaw]:
    """Yield what is a flaw each time: runs go on while the table is read, and an entry may come between two pages."""
    for subject in dict.fromkeys(flaw.subject for flaw in flaws):
        for _ in range(_LOOKS):
            with calling("read the ledger", no_stack(connection)):
                found[subject] = trails.trail(connection.client("dynamodb"), connection.table, subject)
            again = verify_one(found[subject], known.ends.get(subject, {}))
            if not again:
                break
        yield from again


def _chain(trail: Trail) -> Chain:
    chained = [entry for entry in trail.history if entry.number]
    first = min(chained, key=lambda entry: entry.number, default=None)
    return Chain(
        subject=trail.subject,
        since=_time(first.at) if first else None,
        entries=len(chained) + len(trail.approvals),
        without_digest=len(trail.history) - len(chained),
    )


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else None
    except (OverflowError, ValueError):  # of an entry that was changed
        return None


def _found(flaw: Flaw) -> FoundFlaw:
    return FoundFlaw(
        kind=flaw.kind.value,
        subject=flaw.subject,
        list=flaw.list.value if flaw.list else "",
        entry=flaw.entry or 0,
        key=flaw.key,
        detail=flaw.detail,
    )


def show(found: Verified, screen: Screen) -> None:
    """Print it for people."""
    by_subject: Mapping[str, list[FoundFlaw]] = {}
    by_subject = {name: [f for f in found.flaws if f.subject == name] for name in {f.subject: 0 for f in found.flaws}}
    for subject, flaws in by_subject.items():
        screen.line(shortened(subject) if subject else "What was kept", "head")
        for flaw in flaws:
            entry = f", entry {flaw.entry}" if flaw.entry else ""
            place = f" of its {flaw.list}{entry}" if flaw.list else ""
            screen.prose(f"{flaw.kind}{place}: {flaw.detail}", first="  - ", indent="    ", style="bad")
            if flaw.key:
                screen.line(f"    {flaw.key}", "dim")
        screen.line()
    entries, early = (sum(of(each) for each in found.chains) for of in (_entries, _early))
    screen.line(f"{some(len(found.chains), 'subject')}, {_some_entries(entries)} compared")
    if early:
        begins = max((each.since for each in found.chains if each.since and each.without_digest), default=None)
        since = f", before the chains began, the last of them {when(begins)}" if begins else ""
        screen.line(f"{_some_entries(early)} of earlier releases have no digest{since}", "note")
    if found.last_kept:
        kept = f"ends kept {some(found.kept, 'time')}, from {when(found.first_kept)} to {when(found.last_kept)}"
        screen.line(kept + (f", with {some(found.gaps, 'gap')} of more than three hours" if found.gaps else ""))
    screen.line(
        f"{some(len(found.flaws), 'flaw')}: docs/runbook.md says what each means" if found.flaws else "All of it fits",
        "bad" if found.flaws else "good",
    )


def _entries(chain: Chain) -> int:
    return chain.entries


def _early(chain: Chain) -> int:
    return chain.without_digest


def _some_entries(count: int) -> str:
    return f"{count:,} entr{'y' if count == 1 else 'ies'}"
