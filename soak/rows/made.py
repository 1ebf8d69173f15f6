"""Figures that other commands have made: taken if they are of this very tree, and not made again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from proofs.figures import FOLDER, tree
from soak.page import Figure, all_of

COMMANDS = {
    "proofs": "make prove",
    "models": "make model-check",
    "privileges": "make test, then make privileges",
    "soak-seeded": "make soak-faults",
    "upgrades": "make upgrade-test",
}
"""Which command writes which file."""


def figures(folder: Path = FOLDER) -> list[Figure]:
    """Those of files that are of this tree. What a command has several of has one of its own name, too: how many of
    them are as they must be.
    """
    made: list[Figure] = []
    for name in COMMANDS:
        found = [
            Figure(each["name"], each["value"], each["of"] if each["of"] is not None else each["value"], each["ok"])
            for each in (_of(folder, name) or {}).get("figures", ())
        ]
        made += [all_of(name, found), *found] if len(found) > 1 else found
    return made


def show(folder: Path = FOLDER) -> list[str]:
    """A line for each command: what it has found, or that it was not run."""
    lines = ["Made by other commands, for this tree:"]
    for name, command in COMMANDS.items():
        found = _of(folder, name)
        if found is None:
            is_there = (folder / f"{name}.json").exists()
            lines.append(f"  {name}: {'of another tree' if is_there else 'not run'}; run: {command}")
            continue
        said = [
            f"{each['value']} of {each['of']} {each['name']}" for each in found["figures"] if each["of"] is not None
        ]
        lines.append(f"  {name}: {'; '.join(said)}")
    return lines


def _of(folder: Path, name: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
    except (OSError, ValueError):
        return None
    return found if found.get("tree") == tree() and "figures" in found else None
