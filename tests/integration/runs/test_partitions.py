"""The stories in China and GovCloud: everything is of their partition, and what isn't there is left out by name."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]


STORIES = {"aws-cn": ("card", "package", "hub"), "aws-us-gov": ("package",)}
"""`make demo PARTITION=aws-us-gov` plays all of them there as well: nothing in the others tells it from China."""


@pytest.mark.parametrize("partition", STORIES)
def test_the_stories_pass_in_another_partition(partition: str, tmp_path: Path) -> None:
    played = STORIES[partition]
    one = ["--story", *played] if len(played) == 1 else []
    seen = tmp_path / "seen.json"
    done = subprocess.run(
        [sys.executable, "-m", "demo", *one, "--json", str(seen)],
        cwd=ROOT,
        env={**os.environ, "SANDBOX_PARTITION": partition},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    found = json.loads(seen.read_text())
    assert found["ok"]
    assert {step["story"] for step in found["steps"]} == set(played)
    if not one:
        assert f"an import in the partition {partition}" in found["skipped"]["import"]
    arns = {arn for step in found["steps"] for arn in step["executions"]}
    assert {arn.split(":")[1] for arn in arns} == {partition}
