"""The hub's story as `make demo` runs it, added to the shipped rules."""

import json
from pathlib import Path
from typing import Any

import pytest

from demo.__main__ import SHIPPED, main
from demo.hub import rules
from demo.hub.prepare import prepare
from demo.judge.expectations import stages_in
from demo.prepare import Skipped

pytestmark = pytest.mark.slow  # `make demo` tells it, with the same expectations

OTHERS = "  test p  prod p"
SEEN = ["p", "phc", "hc", "hcn", "hc", "ho", "hc", "hc", "hc", "p"]
"""By the first stage's roles, step after step: see the legend."""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict[str, Any], list[str]]:
    """The exit status, the JSON and the lines that were printed."""
    path = tmp_path_factory.mktemp("demo") / "demo.json"
    with pytest.MonkeyPatch.context() as patch:
        printed: list[str] = []
        patch.setattr("demo.terminal.print", lambda text, **_: printed.append(text), raising=False)
        status = main(["--story", "hub", "--json", str(path)])
    return status, json.loads(path.read_text()), [line for text in printed for line in text.splitlines()]


def test_every_observation_is_the_expected_one(played: tuple[int, dict[str, Any], list[str]]) -> None:
    status, document, printed = played
    assert [step for step in document["steps"] if not step["ok"]] == [], printed
    assert (status, document["ok"], document["skipped"]) == (0, True, {})
    assert {step["story"] for step in document["steps"]} == {"hub"}
    assert [step["observed"].split(";")[0] for step in document["steps"]] == [f"dev {seen}{OTHERS}" for seen in SEEN]


def test_a_sync_with_nothing_to_do_reads_and_writes_nothing(played: tuple[int, dict[str, Any], list[str]]) -> None:
    mended, quiet = played[1]["steps"][6:8]
    assert f"add 1: {rules.CURATED}" in mended["observed"]
    assert "calls to SageMaker and RAM, 0 of them writes" in quiet["observed"]
    assert quiet["access_latency_ms"] is None


def test_what_is_printed_fits_the_terminal_and_has_the_matrix(
    played: tuple[int, dict[str, Any], list[str]],
) -> None:
    lines = played[2]
    assert [line for line in lines if len(line) > 100] == []
    shown = "\n".join(lines)
    for text in (
        f"| - {rules.ARN}: closes 0, opens 1",
        "swept: 2 looked at, 2 not as the rules say",
        "dev ModelDeveloper  p        phc      hc       hcn      hc       ho       hc       p",
    ):
        assert text in shown


def test_a_file_with_hubs_of_its_own_or_without_an_organization_is_no_file_for_it(tmp_path: Path) -> None:
    settings = tmp_path / "governance.toml"
    (dev, *_) = stages_in({"stages": [{"name": "dev", "accounts": ["222233334444"]}]})
    outside = SHIPPED.read_text().replace('id = "o-stagegate01"', 'external_id = "an-external-id"')
    for text, reason in (
        (rules.present(SHIPPED, dev), "has [[hubs]] or [[guardrails]] already"),
        (outside, "has no organization"),
    ):
        settings.write_text(text)
        heard = prepare(None, settings, judged=False)  # type: ignore[arg-type]
        assert isinstance(heard, Skipped)
        assert reason in heard.reason
