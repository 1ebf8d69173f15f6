"""The ends of all chains at one time, as the object that is kept of them, and what a row of such objects shows.

What an object says is its writer's word. When it was kept is S3's.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from stagegate.approvals.kept import Head
from stagegate.evidence.model import Flaw, Heads, Kind, List

FOLDER = "heads/"
MOST_AGE = timedelta(hours=3)
"""How old the newest may be: one is kept each hour, and Lambda tries for six hours at most."""
MOST_APART = timedelta(minutes=15)
"""How far the time that ends are of may be from when S3 took them: the function has five minutes."""

_LONGEST = 1_500
"""Characters of a subject. A key of DynamoDB has up to 2,048 bytes, its kind among them."""


def key_of(at: datetime) -> str:
    """Return where the ends of a time are kept: in the order of time, and nowhere twice."""
    return f"{FOLDER}{at.astimezone(UTC):%Y-%m-%d/%H%M%S.%f}.json"


def document_of(heads: Heads) -> str:
    """Return the ends as JSON: `at`, and in `heads` for each subject the number and the digest of each list's end."""
    said = {
        subject: {name.value: [head.number, head.digest] for name, head in sorted(lists.items())}
        for subject, lists in heads.heads.items()
    }
    return json.dumps({"at": heads.at.astimezone(UTC).isoformat(), "heads": said}, sort_keys=True)


def heads_of(text: str) -> Heads:
    """Return the ends that a document has, whoever wrote it. Raises ValueError for one that isn't of ours."""
    try:
        found = json.loads(text)
        heads = {
            _subject(subject): {List(name): Head(number=int(end[0]), digest=str(end[1])) for name, end in lists.items()}
            for subject, lists in found["heads"].items()
        }
        return Heads(at=_time(found["at"]), heads=heads)
    # Numbers without end, times before the first year, and JSON that is deeper than Python goes are somebody's, too.
    except (AttributeError, LookupError, OverflowError, RecursionError, TypeError, ValueError) as error:
        raise ValueError(f"no ends of chains: {error}") from error


def _subject(said: str) -> str:
    """Return a name that can be looked for and printed: ARNs are shorter, and printable ASCII."""
    if not (0 < len(said) <= _LONGEST and said.isascii() and said.isprintable()):
        raise ValueError(f"found a subject of {len(said):,} characters: {said[:100]!a}")
    return said


def _time(said: str) -> datetime:
    found = datetime.fromisoformat(said)
    if found.tzinfo is None:
        raise ValueError(f"found {said!r}, which has no time zone")
    return found.astimezone(UTC)


def misdated(key: str, heads: Heads, stored: datetime) -> list[Flaw]:
    """Return what is wrong with the time that ends say, by when S3 has `stored` them under the key."""
    if abs(heads.at - stored) <= MOST_APART:
        return []
    said, then = (each.isoformat(timespec="seconds") for each in (heads.at, stored))
    return [Flaw(kind=Kind.KEPT, key=key, detail=f"it says that it is of {said}, and was stored at {then}")]


def flaws_of(versions: Mapping[str, int], times: Sequence[datetime], now: datetime) -> list[Flaw]:
    """Return what is wrong with what was kept: `versions` of each key, delete markers included, and the `times` at
    which S3 has stored all that could be read.
    """
    flaws = [
        Flaw(kind=Kind.KEPT, key=key, detail=f"it was replaced or deleted: it has {count} versions")
        for key, count in sorted(versions.items())
        if count != 1
    ]
    newest = max(times, default=None)
    if newest is None:
        flaws.append(Flaw(kind=Kind.KEPT, detail="no ends are kept: a chain that was computed anew can't be found"))
    elif now - newest > MOST_AGE:
        since = f"{newest.isoformat(timespec='seconds')}: what was computed anew since then can't be found"
        flaws.append(Flaw(kind=Kind.KEPT, detail=f"the newest kept ends are of {since}"))
    return flaws


def begun_before(began: Iterable[datetime], times: Collection[datetime]) -> list[Flaw]:
    """Return whether chains began well before the first of the `times` at which ends were kept: nothing shows what was
    done to them until then. So it is where the bucket isn't the one that their ends were kept in.
    """
    first = min(times, default=None)
    earlier = [each for each in began if first is not None and first - each > MOST_AGE]
    if first is None or not earlier:
        return []
    oldest, since = (each.isoformat(timespec="seconds") for each in (min(earlier), first))
    said = f"chains began since {oldest} ({len(earlier)} of them), and the first kept ends are of {since}"
    return [Flaw(kind=Kind.KEPT, detail=f"{said}: are there others, in another bucket?")]


def gaps_in(times: Sequence[datetime]) -> int:
    """Return how often more than `MOST_AGE` lies between kept ends and the next ones."""
    in_order = sorted(times)
    return sum(later - earlier > MOST_AGE for earlier, later in pairwise(in_order))
