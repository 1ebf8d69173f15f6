"""A run that dies after it has changed something: it fails, and the next one looks at everything and puts it right."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.fixtures import SHIPPED, CardEnvironment, card_environment, problems, without
from tests.support.sweeps import SweepEnvironment, sweeping

RETRIES = 4
"""How often the state machine tries `record` again."""


@pytest.fixture
def environment() -> Iterator[CardEnvironment]:
    with card_environment(SHIPPED) as opened:
        yield opened


def claim(environment: CardEnvironment) -> dict[str, Any]:
    return next(item for item in environment.items() if item["sk"]["S"] == "CLAIM")


def recorded(environment: CardEnvironment) -> list[str]:
    views = [item for item in environment.items() if item["pk"]["S"].startswith("VIEW#")]
    return [grant["M"]["stage"]["S"] for view in views for grant in view["grants"]["L"]]


def test_the_run_after_one_that_died_puts_down_what_that_had_opened(environment: CardEnvironment) -> None:
    environment.organization.faults.crash("stagegate-record", "before", times=1 + RETRIES)
    created = environment.does(environment.actions.creates("Draft"))
    failed, *more = created.costs
    assert (failed.execution.status, failed.execution.error) == ("FAILED", "Runtime.ExitError")
    assert "holder" not in claim(environment)
    if not more:  # the record of who created the card came while the run was at work: that has started a fresh one
        assert claim(environment)["began"]["S"] == failed.execution.execution_arn
        assert problems(environment.does(environment.actions.fills_in("dev", "fills in the card"))) == []
    assert recorded(environment) == ["dev"]
    assert "began" not in claim(environment)


@pytest.fixture
def cards() -> Iterator[SweepEnvironment]:
    with sweeping(SHIPPED) as opened:
        yield opened


def stopped(cards: SweepEnvironment, name: str) -> str:
    """A run about the card that somebody stops once it holds the claim; its ARN."""
    key = {"pk": {"S": f"SUBJECT#{cards.arn(name)}"}, "sk": {"S": "CLAIM"}}
    stepfunctions, table = cards.admin("stepfunctions"), cards.organization.outputs["LedgerTable"]
    run: str = stepfunctions.start_execution(
        stateMachineArn=cards.organization.outputs["GovernStateMachine"],
        input=json.dumps({"subject": cards.arn(name)}),
    )["executionArn"]
    dynamodb = cards.admin("dynamodb")
    assert cards.organization.clock.until(lambda: "holder" in dynamodb.get_item(TableName=table, Key=key)["Item"])
    stepfunctions.stop_execution(executionArn=run)
    return run


def test_a_run_that_somebody_stops_leaves_its_claim_to_one_that_looks(cards: SweepEnvironment) -> None:
    cards.creates("x")
    assert cards.seen_by_dev("x")
    before = len(cards.runs("GovernStateMachine"))
    run = stopped(cards, "x")
    cards.sets("x", "Archived")
    assert cards.organization.settle()
    assert not cards.seen_by_dev("x"), "whoever came meanwhile left it to the claim, which nobody holds any more"
    ends = {each.execution_arn: each.status for each in cards.runs("GovernStateMachine")[before:]}
    assert ends.pop(run) == "ABORTED"
    assert set(ends.values()) == {"SUCCEEDED"}


def test_what_was_started_for_a_stopped_run_isnt_started_a_third_time(cards: SweepEnvironment) -> None:
    again = {"detail-type": "Step Functions Execution Status Change", "detail": {"input": "{}", "executionArn": "x"}}
    event = {"detail-type": again["detail-type"], "detail": {"input": json.dumps(again), "executionArn": "y"}}
    cards.admin("stepfunctions").start_execution(
        stateMachineArn=cards.organization.outputs["GovernStateMachine"], input=json.dumps(event)
    )
    assert cards.organization.settle()
    (run,) = cards.runs("GovernStateMachine")
    assert (run.status, run.error) == ("FAILED", "StoppedAgainError")
    assert "Nothing is started a third time" in str(run.cause)


def test_what_is_handed_over_to_nobody_has_failed(cards: SweepEnvironment) -> None:
    """More comes in than a run goes round for, and the fresh one can't be started."""
    cards.creates("y")
    before, over = len(cards.runs("GovernStateMachine")), threading.Event()
    key = {"pk": {"S": f"SUBJECT#{cards.arn('y')}"}, "sk": {"S": "CLAIM"}}
    change = {"UpdateExpression": "ADD wanted :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
    dynamodb, table = cards.admin("dynamodb"), cards.organization.outputs["LedgerTable"]

    def burst() -> None:
        while not over.wait(0.01):
            dynamodb.update_item(TableName=table, Key=key, **change)

    def has_ended() -> bool:
        return any(run.status != "RUNNING" for run in cards.runs("GovernStateMachine")[before:])

    with without(cards, ("stagegate-govern", "StartAfresh")):
        thread = threading.Thread(target=burst)
        thread.start()
        try:
            cards.admin("stepfunctions").start_execution(
                stateMachineArn=cards.organization.outputs["GovernStateMachine"],
                input=json.dumps({"subject": cards.arn("y"), "trigger": "x"}),
            )
            assert cards.organization.clock.until(has_ended)
        finally:
            over.set()
            thread.join()
        assert cards.organization.settle()
    (run,) = cards.runs("GovernStateMachine")[before:]
    assert run.status == "FAILED"
    assert "states:StartExecution" in str(run.cause)
    assert cards.alarm("-executions-failed") == "ALARM"


def held_by(cards: SweepEnvironment, name: str, run: str) -> None:
    """The claim as a run leaves it that could not give it back: its time isn't out."""
    cards.admin("dynamodb").update_item(
        TableName=cards.organization.outputs["LedgerTable"],
        Key={"pk": {"S": f"SUBJECT#{cards.arn(name)}"}, "sk": {"S": "CLAIM"}},
        UpdateExpression="SET holder = :run, expires = :later",
        ExpressionAttributeValues={
            ":run": {"S": run},
            ":later": {"N": str(int(cards.organization.clock.now()) + 800)},
        },
    )


def started(cards: SweepEnvironment, **given: str) -> dict[str, Any]:
    """What a run about a card comes to that is started like this."""
    before = len(cards.runs("GovernStateMachine"))
    cards.admin("stepfunctions").start_execution(
        stateMachineArn=cards.organization.outputs["GovernStateMachine"], input=json.dumps(given)
    )
    assert cards.organization.settle()
    (run,) = cards.runs("GovernStateMachine")[before:]
    assert run.status == "SUCCEEDED", (run.error, run.cause)
    said: dict[str, Any] = json.loads(run.output or "{}")
    return said


def test_a_person_takes_the_claim_of_a_run_that_is_over_and_hears_of_one_that_may_not_be(
    cards: SweepEnvironment,
) -> None:
    cards.creates("z")
    over = cards.runs("GovernStateMachine")[0].execution_arn
    held_by(cards, "z", over)
    cards.sets("z", "Archived")
    assert cards.organization.settle()
    assert cards.seen_by_dev("z"), "an event leaves it to the run that holds the claim"
    nobody = over.rpartition(":")[0] + ":nobody"
    held_by(cards, "z", nobody)
    left = started(cards, subject=cards.arn("z"))
    assert left["outcome"] == "left to the run that holds the claim"
    assert (left["holder"], left["status"]) == (nobody, "Sfn.ExecutionDoesNotExistException")
    held_by(cards, "z", over)
    with without(cards, ("stagegate-govern", "LookAtRuns")):
        assert started(cards, subject=cards.arn("z"))["status"] == "Sfn.SfnException"
    assert started(cards, subject=cards.arn("z"))["outcome"] == "changes"
    assert not cards.seen_by_dev("z")
