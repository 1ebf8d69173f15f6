"""The story of two teams as `make demo` runs it, by rules of its own."""

import json
from pathlib import Path
from typing import Any

import pytest

from demo import __main__ as demo
from demo.__main__ import SHIPPED, main
from demo.stories import STORIES, WITH_OWN_RULES
from demo.team import prepare
from demo.team.teams import read
from sandbox.kernel.place import PARTITION
from sandbox.stagegate import checked_settings

Played = tuple[int, dict[str, Any], list[str]]


def printed_by(patch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, list[str]]:
    printed: list[str] = []
    patch.setattr("demo.terminal.print", lambda text, **_: printed.append(text), raising=False)
    return main(list(arguments)), [line for text in printed for line in text.splitlines()]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The exit status, the JSON and the lines that were printed."""
    path = tmp_path_factory.mktemp("demo") / "demo.json"
    with pytest.MonkeyPatch.context() as patch:
        status, lines = printed_by(patch, "--story", "team", "--json", str(path))
    return status, json.loads(path.read_text()), lines


@pytest.mark.slow  # `make demo` tells it, with the same expectations
def test_every_observation_is_the_expected_one(played: Played) -> None:
    status, document, printed = played
    assert [step for step in document["steps"] if not step["ok"]] == [], printed
    assert (status, document["ok"], document["skipped"]) == (0, True, {})
    assert {step["story"] for step in document["steps"]} == {"team"}


@pytest.mark.slow  # as above
def test_one_team_loses_all_of_its_model_and_the_other_keeps_everything(played: Played) -> None:
    lines = played[2]
    assert [line for line in lines if len(line) > 100] == []
    rows = [line.split() for line in lines if line.startswith(("  churn-", "  fraud-")) and "Model" in line]
    assert [(row[0], row[-2], row[-1]) for row in rows] == [
        ("churn-dev", "rw/-", "rw/-"),
        ("churn-test", "rvbkiho/-", "rvbkiho/-"),
        ("churn-prod", "rvbkimho/-", "rvbkimho/-"),
        ("fraud-dev", "rw/-", "-/-"),
        ("fraud-test", "rvbkiho/-", "h/-"),
        ("fraud-prod", "rvbkimho/-", "h/-"),
    ]
    shown = "\n".join(lines)
    for text in (
        "found NotAnApprover, and said so in a message",
        "of the other team's, no administrator of the 6 accounts may do anything",
        "in Bedrock: churn-scoring-1, fraud-scoring-1",
    ):
        assert text in shown


def test_a_file_of_other_rules_is_no_file_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / "governance.toml"
    settings.write_text(f"{SHIPPED.read_text()}\n# another one\n")
    path = tmp_path / "demo.json"
    monkeypatch.setattr(demo, "_started", None)
    status, lines = printed_by(monkeypatch, "--story", "team", "--settings", str(settings), "--json", str(path))
    assert status == 0
    assert json.loads(path.read_text())["skipped"] == {"team": "it has rules of its own, demo/team/two_teams.toml"}
    assert "  is not played: it has rules of its own, demo/team/two_teams.toml" in lines


def test_it_is_the_last_of_all_stories() -> None:
    assert [*STORIES, *WITH_OWN_RULES] == ["card", "package", "hub", "import", "team"]


def test_its_rules_are_good_and_give_the_teams_nothing_in_common() -> None:
    settings = checked_settings.located(prepare.RULES, prepare.RULES)
    assert checked_settings.problem(settings) is None
    churn, fraud = read(settings)
    for one, other in ((churn, fraud), (fraud, churn)):
        assert not set(one.stages.values()) & set(other.stages.values())
        assert one.approver != other.approver
        assert f"arn:{PARTITION}:" in one.key
        assert one.key != other.key
