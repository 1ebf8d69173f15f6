"""A step of an old run that is started again changes nothing: the card may be another by then."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.sweeps import SHIPPED, SweepEnvironment, sweeping


@pytest.fixture(scope="module")
def environment() -> Iterator[SweepEnvironment]:
    with sweeping(SHIPPED) as opened:
        yield opened


def steps(environment: SweepEnvironment, kind: str) -> list[dict[str, Any]]:
    """What every run so far has given to functions that apply this kind of change."""
    stepfunctions = environment.organization.client("stepfunctions", "governance")
    histories = [
        stepfunctions.get_execution_history(executionArn=run.execution_arn)["events"]
        for run in environment.runs("GovernStateMachine")
    ]
    scheduled = [
        json.loads(event["taskScheduledEventDetails"]["parameters"])
        for history in histories
        for event in history
        if event["type"] == "TaskScheduled"
    ]
    return [each for each in scheduled if each.get("Payload", {}).get("request", {}).get("kind") == kind]


def started_again(environment: SweepEnvironment, step: dict[str, Any]) -> dict[str, Any]:
    answer = environment.admin("lambda").invoke(
        FunctionName=step["FunctionName"], Payload=json.dumps(step["Payload"]).encode()
    )
    said: dict[str, Any] = json.loads(answer["Payload"].read())
    return said


def test_an_old_step_neither_opens_nor_closes(environment: SweepEnvironment) -> None:
    environment.creates("churn")
    assert environment.seen_by_dev("churn")
    (opening,) = steps(environment, "OpenShare")
    environment.sets("churn", "Archived")
    assert environment.organization.settle(60)
    assert not environment.seen_by_dev("churn")
    assert started_again(environment, opening)["errorType"] == "ClaimLostError"
    assert not environment.seen_by_dev("churn")
    (closing,) = steps(environment, "CloseShare")
    environment.sets("churn", "Draft")
    assert environment.organization.settle(60)
    assert started_again(environment, closing)["errorType"] == "ClaimLostError"
    assert environment.seen_by_dev("churn")
