"""The seeded faults are faults of the product as it is now: each patch applies, and says in its name what it does."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATCHES = sorted((ROOT / "soak" / "faults").glob("*.patch"))


def applies(patch: Path) -> bool:
    command = ["git", "apply", "--check", str(patch)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    return found.returncode == 0


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)
def test_a_patch_applies_to_the_product(patch: Path) -> None:
    assert applies(patch)


def test_one_of_another_product_is_found(tmp_path: Path) -> None:
    broken = tmp_path / "broken.patch"
    broken.write_text(PATCHES[0].read_text().replace("\n-", "\n-not there "))
    assert not applies(broken)
