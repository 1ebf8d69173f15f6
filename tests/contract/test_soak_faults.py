"""The seeded faults are faults of the product as it is now: each applies, says what it breaks, and names a check that
there is.
"""

import inspect
import subprocess
from pathlib import Path

import pytest

from soak.histories.actions import Actions
from soak.seeded.head import ours, read
from soak.trials.stories import STORIES

ROOT = Path(__file__).parents[2]
PATCHES = ours()


def applies(patch: Path) -> bool:
    command = ["git", "apply", "--check", str(patch)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    return found.returncode == 0


def test_there_are_enough_of_them() -> None:
    assert len(PATCHES) >= 50


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)
def test_a_patch_applies_to_the_product(patch: Path) -> None:
    assert applies(patch)


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)
def test_a_patch_says_what_it_breaks_and_what_catches_it(patch: Path) -> None:
    head = read(patch)
    assert head.breaks.endswith(".")
    assert head.check is not None
    assert not head.check.story or head.check.story in {story.name for story in STORIES}
    for step in head.check.steps:
        inspect.signature(getattr(Actions, step.what)).bind(None, **dict(step.given))


def test_no_two_are_the_same() -> None:
    diffs = [patch.read_text().split("\n\n", 1)[1] for patch in PATCHES]
    assert len(set(diffs)) == len(diffs)


def test_one_of_another_product_is_found(tmp_path: Path) -> None:
    broken = tmp_path / "broken.patch"
    broken.write_text(PATCHES[0].read_text().replace("\n-", "\n-not there "))
    assert not applies(broken)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("caught-by: luck\n", "luck"),
        ("caught-by: history\n", "0 steps"),
        ("caught-by: faults\n  sweeps(pause=1)\n", "1 steps"),
        ("caught-by: history\n  sweeps(1)\n", "what(name=value, ...)"),
    ],
)
def test_a_head_that_nobody_understands_is_refused(tmp_path: Path, head: str, said: str) -> None:
    patch = tmp_path / "fault.patch"
    patch.write_text(f"breaks: Something.\n{head}\n--- a/x\n+++ b/x\n")
    with pytest.raises(ValueError, match=r"fault\.patch") as refused:
        read(patch)
    assert said in str(refused.value)


def test_one_from_outside_may_have_no_head(tmp_path: Path) -> None:
    patch = tmp_path / "fault.patch"
    patch.write_text("--- a/x\n+++ b/x\n")
    assert read(patch).check is None
