"""What became of faults and stops, counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from soak.simulation.copies import Report

ENDS = ABSORBED, EVENT, SWEEP, NOT = "absorbed", "mended by the next event", "mended by the sweep", "not"


@dataclass(slots=True)
class Table:
    """What became of all faults, by their kind; in words where it was bad. `of` is how many there would be."""

    cells: Counter[tuple[str, str]] = field(default_factory=Counter)
    bad: list[str] = field(default_factory=list)
    calls: int = 0
    of: int = 0
    missed: int = 0
    """How many met nothing: the step went another way this time, and didn't come to that call or state."""
    took_s: float = 0.0

    @property
    def tried(self) -> int:
        """How many were tried."""
        return sum(self.cells.values())

    @property
    def right(self) -> int:
        """After how many all was right in the end."""
        return sum(count for (_, end), count in self.cells.items() if end != NOT)

    def add(self, report: Report) -> None:
        """Note what became of one."""
        if "died" in report:
            self.bad.append(report["died"])
        elif "missed" in report:
            self.missed += 1
        elif "calls" in report:
            self.calls += report["calls"]
            self.of += report["of"]
        else:
            self.cells[report["kind"], report["end"]] += 1
            if report["end"] == NOT:
                self.bad.append(f"{report['story']}: {report['call']}: {report['kind']}: {report['why']}")
