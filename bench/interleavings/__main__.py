"""Explores all of `scenarios.FULL`, and the controls; exits 1 if anything is wrong, or a control isn't found."""

import sys
import time
from dataclasses import astuple

from bench.results import table, write

from . import claim
from .controls import LACKS
from .explore import UNAVOIDABLE, explore
from .moments import Play
from .scenarios import FULL
from .writers import Writers

HEADER = (
    "play",
    "writers",
    "crashes, lost answers, stale reads, edits, ticks, thefts",
    "moments",
    "schedules",
    "wrong",
    "foreign edit lost",
    "s",
)


def main() -> int:
    """Explore, and print what was found as it is found."""
    rows, bad = [], []
    for scenario in FULL:
        started = time.process_time()
        found = explore(scenario, Play(Writers()))
        lost = sum(n for verdict, n in found.schedules.items() if set(verdict) & UNAVOIDABLE)
        faults = ", ".join(map(str, astuple(scenario.faults)))
        schedules = sum(found.schedules.values())
        spent = round(time.process_time() - started)
        rows.append((scenario.name, len(scenario.tasks), faults, found.moments, schedules, found.wrong, lost, spent))
        print(rows[-1], file=sys.stderr)
        bad += [f"{scenario.name}: {v}: {way}" for v, way in found.example.items() if set(v) - UNAVOIDABLE]
    print(table(HEADER, rows), end="\n\n")
    lacking = [(lack.name, lack.finds, lack.explored().counted(lack.finds)) for lack in LACKS]
    print(table(("without", "is found", "in schedules"), lacking))
    write("interleavings", {"plays": [dict(zip(HEADER, row, strict=True)) for row in rows], "controls": lacking})
    bad += [f"{name}: not found" for name, _, number in lacking if not number]
    for name, budget in claim.HOLDS.items():
        orders = claim.explore(budget)
        print(f"claim: {name}: {orders.moments:,} moments, {len(orders.wrong)} wrong")
        bad += [f"claim: {name}: {what}: {way}" for what, way in orders.wrong.items()]
    missed = [name for name, (budget, without) in claim.CONTROLS.items() if not claim.explore(budget, without).wrong]
    bad += [f"claim: not found: {name}" for name in missed]
    print("\n".join(bad), file=sys.stderr)
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
