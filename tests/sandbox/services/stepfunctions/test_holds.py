"""An execution may be held before a state: what is deployed meanwhile is there when it goes on."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.services.stepfunctions.executions.holds import holds

STATES = {"First": {"Type": "Pass", "Next": "Second"}, "Second": {"Type": "Succeed"}}
DEFINITION = json.dumps({"QueryLanguage": "JSONata", "StartAt": "First", "States": STATES})


@pytest.fixture
def start(admin: Callable[..., Any], make_role: Callable[..., str]) -> Iterator[Callable[[str], str]]:
    stepfunctions = admin("stepfunctions")
    role = make_role("machine", "states.amazonaws.com", {"Action": ["sns:Publish"]})
    arn = stepfunctions.create_state_machine(name="machine", definition=DEFINITION, roleArn=role)["stateMachineArn"]

    def begin(text: str) -> str:
        return str(stepfunctions.start_execution(stateMachineArn=arn, input=json.dumps(text))["executionArn"])

    yield begin
    holds.clear()


@pytest.fixture
def entered(admin: Callable[..., Any]) -> Callable[[str], list[str]]:
    def read(execution: str) -> list[str]:
        events = admin("stepfunctions").get_execution_history(executionArn=execution)["events"]
        return [e["stateEnteredEventDetails"]["name"] for e in events if e["type"].endswith("StateEntered")]

    return read


def test_one_execution_with_the_text_is_held_before_the_state_until_it_is_let_go(
    start: Callable[[str], str], entered: Callable[[str], list[str]], eventually: Callable[..., None]
) -> None:
    hold = holds.hold("machine", "Second", "this one")
    other, held, again = start("another"), start("this one"), start("this one, too")
    eventually(lambda: hold.is_held)
    eventually(lambda: [len(entered(each)) for each in (other, again)] == [2, 2] or hold.execution == again)
    waiting = hold.execution
    assert waiting in (held, again)
    assert entered(waiting) == ["First"]
    assert holds.held == 1
    hold.release()
    eventually(lambda: entered(waiting) == ["First", "Second"])
    assert holds.held == 0


def test_what_was_let_go_before_anybody_came_holds_nobody(
    start: Callable[[str], str], entered: Callable[[str], list[str]], eventually: Callable[..., None]
) -> None:
    hold = holds.hold("machine", "Second", "this one")
    hold.release()
    passing = start("this one")
    eventually(lambda: entered(passing) == ["First", "Second"])
    assert hold.execution == ""
