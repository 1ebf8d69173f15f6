"""`make soak`: histories, faults and stops until the time is over; prints one page, and writes `.sandbox/soak.json`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soak import page

if TYPE_CHECKING:
    from soak.histories.run import Outcome
    from soak.histories.world import World
    from soak.trials.table import Table

_ROOT = Path(__file__).parents[1]
_AT_ONCE = min(2, os.cpu_count() or 1)
_SHARES = {"histories": 0.6, "faults": 0.3, "stops": 0.1}
"""Of the time."""
_PARTS = (*_SHARES, "interleavings", "orphans", "load", "teams", "made")
"""Those after the first three take some minutes of their own."""


def main(arguments: list[str]) -> int:
    """Do what is asked for; the exit status is 1 where something was wrong, and 3 where it was not whole."""
    given = _arguments(arguments)
    from soak.ready import ready
    from soak.rows import histories
    from soak.rows.load import Sizes
    from soak.rows.others import others
    from soak.seeded import run as seeded
    from soak.simulation import compared, direct

    if given.compared:
        compared.install()
    else:
        direct.trust_answers()
    ends = time.time() + given.minutes * 60
    if given.fault:
        return seeded.one(given.fault, ready, partial(_reports, given, ends))
    if given.faults is not None:
        return seeded.each(given.faults, ready, given.output.with_name("soak-seeded.json"))
    world = ready()
    outcome, tried, stopped = _soaked(given, world, ends)
    parts = () if given.until_wrong else given.parts
    sizes = Sizes(given.cards, tuple(given.packages), given.load_subjects, given.teams)
    more, lines, made = others(world, parts, sizes, _AT_ONCE)
    of_histories = histories.figures(outcome) if outcome is not None else []
    found = [*of_histories, *page.figures(tried, stopped), *more]
    shown = histories.show(outcome) if outcome is not None else []
    print("\n".join([*shown, *page.show(tried, stopped), *lines, *page.summary([*found, *made])]))
    page.write([*found, *made], given.output)
    page.write_rows(tried, stopped, given.output.with_name(f"{given.output.stem}-faults.json"))
    # What the other parts do, they do as a whole.
    is_wrong = bool(_wrong(outcome, tried, stopped)) or not all(each.ok for each in more)
    return page.exit_status(found, is_wrong=is_wrong)


def _wrong(outcome: Outcome | None, tried: Table | None, stopped: Table | None) -> list[str]:
    """What was wrong, apart from how much there was time for."""
    return [
        *(outcome.wrong if outcome else ()),
        *(tried.bad if tried else ()),
        *(stopped.bad if stopped else ()),
    ]


def _reports(given: argparse.Namespace, ends: float, world: World) -> Iterator[dict[str, Any]]:
    """All of it as a check of a seeded fault."""
    outcome, tried, stopped = _soaked(given, world, ends)
    wrong = _wrong(outcome, tried, stopped)
    after = f"{outcome.histories} histories" if outcome else ""
    yield {"wrong": wrong[0] if wrong else "", "after": after}


def _soaked(given: argparse.Namespace, world: World, ends: float) -> tuple[Outcome | None, Table | None, Table | None]:
    """Histories, faults and stops, each for its share of the time."""
    from soak.histories.run import histories
    from soak.trials.run import Limits, faults, stops

    shares = {part: share for part, share in _SHARES.items() if part in given.parts}
    left = dict(shares)

    def until(part: str) -> float:
        """What those before have left of their time, the others have."""
        share = shares[part] / sum(left.values())
        del left[part]
        return float(time.time() + (ends - time.time()) * share)

    def limits(part: str) -> Limits:
        return Limits(until(part), tuple(given.stories), given.trials)

    outcome = tried = stopped = None
    if "histories" in shares:
        outcome = histories(
            world, given.histories, given.subjects, given.seed, at_once=_AT_ONCE, until=until("histories")
        )
    if (given.until_wrong or given.fault) and outcome is not None and outcome.wrong:
        shares = {}
    if "faults" in shares:
        tried = faults(world, limits("faults"), at_once=_AT_ONCE)
    if "stops" in shares:
        stopped = stops(world, limits("stops"), at_once=_AT_ONCE)
    return outcome, tried, stopped


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m soak", description=__doc__)
    parser.add_argument("--histories", type=int, default=10_000, help="how many there have to be, if there is time")
    parser.add_argument("--subjects", type=int, default=4, help="beside each other in one example")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=22.0, help="how long histories, faults and stops take at most")
    parser.add_argument("--trials", type=int, default=sys.maxsize, help="faults and stops of each story, at most")
    parser.add_argument("--stories", nargs="+", default=[], help="whose faults and stops are tried; without it, of all")
    parser.add_argument("--parts", nargs="+", choices=_PARTS, default=_PARTS)
    parser.add_argument("--cards", type=int, default=100, help="how many are approved, and withdrawn, at once")
    parser.add_argument("--packages", type=int, nargs="+", default=[20, 100], help="the same, on one bucket")
    parser.add_argument(
        "--load-subjects", type=int, default=800, help="how many subjects a sweep looks at, and a quarter of them"
    )
    parser.add_argument("--teams", type=int, default=50, help="how many share one organization")
    parser.add_argument("--output", type=Path, default=_ROOT / ".sandbox" / "soak.json")
    parser.add_argument("--until-wrong", action="store_true", help="end as soon as something is wrong")
    parser.add_argument("--compared", action="store_true", help="hold each call without HTTP to what HTTP makes of it")
    parser.add_argument("--fault", type=Path, help="a patch of the product that has to be caught: ours by its name")
    parser.add_argument("--faults", nargs="*", help="try these of ours, each with its own check; without a name, all")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
