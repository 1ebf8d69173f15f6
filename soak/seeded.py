"""Faults of the product on purpose, each a patch: somebody has to notice.

A patch is applied to a copy of the tree, and the copy is soaked, until something is wrong or the time is over. What
nobody notices says that something isn't looked at.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
_COPIED = ("functions", "layers", "organization", "requirements", "sandbox", "soak", "statemachines")


def main(patch: Path, minutes: float, parts: Sequence[str]) -> int:
    """Soak the product with this patch, and print by what it was caught. The exit status is 1 where it wasn't."""
    caught, said = attempt(patch, minutes, parts)
    print(f"{patch.name}: {'caught' if caught else 'NOT CAUGHT'}")
    print(said)
    return 0 if caught else 1


def attempt(patch: Path, minutes: float, parts: Sequence[str]) -> tuple[bool, str]:
    """Whether it was caught, and the page that says by what. Raises ValueError where it doesn't apply."""
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        tree = Path(folder)
        _copy(tree)
        applied = subprocess.run(  # noqa: S603  a patch of whoever runs this
            ["git", "apply", "--whitespace=nowarn", str(patch.resolve())],  # noqa: S607  the developer's own git
            cwd=tree,
            capture_output=True,
            text=True,
            check=False,
        )
        if applied.returncode:
            raise ValueError(f"{patch}: found a patch that doesn't apply: {applied.stderr.strip()}")
        soaked = subprocess.run(  # noqa: S603  this Python on the copy
            [sys.executable, "-m", "soak", "--until-wrong", "--minutes", str(minutes), "--parts", *parts],
            cwd=tree,
            env={**os.environ, "PYTHONPATH": str(tree / "layers" / "stagegate" / "python"), "PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
            check=False,
        )
    # What can't even begin is found by any test: it isn't caught by what is tried here.
    return soaked.returncode == 1 and bool(soaked.stdout), soaked.stdout or soaked.stderr


def _copy(tree: Path) -> None:
    for name in _COPIED:
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for template in ROOT.glob("*.yaml"):
        shutil.copy(template, tree)
