"""A hub of ours that no rule names and no run was ever about is told of by a sweep, and left for people to decide."""

import json
from collections.abc import Iterator

import pytest

from sandbox.kernel.delays import Delays
from sandbox.services.stepfunctions.executions.execution import Execution
from tests.integration.hubs.hub_environment import HubEnvironment, hub_environment
from tests.support.fixtures import without

LOST = "lost-models"
THEIRS = "their-models"
MODEL = "hf-llm-other"
OURS = {"Key": "stagegate:resource-type", "Value": "hub"}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubEnvironment]:
    delays = Delays(cloudtrail=0.05, ram_association=0.02, hub=0.02, wait_factor=0.02)
    with hub_environment(tmp_path_factory.mktemp("settings"), delays) as opened:
        opened.outcome()
        yield opened


def makes(environment: HubEnvironment, name: str, *tags: dict[str, str]) -> None:
    """A hub with one reference, as a ledger that was lost leaves it."""
    sagemaker = environment.admin("sagemaker")
    sagemaker.create_hub(HubName=name, HubDescription="Left over", Tags=[*tags])
    assert environment.organization.settle()
    target = environment.public.model_arn(MODEL)
    sagemaker.create_hub_content_reference(HubName=name, HubContentName=MODEL, SageMakerPublicHubContentArn=target)


def holds(environment: HubEnvironment, name: str) -> list[str]:
    listed = environment.admin("sagemaker").list_hub_contents(HubName=name, HubContentType="ModelReference")
    return [each["HubContentName"] for each in listed["HubContentSummaries"] if each["HubContentStatus"] != "Deleting"]


def told_since(environment: HubEnvironment, began: int) -> str:
    return "\n".join(f"{message.subject}\n{message.text}" for message in environment.organization.outbox[began:])


def started(environment: HubEnvironment, **given: str) -> Execution:
    """A sweep that a person starts, once it and all that it has started is over."""
    machine = environment.organization.outputs["SweepStateMachine"]
    begun = environment.organization.client("stepfunctions", "governance").start_execution(
        stateMachineArn=machine, input=json.dumps(given)
    )
    assert environment.organization.settle(60)
    return environment.run(begun["executionArn"])


def test_it_is_told_of_once_and_a_withdrawal_takes_our_references_out(environment: HubEnvironment) -> None:
    makes(environment, LOST, OURS)
    makes(environment, THEIRS)
    with without(environment, ("stagegate-sweep", "TellOurHubs")):
        assert started(environment).status == "FAILED", "nobody can say whose it is"
    began, mark = len(environment.organization.outbox), environment.position()
    assert environment.sweep()["drifting"] == 1
    said = told_since(environment, began)
    assert "HubNotInRules" in said
    assert LOST in said
    assert THEIRS not in said
    assert environment.writes(mark) == [], "nothing of it is changed"
    began = len(environment.organization.outbox)
    assert environment.sweep()["drifting"] == 0
    assert told_since(environment, began) == "", "nobody is told the same again"

    shown = json.loads(started(environment, mode="withdraw").output or "{}")
    assert started(environment, sweep=shown["sweep"]).status == "SUCCEEDED"
    assert (holds(environment, LOST), holds(environment, THEIRS)) == ([], [MODEL])
