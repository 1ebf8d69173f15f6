"""Very many at once, and very many to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from soak.histories.world import World
from soak.load import storms, sweeps
from soak.load.storms import Storm
from soak.load.sweeps import Cost
from soak.page import Figure, all_of
from soak.simulation.copies import Report, beside, copied


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many cards and packages change at once, how many subjects a sweep looks at, at most, and how many teams there
    are, each with six accounts and forty models.
    """

    cards: int = 100
    packages: tuple[int, ...] = (20, 100)
    subjects: int = 800
    teams: int = 50


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it."""

    storms: tuple[Storm, ...]
    sweeps: tuple[Cost, ...]


def load(world: World, sizes: Sizes, at_once: int) -> Load:
    """Try it all, each in a copy of the process, so many beside each other. Raises RuntimeError if a sweep broke."""
    works: dict[str, Callable[[], Iterator[Report]]] = {
        f"{number} packages on one bucket": partial(storms.packages, world, number)
        for number in sorted(sizes.packages, reverse=True)  # what takes longest begins first
    }
    works[f"{sizes.cards} cards at once"] = partial(storms.cards, world, sizes.cards)
    of_sweeps = [f"a sweep of {size}" for size in (max(1, sizes.subjects // 4), sizes.subjects)]
    works |= {name: partial(sweeps.sweep, world, int(name.split()[-1])) for name in of_sweeps}
    found: dict[str, Report] = {}
    for report in beside([partial(_named, name, work) for name, work in works.items()], at_once):
        found[report.pop("of what")] = report
    return Load(
        tuple(storms.storm_of(name, found[name]) for name in works if name not in of_sweeps),
        tuple(sweeps.cost_of(found[name]) for name in of_sweeps),
    )


def _named(name: str, work: Callable[[], Iterator[Report]]) -> Iterator[Report]:
    """The report says of what it is, also where a copy has died."""
    for report in copied(work):
        yield {**report, "of what": name}


def figures(found: Load) -> list[Figure]:
    """The packages are as many writers of one bucket, one repository and one key. `load` is all of these together."""
    made = [Figure(f"load: {each.name}", each.right, each.of, not each.wrong) for each in found.storms]
    writers = [each for each in found.storms if "packages" in each.name]
    right, of = sum(each.right for each in writers), sum(each.of for each in writers)
    made.append(Figure("writers", right, of, all(not each.wrong for each in writers)))
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
