"""A slice of `make soak`: some histories, faults and stops, in less than a minute."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_a_slice_of_everything_is_right(tmp_path: Path) -> None:
    output = tmp_path / "soak.json"
    soaked = subprocess.run(
        [sys.executable, "-m", "soak", "--minutes", "0.5", "--output", str(output)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "layers" / "stagegate" / "python"), "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert soaked.returncode == 0, soaked.stdout + soaked.stderr
    figures = {each["name"]: each for each in json.loads(output.read_text())["figures"]}
    assert set(figures) == {"histories", "actions' shares", "faults", "stops"}
    assert all(figures[name]["value"] > 0 for name in ("histories", "faults", "stops")), "nothing was played"
    assert all(each["ok"] for each in figures.values())
