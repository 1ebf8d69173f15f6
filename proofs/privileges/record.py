"""The record of a run of tests: which role was allowed which action. Each process of the run writes its own file."""

import json
from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(__file__).parents[2] / ".sandbox" / "privileges"


def begin(folder: Path = FOLDER) -> None:
    """Forget the record of the run before."""
    for path in folder.glob("*.json"):
        path.unlink()


def keep(process: str, uses: Iterable[tuple[str, str]], folder: Path = FOLDER) -> None:
    """Write what a process of the run has seen: ARNs of roles, with actions."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{process}.json").write_text(json.dumps(sorted(uses), indent=0) + "\n")


def uses(folder: Path = FOLDER) -> frozenset[tuple[str, str]]:
    """Return what all processes have seen: names of roles, and actions in small letters. Empty without a record."""
    found = (json.loads(path.read_text()) for path in sorted(folder.glob("*.json")))
    return frozenset((arn.rsplit("/", 1)[1], action.lower()) for listed in found for arn, action in listed)
