"""`make soak`: histories, faults and stops within a time, one page, and `.sandbox/soak.json`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from soak import page, seeded

_ROOT = Path(__file__).parents[1]
_AT_ONCE = min(2, os.cpu_count() or 1)
_SHARES = {"histories": 0.6, "faults": 0.3, "stops": 0.1}
"""Of the time, when all are played."""


def main(arguments: list[str]) -> int:
    """Play what is asked for; the exit status is 1 where something was not as it must be."""
    given = _arguments(arguments)
    if given.fault:
        return seeded.main(given.fault, given.minutes)
    from soak.histories.run import histories
    from soak.ready import ready
    from soak.trials.run import faults, stops

    ends = time.time() + given.minutes * 60
    world = ready()
    time_s = ends - time.time()
    shares = {part: _SHARES[part] for part in given.parts}
    total = sum(shares.values())

    def until(part: str) -> float:
        return float(time.time() + time_s * shares[part] / total)

    outcome = tried = stopped = None
    if "histories" in shares:
        outcome = histories(
            world, given.histories, given.subjects, given.seed, at_once=_AT_ONCE, until=until("histories")
        )
    if given.until_wrong and outcome is not None and outcome.wrong:
        shares = {}
    if "faults" in shares:
        tried = faults(world, given.share, until=until("faults"), at_once=_AT_ONCE)
    if "stops" in shares:
        stopped = stops(world, given.share, until=until("stops"), at_once=_AT_ONCE)
    found = page.figures(outcome, tried, stopped)
    print("\n".join(page.show(outcome, tried, stopped)))
    page.write(found, given.output)
    return 0 if all(each.ok for each in found) else 1


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m soak", description=__doc__)
    parser.add_argument("--histories", type=int, default=10_000, help="how many at most; an example has several")
    parser.add_argument("--subjects", type=int, default=4, help="that live beside each other in one example")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=28.0, help="how long at most")
    parser.add_argument(
        "--share", type=float, default=1.0, help="of the faults and stops; 1 is all that there is time for"
    )
    parser.add_argument("--parts", nargs="+", choices=list(_SHARES), default=list(_SHARES))
    parser.add_argument("--output", type=Path, default=_ROOT / ".sandbox" / "soak.json")
    parser.add_argument("--until-wrong", action="store_true", help="end where the first thing is wrong")
    parser.add_argument("--fault", type=Path, help="a patch of the product that has to be caught")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
