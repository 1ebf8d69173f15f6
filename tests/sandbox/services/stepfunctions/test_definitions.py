"""A definition that the interpreter doesn't do in full is refused by name."""

from typing import Any

import pytest
import yaml

from sandbox.services.stepfunctions.definitions.definition import DefinitionError, read

PASS = {"Type": "Pass", "End": True}
TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}


def machine(states: dict[str, Any], **fields: Any) -> str:
    return yaml.safe_dump({"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states, **fields})


def test_a_definition_may_be_yaml() -> None:
    assert read(machine({"A": PASS}, TimeoutSeconds=5)).timeout_s == 5


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (machine({"A": PASS}, QueryLanguage="JSONPath"), "QueryLanguage"),
        (machine({"A": PASS}, ProcessorConfig={}), "ProcessorConfig"),
        (machine({"A": {**PASS, "InputPath": "$"}}), "InputPath"),
        (machine({"A": {"Type": "Pass", "Next": "Nowhere"}}), "Nowhere"),
        (machine({"A": PASS, "B": PASS}), "B: no state leads here"),
        (machine({"A": {"Type": "Pass"}}), "Next and End"),
        (machine({"A": {"Type": "Pause", "End": True}}), "Pause"),
        (machine({"A": {**TASK, "HeartbeatSeconds": 3}}), "HeartbeatSeconds"),
        (machine({"A": {**TASK, "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken"}}), "waitForTaskToken"),
        (machine({"A": {**TASK, "Resource": "arn:aws:states:::aws-sdk:ram:shareEverything"}}), "shareEverything"),
        (machine({"A": {**TASK, "Resource": "arn:aws:states:::aws-sdk:braket:getDevice"}}), "braket"),
        (machine({"A": {**TASK, "Retry": [{"ErrorEquals": ["States.ALL"], "Times": 3}]}}), "Times"),
        (machine({"A": {**PASS, "Output": "{% $x( %}"}}), "A.Output"),
        (machine({"A": {**PASS, "Output": "{% $x"}}), "end with '%}'"),
        (machine({"A": {"Type": "Choice", "Choices": [{"Condition": "yes", "Next": "A"}]}}), "Condition"),
        (
            machine(
                {
                    "A": {
                        "Type": "Map",
                        "End": True,
                        "ItemProcessor": {
                            "ProcessorConfig": {"Mode": "DISTRIBUTED"},
                            "StartAt": "B",
                            "States": {"B": PASS},
                        },
                    }
                }
            ),
            "DISTRIBUTED",
        ),
    ],
)
def test_what_is_wrong_or_unsupported_is_named(source: str, told: str) -> None:
    with pytest.raises(DefinitionError, match=told.replace("{", r"\{")):
        read(source)
