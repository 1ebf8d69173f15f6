"""Compared with the stack as it is: what a deployment would replace, and what it may change."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.scripted import Scripted, refusal
from tools.deploy import deployed
from tools.deploy.deployed import Deployed
from tools.preflight import resolve
from tools.preflight.replaced import replaced
from tools.preflight.resolve import Where
from tools.preflight.run import latest_release

ROOT = Path(__file__).parents[4]
WHERE = Where(account="110987654321", region="eu-west-1", partition="aws", stack="stagegate")
VALUES = {"Prefix": "stagegate", "MemberAccounts": "210987654321"}
TEXT = (ROOT / "template.yaml").read_text()


def stack(body: Any, status: str = "UPDATE_COMPLETE") -> Scripted:
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in VALUES.items()]
    found = {"StackName": "stagegate", "CreationTime": "2026-11-30T00:00:00Z", "StackStatus": status}
    return Scripted(
        "cloudformation",
        DescribeStacks={"Stacks": [found | {"Parameters": parameters}]},
        GetTemplate={"TemplateBody": body},
        UpdateTerminationProtection={},
    )


def problems(found: Deployed, **changed: str) -> tuple[str, ...]:
    before = resolve.resources(found.template, found.values, WHERE)
    after = resolve.resources(resolve.read(ROOT / "template.yaml"), VALUES | changed, WHERE)
    return replaced("deployed", before, after, "the stack as it is").problems


@pytest.mark.parametrize("body", [TEXT, json.dumps(resolve.read(ROOT / "template.yaml"))], ids=["YAML", "JSON"])
def test_the_same_template_with_the_same_values_replaces_nothing(body: str) -> None:
    found = deployed.read(stack(body).client, "stagegate")
    assert found
    assert problems(found) == ()
    assert problems(found, LogRetentionDays="30", ApproverEmail="a@example.com") == ()


def test_the_last_release_becomes_this_one_without_losing_anything() -> None:
    body = (latest_release() / "template.yaml").read_text()
    found = deployed.read(stack(body).client, "stagegate")
    assert found
    assert problems(found) == ()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"Prefix": "other"}, "Ledger: TableName would change from 'stagegate-ledger' to 'other-ledger'"),
        ({"RolePath": "/automation/"}, "PlanRole: Path would change from None to '/automation/'"),
    ],
)
def test_a_setting_that_replaces_something_is_found(changed: dict[str, str], said: str) -> None:
    found = deployed.read(stack(TEXT).client, "stagegate")
    assert found
    assert any(line.startswith(said) for line in problems(found, **changed))


@pytest.mark.parametrize("status", ["REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE"])
def test_a_stack_that_never_was_is_compared_with_nothing(status: str) -> None:
    assert deployed.read(stack(TEXT, status).client, "stagegate") is None
    missing = Scripted("cloudformation", DescribeStacks=refusal("ValidationError", "Stack with id x does not exist"))
    assert deployed.read(missing.client, "x") is None


def test_a_stack_is_protected() -> None:
    scripted = stack(TEXT)
    deployed.protect(scripted.client, "stagegate")
    assert scripted.calls[-1][1] == {"StackName": "stagegate", "EnableTerminationProtection": True}
