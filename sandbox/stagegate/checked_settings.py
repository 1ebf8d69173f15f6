"""Whether a governance.toml is one that the product would take, by the product's own check."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def problem(settings: Path) -> str | None:
    """What the product's own check, which `make build` runs too, has to say against a settings file."""
    check = [sys.executable, "-m", "stagegate.rules.__main__", str(settings)]
    environment = {**os.environ, "PYTHONPATH": str(_ROOT / "layers" / "stagegate" / "python")}
    done = subprocess.run(check, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  this Python
    return None if done.returncode == 0 else done.stderr.strip()
