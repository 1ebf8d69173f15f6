"""A run that was stopped is followed by another, also where its event leaves out what went in."""

import json
from collections.abc import Iterator

import pytest

from tests.support.fixtures import SHIPPED, without
from tests.support.sweeps import SweepEnvironment, sweeping

STATUS_CHANGE = "Step Functions Execution Status Change"


@pytest.fixture(scope="module")
def cards() -> Iterator[SweepEnvironment]:
    with sweeping(SHIPPED) as opened:
        yield opened


def told_of(cards: SweepEnvironment, execution: str) -> list[str]:
    """What comes of an event about an execution that has only its ARN: how each new run has ended."""
    before = len(cards.runs("GovernStateMachine"))
    event = {"detail-type": STATUS_CHANGE, "detail": {"executionArn": execution, "inputDetails": {"included": False}}}
    cards.admin("stepfunctions").start_execution(
        stateMachineArn=cards.organization.outputs["GovernStateMachine"], input=json.dumps(event)
    )
    assert cards.organization.settle()
    return [str(run.error or run.status) for run in cards.runs("GovernStateMachine")[before:]]


def test_its_input_is_read_from_the_execution(cards: SweepEnvironment) -> None:
    cards.creates("x")
    run = cards.admin("stepfunctions").start_execution(
        stateMachineArn=cards.organization.outputs["GovernStateMachine"], input=json.dumps({"subject": cards.arn("x")})
    )["executionArn"]
    assert cards.organization.settle()
    assert told_of(cards, run) == ["SUCCEEDED"]
    (last,) = cards.runs("GovernStateMachine")[-1:]
    assert json.loads(last.output or "{}")["outcome"] == "unchanged"


def test_one_that_is_gone_is_told_of(cards: SweepEnvironment) -> None:
    gone = f"{cards.organization.outputs['GovernStateMachine'].replace(':stateMachine:', ':execution:')}:gone"
    assert told_of(cards, gone) == ["InputError"]
    assert any("FAILED InputError" in str(message.subject) for message in cards.organization.outbox)


def test_without_its_permission_it_is_told_of(cards: SweepEnvironment) -> None:
    cards.creates("y")
    (run,) = cards.runs("GovernStateMachine")[-1:]
    with without(cards.organization, ("stagegate-govern", "LookAtRuns")):
        assert told_of(cards, run.execution_arn) == ["InputError"]
