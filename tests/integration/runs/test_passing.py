"""Calls that fail and pass: nothing stays claimed, and nothing stays unsaid."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.kernel.wire.failures import failures
from sandbox.services.stepfunctions.executions.execution import Execution
from tests.support.sweeps import SHIPPED, SweepEnvironment, sweeping

ATTEMPTS = 5
"""How often the state machine makes a call of the claim, and how often it invokes a function."""
FOR_EVER = 10_000
RUNS = 4
"""How many runs try what AWS is too busy for, one after the other."""


@pytest.fixture(scope="module")
def cards() -> Iterator[SweepEnvironment]:
    with sweeping(SHIPPED) as opened:
        yield opened


def runs_of(cards: SweepEnvironment, name: str, *, last: bool = False) -> list[Execution]:
    """What comes of a run that a person starts about a card, once all is over. Failures that `last` end then."""
    before = len(cards.runs("GovernStateMachine"))
    cards.admin("stepfunctions").start_execution(
        stateMachineArn=cards.organization.outputs["GovernStateMachine"],
        input=json.dumps({"subject": cards.arn(name)}),
    )
    assert cards.organization.settle(300)
    if last:
        failures.clear()
    assert cards.organization.failures_left == 0
    return cards.runs("GovernStateMachine")[before:]


def claim(cards: SweepEnvironment, name: str) -> dict[str, Any]:
    key = {"pk": {"S": f"SUBJECT#{cards.arn(name)}"}, "sk": {"S": "CLAIM"}}
    found: dict[str, Any] = cards.admin("dynamodb").get_item(
        TableName=cards.organization.outputs["LedgerTable"], Key=key
    )
    return dict(found["Item"])


@pytest.mark.parametrize("error", ["ThrottlingException", "InternalServerError", "LostAnswer"])
def test_the_claims_calls_are_tried_again(cards: SweepEnvironment, error: str) -> None:
    name = f"again-{error.lower()}"
    cards.creates(name)
    cards.organization.fail("dynamodb", "UpdateItem", error, times=ATTEMPTS - 1, moment="after")
    assert [run.status for run in runs_of(cards, name)] == ["SUCCEEDED"]
    assert "holder" not in claim(cards, name)


def test_a_claim_that_is_taken_without_an_answer_is_given_back_and_somebody_looks(cards: SweepEnvironment) -> None:
    cards.creates("unanswered")
    cards.loses("unanswered", "Archived")
    cards.organization.fail("dynamodb", "UpdateItem", "LostAnswer", times=ATTEMPTS, moment="after")
    failed, follower = runs_of(cards, "unanswered")
    assert (failed.status, failed.error) == ("FAILED", "DynamoDB.SdkClientException")
    assert follower.status == "SUCCEEDED"
    assert "holder" not in claim(cards, "unanswered")
    assert not cards.seen_by_dev("unanswered")


def test_a_claim_that_can_not_be_given_back_is_taken_over(cards: SweepEnvironment) -> None:
    cards.creates("kept")
    cards.organization.fail("dynamodb", "UpdateItem", "LostAnswer", times=ATTEMPTS, moment="after")
    cards.organization.fail("dynamodb", "UpdateItem", "InternalServerError", times=ATTEMPTS)
    failed, follower = runs_of(cards, "kept")
    assert (failed.status, failed.error) == ("FAILED", "ClaimKeptError")
    assert "the first error was DynamoDB.SdkClientException" in str(failed.cause)
    assert follower.status == "SUCCEEDED"
    assert "holder" not in claim(cards, "kept")


def test_what_fails_for_good_is_not_started_again(cards: SweepEnvironment) -> None:
    cards.creates("refused")
    cards.organization.fail("sagemaker", "DescribeModelCard", "AccessDeniedException")
    assert [(run.status, run.error) for run in runs_of(cards, "refused")] == [("FAILED", "RefusedError")]


def test_what_aws_is_too_busy_for_is_done_once_it_has_time(cards: SweepEnvironment) -> None:
    """Many runs at once are minutes of more calls than AWS takes. Nobody has to look, and no sweep has to come."""
    cards.creates("busy")
    cards.loses("busy", "Archived")
    cards.organization.fail("sagemaker", "DescribeModelCard", "ThrottlingException", times=40)
    before = len(cards.organization.outbox)
    assert {run.status for run in runs_of(cards, "busy")} == {"SUCCEEDED"}
    assert not cards.seen_by_dev("busy")
    assert not [mail for mail in cards.organization.outbox[before:] if (mail.subject or "").startswith("FAILED")]


def test_what_aws_is_too_busy_for_all_the_time_fails_and_is_said(cards: SweepEnvironment) -> None:
    cards.creates("stuck")
    cards.organization.fail("sagemaker", "DescribeModelCard", "ThrottlingException", times=FOR_EVER)
    before = len(cards.organization.outbox)
    *_, failed = runs = runs_of(cards, "stuck", last=True)
    assert [run.status for run in runs] == [*["SUCCEEDED"] * (RUNS - 1), "FAILED"]
    assert failed.error == "ThrottledError"
    assert [mail for mail in cards.organization.outbox[before:] if "FAILED ThrottledError" in (mail.subject or "")]
    assert "holder" not in claim(cards, "stuck")


def test_a_message_whose_publishing_fails_is_said_by_the_next_run(cards: SweepEnvironment) -> None:
    cards.creates("unsaid")
    cards.loses("unsaid", "PendingReview")
    before = len(cards.organization.outbox)
    cards.organization.fail("sns", "Publish", "InternalError", times=FOR_EVER)
    *_, failed = runs_of(cards, "unsaid", last=True)
    assert (failed.status, failed.error) == ("FAILED", "ThrottledError")
    assert cards.organization.outbox[before:] == [], "neither the message nor that of the failure"
    (after,) = runs_of(cards, "unsaid")
    assert after.status == "SUCCEEDED"
    (said,) = cards.organization.outbox[before:]
    assert "unsaid" in (said.subject or "")
    runs_of(cards, "unsaid")
    assert len(cards.organization.outbox) == before + 1, "once said, it isn't said again"


def test_a_close_that_passes_late_is_made_in_the_same_run(cards: SweepEnvironment) -> None:
    cards.creates("late")
    cards.loses("late", "Archived")
    cards.organization.fail("ram", "DisassociateResourceShare", "ServerInternalException", times=40)
    assert [run.status for run in runs_of(cards, "late")] == ["SUCCEEDED"]
    assert not cards.seen_by_dev("late")
