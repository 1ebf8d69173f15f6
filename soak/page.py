"""The one page that `make soak` prints, and the same figures as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from soak.trials.table import ENDS, NOT, Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what was right, of how many. `ok`: whether that is as it must be."""

    name: str
    value: float
    of: float
    ok: bool


def exit_status(found: Sequence[Figure], *, is_wrong: bool) -> int:
    """That of the command: 1 where anything `is_wrong`, 3 where all that was tried is right and it wasn't all."""
    if is_wrong:
        return 1
    return 0 if all(each.ok for each in found) else 3


def all_of(name: str, found: Sequence[Figure]) -> Figure:
    """How many of several figures are as they must be."""
    return Figure(name, sum(each.ok for each in found), len(found), all(each.ok for each in found))


def figures(faults: Table | None, stops: Table | None) -> list[Figure]:
    """The figures of what was tried. What wasn't, for want of time, isn't right either."""
    found: list[Figure] = []
    for name, table in (("faults", faults), ("stops", stops)):
        if table is not None:
            found.append(Figure(name, table.right, table.of, table.is_whole and not table.bad))
    return found


def show(faults: Table | None, stops: Table | None) -> list[str]:
    """Their lines."""
    lines: list[str] = []
    if faults is not None:
        lines += _table("Faults", "calls", faults)
        lines += _by("call", [(_who(row.call), _kind(row.kind), ends) for row, ends in faults.rows.items()])
        lines += _by("step", [(row.story, _kind(row.kind), ends) for row, ends in faults.rows.items()])
        lines += faults.bad
    if stops is not None:
        lines += _table("Stops", "states", stops)
        lines += _by("step", [(row.story, row.kind, ends) for row, ends in stops.rows.items()])
        lines += stops.bad
    return lines


def summary(found: list[Figure]) -> list[str]:
    """All figures, a line each."""
    return ["Figures:", *(f"  {'ok ' if each.ok else 'NOT'} {each.name}: {each.value} of {each.of}" for each in found)]


def write(found: list[Figure], path: Path) -> None:
    """The figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"figures": [asdict(each) for each in found]}, indent=1) + "\n")


def write_rows(faults: Table | None, stops: Table | None, path: Path) -> None:
    """The whole tables as JSON: a row for each call of each step and each fault, and what became of it how often."""
    tables = {"faults": faults, "stops": stops}
    found = {name: list(table.as_reports()) for name, table in tables.items() if table is not None}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1) + "\n")


_KINDS = ("throttled", "denied", "lost before", "lost after", "timeout", "killed before", "killed after")
"""The kinds that have a column of their own; the others are errors that botocore models for the call."""
_MODELLED = "modelled"
_SHORT = dict(zip(ENDS, ("a", "e", "s", "NOT "), strict=True))
"""Of what became of it, in a cell."""


def _table(title: str, what: str, table: Table) -> list[str]:
    counts = {end: sum(ends[end] for ends in table.rows.values()) for end in ENDS}
    lines = [
        f"{title}: {table.tried} of {table.of} tried, at {table.places} {what}, in {table.took_s:.0f} s",
        "  " + ", ".join(f"{count} {end}" for end, count in counts.items()),
    ]
    if table.same:
        lines.append(
            f"  {table.same} more are alike for all that can be seen of them, and were not tried by themselves"
        )
    if not table.is_whole:
        lines.append(f"  {table.asked - table.tried} were not tried, for want of time: MINUTES= gives it more")
    return lines


def _who(call: str) -> str:
    """Whose call it is, and of which service: `plan dynamodb`."""
    role, _, operation = call.partition(" ")
    return f"{role.removeprefix('stagegate-')} {operation.partition(':')[0]}"


def _kind(kind: str) -> str:
    return kind if kind in _KINDS else _MODELLED


def _by(what: str, cells: list[tuple[str, str, Counter[str]]]) -> list[str]:
    """A table of what became of it, by a name and a kind: `12a 3e 1s` are absorbed, mended by event and by sweep."""
    found: dict[str, dict[str, Counter[str]]] = {}
    for name, kind, ends in cells:
        found.setdefault(name, {}).setdefault(kind, Counter()).update(ends)
    if not found:
        return []
    kinds = sorted({kind for row in found.values() for kind in row}, key=_place)
    rows = [[what, *kinds]]
    rows += [[name, *(_cell(row.get(kind, Counter())) for kind in kinds)] for name, row in sorted(found.items())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    legend = f"  by {what} (a: absorbed, e: mended by the next event, s: by the sweep, {NOT.upper()}: wrong for ever)"
    return [legend, *("  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)]


def _place(kind: str) -> tuple[int, str]:
    return ((*_KINDS, _MODELLED).index(kind) if kind in (*_KINDS, _MODELLED) else -1, kind)


def _cell(ends: Counter[str]) -> str:
    return " ".join(f"{ends[end]}{_SHORT[end]}" for end in ENDS if ends[end]).strip() or "-"
