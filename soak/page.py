"""The one page that `make soak` prints, and the same figures as JSON."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path

from soak.histories.run import Outcome
from soak.trials.table import ENDS, Table

FEWEST_SHARE = 0.01
"""Each kind of action makes up at least this share of the steps."""
FEWEST_STEPS = 2_000
"""With fewer steps, a share says more of chance than of the choice of actions, and there is no such figure."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what was right, of how many. `ok`: whether that is as it must be."""

    name: str
    value: float
    of: float
    ok: bool


def figures(outcome: Outcome | None, faults: Table | None, stops: Table | None) -> list[Figure]:
    """The figures of what was done."""
    found: list[Figure] = []
    if outcome is not None:
        steps = sum(outcome.steps.values())
        right = outcome.histories - len(outcome.wrong)
        found.append(Figure("histories", right, outcome.histories, not outcome.wrong))
        if steps >= FEWEST_STEPS:
            least = min(outcome.steps.values()) / steps
            found.append(Figure("actions' shares", round(least, 4), FEWEST_SHARE, least >= FEWEST_SHARE))
    for name, table in (("faults", faults), ("stops", stops)):
        if table is not None:
            found.append(Figure(name, table.right, table.tried, not table.bad))
    return found


def show(outcome: Outcome | None, faults: Table | None, stops: Table | None) -> list[str]:
    """The page."""
    lines: list[str] = []
    if outcome is not None:
        lines += _histories(outcome)
    if faults is not None:
        lines += _table("Faults", "calls", faults, rows=_FAULTS)
    if stops is not None:
        lines += _table("Stops", "states", stops)
    return lines


def summary(found: list[Figure]) -> list[str]:
    """All figures, a line each."""
    return ["Figures:", *(f"  {'ok ' if each.ok else 'NOT'} {each.name}: {each.value} of {each.of}" for each in found)]


def write(found: list[Figure], path: Path) -> None:
    """The figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"figures": [asdict(each) for each in found]}, indent=1) + "\n")


_FAULTS = (
    "throttled",
    "denied",
    "lost before",
    "lost after",
    "timeout",
    "killed before",
    "killed after",
)
"""The kinds that have a row of their own; the others are errors that botocore models for the call."""


def _histories(outcome: Outcome) -> list[str]:
    steps = max(1, sum(outcome.steps.values()))
    shares = [f"{what} {100 * count / steps:.1f} %" for what, count in outcome.steps.most_common()]
    news = [f"{count} {what}" for what, count in outcome.events.items()]
    verdicts = [f"{count} {what}" for what, count in outcome.verdicts.items()]
    rate = outcome.histories / outcome.took_s if outcome.took_s else 0.0
    return [
        f"Histories: {outcome.histories} in {outcome.took_s:.0f} s ({rate:.1f} a second), {sum(outcome.steps.values())}"
        f" steps, {outcome.runs} executions; wrong: {len(outcome.wrong)}",
        f"  the longest time that access was wrong, for want of news: {outcome.wrong_for} steps",
        f"  events: {', '.join(news)}",
        f"  judged: {', '.join(verdicts)}",
        f"  steps: {', '.join(shares)}",
        *outcome.wrong,
    ]


def _table(title: str, what: str, table: Table, rows: Collection[str] = ()) -> list[str]:
    counts: dict[str, list[int]] = {}
    for (kind, end), count in table.cells.items():
        name = kind if kind in rows or not rows else "an error of its model"
        row = counts.setdefault(name, [0] * len(ENDS))
        row[ENDS.index(end)] += count
    width = max((len(name) for name in counts), default=0)
    return [
        f"{title}: {table.tried} of {table.of}, at {table.calls} {what}, in {table.took_s:.0f} s"
        + (f"; {table.missed} met nothing" if table.missed else ""),
        "  " + " " * width + "  " + "  ".join(ENDS),
        *(
            f"  {name:<{width}}  " + "  ".join(f"{count:>{len(end)}}" for count, end in zip(row, ENDS, strict=True))
            for name, row in sorted(counts.items())
        ),
        *table.bad,
    ]
