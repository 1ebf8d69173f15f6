"""A copy of the tree with a patch in it, and the running organization on that: its code, definitions and templates."""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from soak.histories.world import World
from soak.simulation import environment

ROOT = Path(__file__).parents[2]
_COPIED = ("functions", "layers", "organization", "requirements", "statemachines")


class Tree:
    """The copy. It is made once, with Python's byte code: patches come and go in it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "tree"
        for name in _COPIED:
            shutil.copytree(ROOT / name, self.root / name, ignore=shutil.ignore_patterns("__pycache__"))
        for template in ROOT.glob("*.yaml"):
            shutil.copy2(template, self.root)
        compileall.compile_dir(self._layer, quiet=2)

    @contextmanager
    def patched(self, patch: Path) -> Iterator[None]:
        """Have the patch in it for as long as the block lasts. Raises ValueError where it doesn't apply."""
        self._apply(patch)
        try:
            yield
        finally:
            self._apply(patch, "--reverse")

    def deploy(self, world: World) -> None:
        """Deploy it over what runs. For a copy of the process: this one is another product from now on."""
        sys.dont_write_bytecode = True  # a patched module's would be taken for that of the next patch
        environment.import_anew(self._layer)
        world.organization.deploy(self.root)
        world.functions.begin_anew(world.functions.settings)
        world.rest()

    @property
    def _layer(self) -> Path:
        return self.root / "layers" / "stagegate" / "python"

    def _apply(self, patch: Path, *arguments: str) -> None:
        applied = subprocess.run(  # noqa: S603  a patch of whoever runs this
            ["git", "apply", "--whitespace=nowarn", *arguments, str(patch.resolve())],  # noqa: S607  the developer's git
            cwd=self.root,
            env={**os.environ, "GIT_CEILING_DIRECTORIES": str(self.root.parent)},
            capture_output=True,
            text=True,
            check=False,
        )
        if applied.returncode:
            raise ValueError(f"{patch}: the patch doesn't apply to this version: {applied.stderr.strip()}")


@contextmanager
def tree() -> Iterator[Tree]:
    """A copy that goes away."""
    with tempfile.TemporaryDirectory(prefix="soak-seeded-") as folder:
        yield Tree(Path(folder))
