"""Very many at once, and very many to look at."""

from __future__ import annotations

from dataclasses import dataclass

from soak.histories.world import World
from soak.load import storms, sweeps
from soak.load.storms import Storm
from soak.load.sweeps import Cost
from soak.page import Figure, all_of


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many cards and packages change at once, how many subjects a sweep looks at, at most, and how many teams there
    are, each with six accounts and forty models.
    """

    cards: int = 100
    packages: int = 20
    subjects: int = 800
    teams: int = 50


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it."""

    storms: tuple[Storm, ...]
    sweeps: tuple[Cost, ...]


def load(world: World, sizes: Sizes) -> Load:
    """Try it all, one after the other."""
    found = (storms.cards(world, sizes.cards), storms.packages(world, sizes.packages))
    return Load(found, tuple(sweeps.sweeps(world, (max(1, sizes.subjects // 4), sizes.subjects))))


def figures(found: Load) -> list[Figure]:
    """Writers are the same as what changes at once: all of them write the same shares, or the same documents. `load` is
    all of these together.
    """
    made = [Figure(f"load: {each.name}", each.right, each.of, not each.wrong) for each in found.storms]
    writers = sum(each.right for each in found.storms)
    of = sum(each.of for each in found.storms)
    made.append(Figure("writers", writers, of, all(not each.wrong for each in found.storms)))
    few, many = found.sweeps[0], found.sweeps[-1]
    ratio = round(many.each / few.each, 3)
    made.append(Figure(f"load: a sweep of {many.subjects}", ratio, sweeps.MOST_MORE, sweeps.is_linear([few, many])))
    return [all_of("load", made), *made]


def show(found: Load) -> list[str]:
    """Its lines."""
    lines = ["Load:"]
    for each in found.storms:
        lines += [f"  {each.name}: {each.right} of {each.of} changes are right", *(f"  {line}" for line in each.lines)]
        lines += [f"    {wrong}" for wrong in each.wrong[:10]]
    return lines + sweeps.lines(list(found.sweeps))
