"""A hub with more in it than one round writes: the run goes round again, and hands over what it has no time for."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.kernel.delays import Delays
from sandbox.services.stepfunctions.executions.execution import Execution
from sandbox.stagegate.organization import ROOT
from tests.integration.hubs.hub_environment import ALLOWED, RULES, HubEnvironment, hub_environment

PARTS = (
    "template.yaml",
    "member-template.yaml",
    "functions",
    "layers",
    "organization",
    "requirements",
    "statemachines",
)
HUBS = "layers/stagegate/python/stagegate/surfaces/hub_contents/changes.py"
GOVERN = "statemachines/govern.asl.yaml"
FOUR_MINUTES = "< 240000"


def change(root: Path, path: str, before: str, after: str) -> None:
    text = (root / path).read_text()
    assert before in text
    (root / path).write_text(text.replace(before, after))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The product as it is, but for rounds of one reference."""
    copy = tmp_path_factory.mktemp("product")
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / part)
    change(copy, HUBS, "ROUND = 2000", "ROUND = 1")
    return copy


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[HubEnvironment]:
    delays = Delays(cloudtrail=0.05, ram_association=0.01, hub=0.01, wait_factor=0.01)
    with hub_environment(tmp_path_factory.mktemp("settings"), delays, root=root) as opened:
        yield opened


def states(environment: HubEnvironment, run: Execution, name: str) -> int:
    events = environment.organization.history(run.execution_arn)
    return sum(event.get("stateEnteredEventDetails", {}).get("name") == name for event in events)


def added(environment: HubEnvironment) -> list[str]:
    """The models that the history says were added, in the order in which they were."""
    items = environment.admin("dynamodb").query(
        TableName=environment.organization.outputs["LedgerTable"],
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"HISTORY#{environment.arn}"}},
    )["Items"]
    models: list[dict[str, Any]] = [item["models"]["M"] for item in items if "models" in item]
    return [name["S"] for each in models for name in each.get("added", {"L": []})["L"]]


def test_every_round_is_put_down_and_only_the_last_is_told(environment: HubEnvironment) -> None:
    run = environment.sync()
    assert run.status == "SUCCEEDED", (run.error, run.cause)
    assert environment.holds("dev") == ALLOWED
    assert (states(environment, run, "Record"), states(environment, run, "Verify")) == (3, 1)
    assert sorted(added(environment)) == sorted(ALLOWED)
    heard = [message.text for message in environment.organization.outbox if "earlier in this run" in message.text]
    assert ["earlier in this run: 2 added, 0 changed, 0 removed" in text for text in heard] == [True]


def test_what_a_run_has_no_time_for_a_fresh_one_does(environment: HubEnvironment, root: Path) -> None:
    change(root, GOVERN, FOUR_MINUTES, "< 0")
    environment.rules(
        RULES.replace('keep_out = [{ names = ["*-vision"] }]', 'keep_out = [{ names = ["*-large", "*-small"] }]')
    )
    since = len(environment.organization.executions())
    assert environment.findings() == ["TooManyRemovals", "ModelDeprecated"]
    first = environment.sync(force=True)
    assert json.loads(first.output or "{}") == {"outcome": "handed over to a fresh run"}
    assert environment.holds("dev") == ALLOWED - {"meta-llm-large", "meta-llm-small"} | {"meta-llm-vision"}
    runs = environment.organization.executions()[since:]
    assert [run.status for run in runs] == ["SUCCEEDED"] * len(runs)
    assert len(runs) == 4, "one that asked, and one for each of the three references"
