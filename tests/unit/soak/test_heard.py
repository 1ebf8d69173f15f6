"""A failure counts as heard by a message that names what has failed, and by no other."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from soak.histories import always
from soak.histories.wrong import Wrong, WrongError

CARD, OTHER = (f"arn:aws:sagemaker:us-east-1:111122223333:model-card/{name}" for name in ("card-0", "card-1"))
STATUS_SET = {"detail-type": "SageMaker Model Card State Change", "resources": [CARD], "detail": {}}


def world(text: str, subject: str = "FAILED RefusedError: card-0", given: Any = None) -> Any:
    """A world in which a run has failed, and one message was sent."""
    run = SimpleNamespace(
        name="run",
        status="FAILED",
        error="RefusedError",
        cause="no",
        execution_arn="arn:aws:states:us-east-1:111122223333:execution:stagegate-govern:run",
        execution_input=json.dumps(given or {"subject": CARD}),
        stop_date=datetime.fromtimestamp(1000, UTC),
    )
    message = SimpleNamespace(subject=subject, text=text, at=1000.0)
    organization = SimpleNamespace(executions=lambda: [run], outbox=[message])
    return SimpleNamespace(organization=organization, heard=0)


@pytest.mark.parametrize("given", [{"subject": CARD}, STATUS_SET], ids=["by hand", "event"])
def test_a_message_that_names_the_subject_is_heard(given: dict[str, Any]) -> None:
    always.heard(world(f"A run about {CARD} has failed.", given=given))


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        (f"A run about {OTHER} has failed.", "FAILED RefusedError: card-1"),
        (f"{CARD} is open for dev.", "card-0 is Draft"),
        ("stagegate-runs-failed", "ALARM: runs failed"),
    ],
    ids=["another subject", "no failure", "an alarm"],
)
def test_no_other_message_is(text: str, subject: str) -> None:
    with pytest.raises(WrongError, match="no message of a failure names") as wrong:
        always.heard(world(text, subject))
    assert wrong.value.kind is Wrong.UNHEARD


def test_an_alarm_is_enough_where_the_message_could_not_be_sent() -> None:
    always.heard(world("stagegate-runs-failed", "ALARM: runs failed"), alarm_is_enough=True)


def test_an_execution_that_was_stopped_names_the_subject_of_its_own_input() -> None:
    stopped = {"detail-type": "Step Functions Execution Status Change", "detail": {"input": json.dumps(STATUS_SET)}}
    assert always.subject_of(stopped) == CARD
    assert always.subject_of({}) == ""
