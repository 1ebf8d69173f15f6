"""Whether a governance.toml is one that the product would take here, by the product's own check."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sandbox.kernel.place import PARTITION, REGION, URL_SUFFIX

_ROOT = Path(__file__).parents[2]
SHIPPED = _ROOT / "layers" / "settings" / "governance.toml"


def located(settings: Path, of_aws: Path = SHIPPED) -> Path:
    """The file itself; for one that is `of_aws`, as the shipped one is, a copy with names of where the sandbox lies."""
    if PARTITION == "aws" or settings.resolve() != of_aws:
        return settings
    text = settings.read_text().replace("arn:aws:", f"arn:{PARTITION}:").replace("us-east-1", REGION)
    there = _ROOT / ".sandbox" / f"{settings.stem}.{PARTITION}.toml"
    there.parent.mkdir(exist_ok=True)
    there.write_text(text.replace("amazonaws.com/", f"{URL_SUFFIX}/"))
    return there


def problem(settings: Path) -> str | None:
    """What the product's own check, which `make build` runs too, has to say against a settings file."""
    check = [sys.executable, "-m", "stagegate.rules.__main__", str(settings), PARTITION]
    environment = {**os.environ, "PYTHONPATH": str(_ROOT / "layers" / "stagegate" / "python")}
    done = subprocess.run(check, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  this Python
    return None if done.returncode == 0 else done.stderr.strip()
