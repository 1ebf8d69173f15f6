"""What the Makefile promises of SETTINGS: every target that reads rules takes it, and none starts without the file."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TARGETS = re.findall(r"^([a-z-]+):.*## .*SETTINGS", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
READERS = {"build", "check", "consumer-policy", "demo", "deploy", "lint-settings", "members", "preflight", "sandbox"}


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607


def test_help_names_every_target_that_takes_settings() -> None:
    assert {*TARGETS, "lint-settings"} == READERS
    assert all(f"make {target} " in make("help").stdout for target in TARGETS)


@pytest.mark.parametrize("target", sorted(READERS))
def test_a_file_that_is_not_there_stops_the_target_before_it_starts(target: str, tmp_path: Path) -> None:
    missing = tmp_path / "no such rules.toml"
    done = make("--silent", target, f"SETTINGS={missing}")
    first, *rest = done.stderr.splitlines()
    assert done.returncode != 0
    assert done.stdout == ""
    assert first == f'SETTINGS: found "{missing}", where no file is; allowed: the path of a governance.toml'
    assert [line for line in rest if not re.match(r"make(\[\d+\])?: \*\*\*", line)] == []


@pytest.mark.parametrize("target", sorted(READERS))
def test_a_folder_is_no_settings_file(target: str, tmp_path: Path) -> None:
    assert make("--silent", target, f"SETTINGS={tmp_path}").returncode != 0


@pytest.mark.parametrize("target", sorted(READERS))
def test_a_file_that_is_there_is_the_one_that_is_read(target: str, tmp_path: Path) -> None:
    own = tmp_path / "rules of ours.toml"
    own.touch()
    commands = make("--dry-run", target, f"SETTINGS={own}").stdout
    assert f'"{own}"' in commands
    assert "layers/settings/governance.toml" not in commands


def test_only_a_build_with_settings_deploys_other_rules(tmp_path: Path) -> None:
    own = tmp_path / "governance.toml"
    own.touch()
    assert f'-m tools.built "{own}"' in make("--dry-run", "build", f"SETTINGS={own}").stdout
    shipped = make("--dry-run", "build").stdout.splitlines()
    assert any(line.rstrip().endswith("-m tools.built") for line in shipped)
