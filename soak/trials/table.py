"""What became of faults and stops, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from soak.simulation.copies import Report

ENDS = ABSORBED, EVENT, SWEEP, NOT = "absorbed", "mended by the next event", "mended by the sweep", "not"


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """One row of the whole table: a step, a call of it (or a state), and what became of that."""

    story: str
    call: str
    kind: str


@dataclass(slots=True)
class Table:
    """What became of all that was tried; in words where it was bad.

    `of` is how much there is to try, and `asked` how much of it somebody has asked for: all, but for a slice.
    """

    rows: dict[Row, Counter[str]] = field(default_factory=dict)
    bad: list[str] = field(default_factory=list)
    places: int = 0
    """At how many calls, or before how many states."""
    of: int = 0
    asked: int = 0
    same: int = 0
    """How many more there are that are the same, for all that can be seen, as one of these."""
    took_s: float = 0.0

    @property
    def tried(self) -> int:
        """How many were tried."""
        return sum(sum(ends.values()) for ends in self.rows.values())

    @property
    def right(self) -> int:
        """After how many all was right in the end."""
        return self.tried - sum(ends[NOT] for ends in self.rows.values())

    @property
    def is_whole(self) -> bool:
        """Whether everything was tried that was asked for."""
        return self.tried >= self.asked

    def add(self, report: Report) -> None:
        """Note what became of one."""
        if "died" in report:
            self.bad.append(report["died"])
            return
        if "places" in report:
            self.places += report["places"]
            self.of += report["of"]
            self.same += report["same"]
            self.asked += report["asked"]
            return
        row = Row(report["story"], report["call"], report["kind"])
        self.rows.setdefault(row, Counter())[report["end"]] += 1
        if report["end"] == NOT:
            self.bad.append(f"{row.story}: {report['at']}: {row.kind}: {report['why']}")

    def as_reports(self) -> Iterable[Report]:
        """Every row, as JSON has it."""
        for row, ends in sorted(self.rows.items()):
            yield {"story": row.story, "call": row.call, "kind": row.kind, **{end: ends[end] for end in ENDS}}
