"""Finds rules that can never count: nothing is refused for them, as a stage may be closed for a while."""

from collections.abc import Iterator, Mapping

from stagegate.core.card_link import CardLink
from stagegate.core.patterns import fits
from stagegate.rules.formats import ANY, PathPattern, select
from stagegate.rules.problems import Problem, shown

_BY_CARDS: PathPattern = ("cards", "status", ANY, "opens", ANY, "stage")
_BY_PACKAGES: PathPattern = ("packages", "status", ANY, "opens", ANY)
_ELSEWHERE: tuple[PathPattern, ...] = (
    ("registrations", ANY, "stage"),
    ("imports", ANY, "stage"),
    ("hubs", ANY, "shares", ANY, "stage"),
)


def check(tables: Mapping[str, object]) -> Iterator[Problem]:
    """Yield the rules that never count."""
    by_cards, by_packages = _stages(tables, _BY_CARDS), _stages(tables, _BY_PACKAGES)
    opened = by_cards.union(by_packages, *(_stages(tables, pattern) for pattern in _ELSEWHERE))
    for path, name in select(tables, ("stages", ANY, "name")):
        if isinstance(name, str) and name not in opened:
            allowed = "a stage that a status of cards or packages opens, or that registrations, imports or hubs name"
            yield Problem(path=path, found=f"{shown(name)}, which nothing opens", allowed=allowed)
    for path, name in select(tables, ("packages", "lifecycle", ANY, "stage")):
        if isinstance(name, str) and name not in by_packages:
            allowed = "a stage that a status of packages opens"
            yield Problem(path=path, found=f"{shown(name)}, which no status of packages opens", allowed=allowed)
    if [value for _, value in select(tables, ("packages", "card"))] == [CardLink.REQUIRED.value]:
        for path, name in select(tables, _BY_PACKAGES):
            if isinstance(name, str) and name not in by_cards:
                found = f"{shown(name)}, which no status of cards opens"
                allowed = 'a stage that the cards open, too: with packages.card = "required" no package opens elsewhere'
                yield Problem(path=path, found=found, allowed=allowed)
    yield from _taken(tables, "buckets", ())
    yield from _taken(tables, "repositories", ("account",))


def _stages(tables: Mapping[str, object], pattern: PathPattern) -> set[str]:
    return {name for _, name in select(tables, pattern) if isinstance(name, str)}


def _taken(tables: Mapping[str, object], table: str, of_one: tuple[str, ...]) -> Iterator[Problem]:
    """Yield entries all of whose names an earlier one has, which counts; only entries alike in `of_one` compete."""
    before: list[tuple[object, str]] = []
    for path, entry in select(tables, (table, ANY)):
        if not isinstance(entry, dict) or not isinstance(name := entry.get("name"), str):
            continue
        place = [entry.get(key) for key in of_one]
        if earlier := next((pattern for where, pattern in before if where == place and _has(pattern, name)), None):
            yield Problem(
                path=(*path, "name"),
                found=f"{shown(name)}, which {shown(earlier)} has before",
                allowed="a name that no earlier entry has: the first one that fits counts",
            )
        before.append((place, name))


def _has(pattern: str, name: str) -> bool:
    """Tell whether all that a name stands for fits a pattern."""
    if name.endswith("*"):
        return pattern.endswith("*") and name.startswith(pattern[:-1])
    return fits(pattern, name)
