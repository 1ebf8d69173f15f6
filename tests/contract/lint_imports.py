"""What `lint-imports` says of a copy of the tree, with an import in it that is against a contract."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
LAYER = Path("layers/stagegate/python")


def copied_to(root: Path) -> Path:
    """Copy all that the contracts speak of."""
    shutil.copy(ROOT / "pyproject.toml", root)
    for package in (Path("sandbox"), Path("demo"), LAYER / "stagegate"):
        shutil.copytree(ROOT / package, root / package, ignore=shutil.ignore_patterns("__pycache__"))
    return root


@contextmanager
def seeded(tree: Path, path: Path, statement: str) -> Iterator[None]:
    """Have a statement at the end of a file, which need not be there."""
    file = tree / path
    before = file.read_text() if file.exists() else None
    file.write_text(f"{before or ''}\n{statement}\n")
    try:
        yield
    finally:
        file.unlink() if before is None else file.write_text(before)


def broken(tree: Path) -> set[str]:
    """The names of the contracts that `lint-imports` finds broken."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree / LAYER), "COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [re.fullmatch(r"(.*) BROKEN(?: \(\d+ ignored imports?\))?", line) for line in done.stdout.splitlines()]
    found = {line[1] for line in lines if line}
    assert done.returncode == bool(found), done.stdout + done.stderr
    return found
