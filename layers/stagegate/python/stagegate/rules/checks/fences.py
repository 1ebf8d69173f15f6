"""Finds accounts whose fence can't name the cards that the file says they may write.

Only what no status of a card can help is refused. How many cards of a pattern there are, or how many of those that an
account may write in some statuses are so at one time, the file can't say: `make check` warns of such accounts.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from stagegate.rules.audiences import Selected
from stagegate.rules.checks.audiences import patterns
from stagegate.rules.checks.placed import Placed, placed
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.formats import ANY, select
from stagegate.rules.narrowed.covers import BOUNDARY_BYTES, SCP_BYTES, Cover, cover, least_bytes
from stagegate.rules.problems import Problem
from stagegate.rules.toml_lines import KeyPath

_Opened = list[list[tuple[str, bool]]]


def check(tables: Mapping[str, object]) -> Iterator[Problem]:
    """Yield the accounts that may write more cards whenever they see them than a fence can name, beside cards that they
    may only read.
    """
    audiences = {
        each["name"]: (path, each)
        for path, each in select(tables, ("audiences", ANY))
        if isinstance(each, dict) and isinstance(each.get("name"), str)
    }
    gated = {stage for _, stage in select(tables, ("approvers", ANY, "stage")) if isinstance(stage, str)}
    is_inside = bool(select(tables, ("organization", "id")))
    opened = _opened(tables)
    places: dict[str, dict[str, list[Placed]]] = defaultdict(lambda: defaultdict(list))
    for place in placed(tables):
        for account in place.accounts if place.audience in audiences else ():
            places[account][place.audience].append(place)
    told: set[KeyPath] = set()
    for account, by_audience in sorted(places.items()):
        own = {name: _in(opened, {place.name for place in here}) for name, here in by_audience.items()}
        if cover([each for found in own.values() for each in found], gated) is not Cover.OTHERS:
            continue
        paths: list[KeyPath] = []
        named: set[str] = set()
        for name, found in own.items():
            path, audience = audiences[name]
            cards = patterns(audience, Selected.CARDS)
            if cover(found, gated) is Cover.NONE and not any(card.endswith("*") for card in cards):
                paths.append((*path, Selected.CARDS.value))
                named.update(cards)
        fences = {place.stage.get("fence", FenceKind.SCP) for here in by_audience.values() for place in here}
        limit = SCP_BYTES if is_inside and FenceKind.SCP in fences else BOUNDARY_BYTES
        size = least_bytes(named)
        if size > limit and paths[0] not in told:
            told.add(paths[0])
            yield Problem(
                path=paths[0],
                found=f"{len(named)} cards that account {account} may write whenever it sees them, beside others that"
                f" it may only read: its fence would take {size:,} bytes to name them",
                allowed=f"{limit:,} bytes: fewer cards, or an account of its own for the stage that writes",
            )


def _opened(tables: Mapping[str, object]) -> _Opened:
    """Return the stages that each status of a card opens, each with whether it may write."""
    return [
        [
            (access["stage"], access.get("write") is True)
            for access in opens
            if isinstance(access, dict) and isinstance(access.get("stage"), str)
        ]
        for _, opens in select(tables, ("cards", "status", ANY, "opens"))
        if isinstance(opens, list)
    ]


def _in(opened: _Opened, stages: set[str]) -> _Opened:
    return [[(stage, write) for stage, write in accesses if stage in stages] for accesses in opened]
