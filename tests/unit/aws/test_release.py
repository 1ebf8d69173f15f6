"""What one function hands to another is taken from the same release with the same rules, and from nobody else."""

from pathlib import Path
from typing import Any

import pytest

from stagegate.aws.release import Release
from stagegate.core.errors import PlannedByAnotherReleaseError, PlannedByOtherRulesError

CODE = "arn:aws:lambda:us-east-1:111122223333:layer:stagegate-stagegate"
REQUEST = {"subject": "a card"}


@pytest.fixture
def here(tmp_path: Path) -> Release:
    (tmp_path / "governance.toml").write_text("paused = false\n")
    return Release.of(f"{CODE}:7", tmp_path / "governance.toml")


def envelope(of: Release, **other: Any) -> dict[str, Any]:
    return {"by": {**of.signed({})["by"], **other}, "request": REQUEST}


def test_a_function_takes_what_its_own_release_has_planned_by_its_own_rules(here: Release) -> None:
    assert here.handed(envelope(here)) == REQUEST


def test_who_asks_for_a_plan_knows_no_rules_yet(here: Release) -> None:
    assert here.handed(envelope(here, rules=None)) == REQUEST
    assert here.signed({"outcome": "changes"}) == {"outcome": "changes", "by": envelope(here)["by"]}


@pytest.mark.parametrize("release", [f"{CODE}:6", f"{CODE}:8", "", None])
def test_another_release_is_refused_by_name_also_by_the_same_rules(here: Release, release: str | None) -> None:
    with pytest.raises(PlannedByAnotherReleaseError, match=r"has planned; allowed: .*:7"):
        here.handed(envelope(here, release=release))


def test_other_rules_are_refused_by_name(here: Release, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("paused = true\n")
    other = Release.of(f"{CODE}:7", tmp_path / "other.toml")
    with pytest.raises(PlannedByOtherRulesError, match=f"found what rules {other.rules} say"):
        here.handed(envelope(other))


@pytest.mark.parametrize(
    "event",
    [
        {"subject": "a card", "kind": "OpenShare", "change": {}},  # as 0.2.0 hands it over
        {"request": REQUEST},
        {"by": {"release": f"{CODE}:7"}, "request": REQUEST},
        {"by": f"{CODE}:7", "request": REQUEST},
        {"by": {"release": f"{CODE}:7", "rules": None}, "request": REQUEST, "more": 1},
        {},
    ],
)
def test_what_says_no_release_is_refused_as_well(here: Release, event: dict[str, Any]) -> None:
    with pytest.raises(PlannedByAnotherReleaseError, match="says no release"):
        here.handed(event)
