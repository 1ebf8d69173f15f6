"""Figures: what was counted, of how many, and whether that is enough; as lines, and as JSON in .sandbox."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

_ROOT = Path(__file__).parents[1]
FOLDER = _ROOT / ".sandbox"
_PRODUCT = ("functions", "layers", "proofs", "statemachines")


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` of `of`, or of nothing in particular; `ok`: nobody has to look at it."""

    name: str
    value: int
    of: int | None
    ok: bool


def tree() -> str:
    """What the figures are of: a digest of the product and its proofs, as they lie here."""
    files = [path for name in _PRODUCT for path in (_ROOT / name).rglob("*") if path.is_file()]
    digest = hashlib.sha256()
    for path in sorted([*files, *_ROOT.glob("*template.yaml")]):
        if "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(_ROOT)}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def write(name: str, figures: Sequence[Figure], folder: Path = FOLDER) -> int:
    """Print the figures, write them to `<name>.json`, and return the exit code: 1 if one isn't as it should be."""
    folder.mkdir(parents=True, exist_ok=True)
    said = {"tree": tree(), "figures": [asdict(figure) for figure in figures]}
    (folder / f"{name}.json").write_text(json.dumps(said, indent=2) + "\n")
    for figure in figures:
        of = "" if figure.of is None else f" of {figure.of}"
        print(f"{'ok ' if figure.ok else 'NOT'} {figure.name}: {figure.value}{of}")
    return int(not all(figure.ok for figure in figures))
