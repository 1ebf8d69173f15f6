"""The ends of all chains at one time, as the object that is kept of them, and what a row of such objects shows."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from stagegate.approvals.kept import Head
from stagegate.evidence.model import Flaw, Heads, Kind, List

FOLDER = "heads/"
MOST_AGE = timedelta(hours=3)
"""How old the newest may be: one is kept each hour, and Lambda tries for six hours at most."""


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
    """Return the ends that a document has. Raises ValueError for one that isn't of ours."""
    try:
        found = json.loads(text)
        heads = {
            str(subject): {List(name): Head(number=int(end[0]), digest=str(end[1])) for name, end in lists.items()}
            for subject, lists in found["heads"].items()
        }
        return Heads(at=datetime.fromisoformat(found["at"]), heads=heads)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"no ends of chains: {error}") from error


def flaws_of(versions: Mapping[str, int], times: Sequence[datetime], now: datetime) -> list[Flaw]:
    """Return what is wrong with what was kept: `versions` of each key, delete markers included, and the `times` of all
    that could be read.
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


def gaps_in(times: Sequence[datetime]) -> int:
    """Return how often more than `MOST_AGE` lies between kept ends and the next ones."""
    in_order = sorted(times)
    return sum(later - earlier > MOST_AGE for earlier, later in pairwise(in_order))
