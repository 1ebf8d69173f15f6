"""A slice of `make soak`: a few histories, faults and stops, always the same ones. Every call that is made without HTTP
is compared with what HTTP would make of it.

It is as long as its counts say, and not as a clock does: a busy machine makes it slow, and never wrong.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from soak.histories.wrong import Wrong

ROOT = Path(__file__).parents[3]
HISTORIES, TRIALS = 8, 3
SLICE = ["--seed", "1", "--histories", str(HISTORIES), "--trials", str(TRIALS), "--stories", "approval"]
SLICE += ["--compared", "--minutes", "600"]
PARTS = ["--parts", "histories", "faults", "stops", "orphans"]


def test_a_slice_of_everything_is_right(tmp_path: Path) -> None:
    output = tmp_path / "soak.json"
    soaked = subprocess.run(
        [sys.executable, "-m", "soak", *SLICE, *PARTS, "--output", str(output)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "layers" / "stagegate" / "python"), "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert soaked.returncode == 0, soaked.stdout + soaked.stderr
    figures = {each["name"]: each for each in json.loads(output.read_text())["figures"]}
    assert set(figures) >= {"histories", "faults", "stops", "orphans", "withdrawn", *Wrong}
    assert all(figures[kind]["value"] == 0 for kind in Wrong)
    assert all(each["ok"] for each in figures.values())
    assert figures["histories"]["value"] >= HISTORIES
    assert figures["faults"]["value"] == figures["stops"]["value"] == TRIALS
