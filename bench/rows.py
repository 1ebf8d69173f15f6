"""What `make bench` prints and writes: rows that each have a measurement beside a floor or a peer of the same run."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.results import table, write

FOLDER = Path(__file__).parent
HEADER = ("row", "case", "ours", "beside", "unit", "ratio", "goal", "met")


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `ratio` is `ours` to `beside`, both in `unit`; `goal` is the most that it may be."""

    row: str
    case: str
    ours: float
    beside: float
    unit: str
    ratio: float
    goal: float
    met: bool


def row(name: str, case: str, *, ours: float, beside: float, unit: str, goal: float) -> Row:
    """Return a row. Raises ValueError where there is nothing to compare with."""
    if beside <= 0:
        raise ValueError(f"{name}, {case}: found {beside} {unit} to compare with; allowed: more than 0")
    ratio = ours / beside
    return Row(name, case, round(ours, 4), round(beside, 4), unit, round(ratio, 3), goal, ratio <= goal)


def shown(rows: Sequence[Row]) -> str:
    """Return the table."""
    cells = [
        (r.row, r.case, f"{r.ours:.4g}", f"{r.beside:.4g}", r.unit, f"{r.ratio:.2f}", f"{r.goal:g}", _met(r))
        for r in rows
    ]
    return table(HEADER, cells)


def _met(found: Row) -> str:
    return "yes" if found.met else "no"


def written(rows: Sequence[Row], folder: Path = FOLDER) -> Path:
    """Write all rows to `results.json`, and return where that is."""
    return write("results", {"rows": [asdict(found) for found in rows]}, folder)
