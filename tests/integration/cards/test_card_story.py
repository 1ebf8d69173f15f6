"""The demonstration as `make demo` runs it, by the shipped rules and within the limits."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from demo.__main__ import main

STEPS = 23
KEYS = {
    "story",
    "action",
    "expected",
    "observed",
    "ok",
    "access_latency_ms",
    "executions",
    "transitions",
    "aws_calls",
    "settle_polls",
}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict[str, Any], str]:
    """The exit status, the JSON and what was printed."""
    path = tmp_path_factory.mktemp("demo") / "demo.json"
    with pytest.MonkeyPatch.context() as patch:
        printed: list[str] = []
        patch.setattr("demo.terminal.print", lambda text, **_: printed.append(text), raising=False)
        status = main(["--story", "card", "--json", str(path)])
    return status, json.loads(path.read_text()), "\n".join(printed)


def test_every_observation_is_the_expected_one(played: tuple[int, dict[str, Any], str]) -> None:
    status, document, printed = played
    assert [step for step in document["steps"] if not step["ok"]] == [], printed
    assert len(document["steps"]) == STEPS
    assert document["ok"] is True
    assert status == 0


def test_every_step_says_what_was_seen_and_what_it_took(played: tuple[int, dict[str, Any], str]) -> None:
    for step in played[1]["steps"]:
        assert set(step) == KEYS
        assert step["expected"]
        assert step["observed"]
        assert len(step["executions"]) == len(step["transitions"]) == len(step["aws_calls"])
        # A card whose word is another has an execution of sweep start the runs of its packages.
        assert all(re.search(r":execution:stagegate-(govern|sweep):", each) for each in step["executions"])


def test_a_latency_is_measured_exactly_where_access_changes(played: tuple[int, dict[str, Any], str]) -> None:
    before = "dev -  test -  prod -"
    for step in played[1]["steps"]:
        now = step["observed"].split(";")[0]
        assert (step["access_latency_ms"] is None) == (now == before), step["action"]
        before = now


def test_what_is_printed_fits_the_terminal(played: tuple[int, dict[str, Any], str]) -> None:
    assert [line for line in played[2].splitlines() if len(line) > 100] == []


def test_a_wrong_file_is_refused_with_the_line_and_what_is_allowed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "governance.toml"
    shipped = Path("layers/settings/governance.toml").read_text()
    wrong.write_text(shipped.replace('after_edit = "close"', 'after_edit = "clsoe"'))
    assert main(["--settings", str(wrong), "--json", str(tmp_path / "demo.json")]) == 2
    assert 'cards.after_edit: found "clsoe"; allowed: one of "close", "ask"' in capsys.readouterr().err
    assert not (tmp_path / "demo.json").exists()
