"""Figures: what was counted, of how many, and whether that is enough; as lines, and as JSON in .sandbox."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / ".sandbox"


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` of `of`, or of nothing in particular; `ok`: nobody has to look at it."""

    name: str
    value: int
    of: int | None
    ok: bool


def write(name: str, figures: Sequence[Figure], folder: Path = FOLDER) -> int:
    """Print the figures, write them to `<name>.json`, and return the exit code: 1 if one isn't as it should be."""
    folder.mkdir(parents=True, exist_ok=True)
    said = {"figures": [asdict(figure) for figure in figures]}
    (folder / f"{name}.json").write_text(json.dumps(said, indent=2) + "\n")
    for figure in figures:
        of = "" if figure.of is None else f" of {figure.of}"
        print(f"{'ok ' if figure.ok else 'NOT'} {figure.name}: {figure.value}{of}")
    return int(not all(figure.ok for figure in figures))
