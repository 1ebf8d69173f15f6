"""The package's story as `make demo` runs it, by the shipped rules and within the limits."""

import json
from pathlib import Path
from typing import Any

import pytest

from demo.__main__ import main
from tests.support.fixtures import FOUR_STAGES

STEPS = 22
MOST_STATES = 14


def played_by(path: Path, *arguments: str) -> tuple[int, dict[str, Any], list[str]]:
    """The exit status, the JSON and the lines that were printed."""
    with pytest.MonkeyPatch.context() as patch:
        printed: list[str] = []
        patch.setattr("demo.terminal.print", lambda text, **_: printed.append(text), raising=False)
        status = main(["--story", "package", "--json", str(path), *arguments])
    return status, json.loads(path.read_text()), [line for text in printed for line in text.splitlines()]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict[str, Any], list[str]]:
    return played_by(tmp_path_factory.mktemp("demo") / "demo.json")


def test_every_observation_is_the_expected_one(played: tuple[int, dict[str, Any], list[str]]) -> None:
    status, document, printed = played
    assert [step for step in document["steps"] if not step["ok"]] == [], printed
    assert [step["story"] for step in document["steps"]] == ["package"] * STEPS
    assert (status, document["ok"], document["skipped"]) == (0, True, {})


def test_an_approval_opens_four_surfaces_and_what_follows_closes_them(
    played: tuple[int, dict[str, Any], list[str]],
) -> None:
    steps = {step["action"]: step for step in played[1]["steps"]}
    approved = steps["approver sets the card Approved"]
    assert "opened bucket, group, key, repository" in approved["observed"]
    assert "prod (Administrator -, ModelOperator glki/pa/-)" in approved["observed"]
    other = steps["approver sets customer-churn/2 Approved"]
    assert "opened bucket, group, key, repository" in other["observed"]
    assert max(other["transitions"]) <= MOST_STATES
    for action in ("approver sets customer-churn/2 Rejected", "approver sets the card Archived"):
        assert "  test -  prod -; " in steps[action]["observed"]


def test_prods_own_pipeline_deploys_what_is_open_and_nothing_else(
    played: tuple[int, dict[str, Any], list[str]],
) -> None:
    def deployed(action: str) -> list[str]:
        """What it had deployed after each step of that name."""
        observed = [step["observed"] for step in played[1]["steps"] if action in step["action"]]
        return [each.partition("prod's own pipeline has deployed ")[2].partition(";")[0] for each in observed]

    assert deployed("approver sets customer-churn/1 Approved again") == ["nothing"], "its card is closed"
    assert deployed("approver sets the card Approved") == ["customer-churn-1"]
    assert deployed("forges events") == ["customer-churn-1"]
    both = "customer-churn-1, customer-churn-2"
    assert deployed("approver sets customer-churn/2 Approved") == [both, "customer-churn-2", "customer-churn-2"]
    assert deployed("approver sets customer-churn/1 Rejected") == ["customer-churn-2"]
    assert deployed("approver sets the card Archived") == ["nothing"]


def test_a_version_waits_for_its_card_and_test_deploys_what_is_to_be_approved(
    played: tuple[int, dict[str, Any], list[str]],
) -> None:
    steps = {step["action"]: step["observed"] for step in played[1]["steps"]}
    assert "found CardClosed" in steps["dev registers customer-churn/1, PendingManualApproval"]
    tested = "test (Administrator -, ModelTester glki/pa/-)  prod -"
    assert tested in steps["governance sets the card PendingReview"]
    by_approver = steps["approver sets customer-churn/1 Approved again"]
    assert tested in by_approver
    assert "found CardClosed" in by_approver


def test_a_training_account_registers_by_the_groups_arn_and_not_as_approved(
    played: tuple[int, dict[str, Any], list[str]],
) -> None:
    made, tried, _, registered = played[1]["steps"][:4]
    assert made["observed"].startswith("dev (Administrator i/a/a, ModelDeveloper gri/a/a)  test -  prod -")
    assert tried["action"] == "dev tries to register customer-churn/1 as Approved"
    assert "refused: AccessDeniedException" in tried["observed"]
    assert registered["action"] == "dev registers customer-churn/1, PendingManualApproval"


def test_a_latency_is_measured_exactly_where_access_changes(played: tuple[int, dict[str, Any], list[str]]) -> None:
    before = "dev i/a/a  test -  prod -"
    for step in played[1]["steps"]:
        now = step["observed"].split(";")[0]
        assert (step["access_latency_ms"] is None) == (now == before), step["action"]
        before = now


def test_what_is_printed_fits_the_terminal_and_shows_what_people_are_told(
    played: tuple[int, dict[str, Any], list[str]],
) -> None:
    lines = played[2]
    assert [line for line in lines if len(line) > 100] == []
    shown = "\n".join(lines)
    for text in (
        "| What it says is encrypted with a customer key, and left out",
        "| + role/ModelTester of 333344445555, role/ModelOperator of 444455556666 may s3:GetObject",
        "(group: Catalogue; bucket: Auditors, EncryptedOnly; repository:",
        "test ModelTester    -          glki/pa/-  glki/pa/-  glki/pa/-  glki/pa/pa glki/-/pa  -",
        "prod ModelOperator  -          -          -          glki/pa/-  glki/pa/pa glki/-/pa  -",
    ):
        assert text in shown


def test_without_rules_for_packages_the_story_says_so_and_is_not_played(tmp_path: Path) -> None:
    status, document, printed = played_by(tmp_path / "demo.json", "--settings", str(FOUR_STAGES))
    reason = "four_stages.toml has no [packages], so model packages aren't governed"
    assert (status, document) == (0, {"steps": [], "skipped": {"package": reason}, "ok": True})
    assert f"  is not played: {reason}" in printed
