"""State machines as a user of the API sees them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.kernel.clock import clock
from sandbox.kernel.delays import delays

ACCOUNT = "111122223333"
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def sfn(admin: Callable[..., Any]) -> Any:
    return admin("stepfunctions")


@pytest.fixture
def role(make_role: Callable[..., str]) -> str:
    return make_role(
        "machine", "states.amazonaws.com", {"Action": ["dynamodb:PutItem", "sns:Publish", "sqs:SendMessage"]}
    )


@pytest.fixture
def create(sfn: Any, role: str) -> Callable[..., str]:
    def make(states: dict[str, Any], *, name: str = "machine", **fields: Any) -> str:
        definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states, **fields}
        answer = sfn.create_state_machine(name=name, definition=json.dumps(definition), roleArn=role)
        return str(answer["stateMachineArn"])

    return make


@pytest.fixture
def run(sfn: Any, create: Callable[..., str], eventually: Callable[..., None]) -> Run:
    def start(states: dict[str, Any], value: Any = None, **fields: Any) -> dict[str, Any]:
        arn = sfn.start_execution(stateMachineArn=create(states, **fields), input=json.dumps(value))["executionArn"]
        eventually(lambda: sfn.describe_execution(executionArn=arn)["status"] != "RUNNING")
        answer: dict[str, Any] = sfn.describe_execution(executionArn=arn)
        answer["history"] = sfn.get_execution_history(executionArn=arn, maxResults=1000)["events"]
        return answer

    return start


def output(answer: dict[str, Any]) -> Any:
    assert answer["status"] == "SUCCEEDED", (answer.get("error"), answer.get("cause"))
    return json.loads(answer["output"])


def test_variables_carry_any_text_from_state_to_state(run: Run) -> None:
    text = 'a "quoted"\nline \\ and üñí 漢'
    states = {
        "Keep": {"Type": "Pass", "Assign": {"kept": "{% $states.input %}"}, "Output": "gone", "Next": "Give"},
        "Give": {"Type": "Pass", "Output": {"kept": "{% $kept %}", "was": "{% $states.input %}"}, "End": True},
    }
    assert output(run(states, text)) == {"kept": text, "was": "gone"}


def test_assign_and_output_both_see_the_variables_from_before(run: Run) -> None:
    states = {
        "One": {"Type": "Pass", "Assign": {"n": 1}, "Next": "Two"},
        "Two": {"Type": "Pass", "Assign": {"n": "{% $n + 1 %}"}, "Output": "{% $n %}", "Next": "Three"},
        "Three": {"Type": "Pass", "Output": "{% [$states.input, $n] %}", "End": True},
    }
    assert output(run(states)) == [1, 2]


def test_a_choice_takes_the_first_that_holds_and_assigns_for_it_alone(run: Run) -> None:
    states = {
        "Which": {
            "Type": "Choice",
            "Choices": [
                {"Condition": "{% $states.input > 10 %}", "Assign": {"size": "big"}, "Next": "Say"},
                {"Condition": "{% $states.input > 1 %}", "Assign": {"size": "some"}, "Next": "Say"},
            ],
            "Assign": {"size": "none"},
            "Default": "Say",
        },
        "Say": {"Type": "Pass", "Output": "{% $size %}", "End": True},
    }
    assert output(run(states, 5)) == "some"
    assert output(run(states, 0)) == "none"


def test_map_runs_each_item_with_its_index_and_keeps_their_order(run: Run) -> None:
    states = {
        "Each": {
            "Type": "Map",
            "Items": "{% $states.input.items %}",
            "ItemSelector": {
                "item": "{% $states.context.Map.Item.Value %}",
                "at": "{% $states.context.Map.Item.Index %}",
                "all": "{% $count($states.input.items) %}",
            },
            "MaxConcurrency": 2,
            "ItemProcessor": {
                "StartAt": "Twice",
                "States": {
                    "Twice": {
                        "Type": "Pass",
                        "Output": "{% [$states.input.item * 2, $states.input.at, $states.input.all] %}",
                        "End": True,
                    }
                },
            },
            "End": True,
        }
    }
    answer = run(states, {"items": [5, 6, 7]})
    assert output(answer) == [[10, 0, 3], [12, 1, 3], [14, 2, 3]]
    assert [event["type"] for event in answer["history"]].count("MapIterationSucceeded") == 3


def test_a_failing_branch_ends_the_others_and_is_caught(run: Run) -> None:
    delays.wait_factor = 1.0
    slow = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "End": True}}}
    fails = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Broken", "Cause": "on purpose"}}}
    states = {
        "Both": {
            "Type": "Parallel",
            "Branches": [slow, fails],
            "Catch": [{"ErrorEquals": ["Broken"], "Output": "{% $states.errorOutput %}", "Next": "Caught"}],
            "End": True,
        },
        "Caught": {"Type": "Succeed"},
    }
    assert output(run(states)) == {"Error": "Broken", "Cause": "on purpose"}


def test_a_task_uses_the_machines_role_and_the_tasks_names(run: Run, admin: Callable[..., Any]) -> None:
    admin("dynamodb").create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    put = {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:putItem",
        "Arguments": {
            "TableName": "t",
            "Item": {"pk": {"S": "{% $states.input %}"}},
            "ConditionExpression": "attribute_not_exists(pk)",
        },
        "Catch": [{"ErrorEquals": ["DynamoDB.ConditionalCheckFailedException"], "Output": "taken", "Next": "End"}],
        "Output": "put",
        "Next": "End",
    }
    states = {"Put": put, "End": {"Type": "Succeed"}}
    assert output(run(states, "x")) == "put"
    assert output(run(states, "x")) == "taken"
    read = {
        "Get": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:dynamodb:describeTable",
            "Arguments": {"TableName": "t"},
            "End": True,
        }
    }
    denied = run(read, name="reader")
    assert (denied["status"], denied["error"]) == ("FAILED", "DynamoDb.DynamoDbException")
    assert "dynamodb:DescribeTable" in denied["cause"]


def test_a_role_that_does_not_trust_step_functions_can_do_nothing(
    sfn: Any, run: Run, make_role: Callable[..., str], eventually: Callable[..., None]
) -> None:
    wrong = make_role("wrong", "lambda.amazonaws.com", {"Action": "sns:ListTopics"})
    task = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sns:listTopics", "End": True}
    definition = {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": task}}
    arn = sfn.create_state_machine(name="wrong", definition=json.dumps(definition), roleArn=wrong)["stateMachineArn"]
    started = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    eventually(lambda: sfn.describe_execution(executionArn=started)["status"] == "FAILED")
    assert "can't assume" in sfn.describe_execution(executionArn=started)["cause"]


def test_an_argument_that_the_api_does_not_have_is_an_error(run: Run) -> None:
    task = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Arguments": {"Topic": "x"}, "End": True}
    answer = run({"A": task})
    assert answer["error"] == "States.Runtime"
    assert "'Topic'" in answer["cause"]


def test_retries_are_counted_per_retrier_and_then_the_error_is_caught(run: Run) -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Arguments": {"QueueUrl": f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/none", "MessageBody": "x"},
        "Retry": [
            {"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2, "IntervalSeconds": 1, "JitterStrategy": "FULL"}
        ],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Output": "{% $states.context.State.RetryCount %}", "Next": "Done"}],
        "End": True,
    }
    answer = run({"Send": task, "Done": {"Type": "Succeed"}})
    assert output(answer) == 2
    assert [event["type"] for event in answer["history"]].count("TaskFailed") == 3


def test_an_expression_without_a_value_fails_and_says_which(run: Run) -> None:
    answer = run({"A": {"Type": "Pass", "Output": "{% $states.input.nothing %}", "End": True}}, {})
    assert answer["error"] == "States.QueryEvaluationError"
    assert "$states.input.nothing" in answer["cause"]
    assert "EvaluationFailed" in [event["type"] for event in answer["history"]]


def test_the_machines_timeout_ends_a_waiting_execution(
    sfn: Any, create: Callable[..., str], eventually: Callable[..., None]
) -> None:
    delays.wait_factor = 1.0
    machine = create({"W": {"Type": "Wait", "Seconds": 3600, "End": True}}, TimeoutSeconds=60)
    arn = sfn.start_execution(stateMachineArn=machine)["executionArn"]
    eventually(lambda: clock.pending() >= 2)
    clock.advance(61)
    eventually(lambda: sfn.describe_execution(executionArn=arn)["status"] == "TIMED_OUT")
    assert "stopDate" in sfn.describe_execution(executionArn=arn)


def test_stopping_ends_it_with_the_callers_words(sfn: Any, create: Callable[..., str]) -> None:
    delays.wait_factor = 1.0
    machine = create({"W": {"Type": "Wait", "Seconds": 3600, "End": True}})
    arn = sfn.start_execution(stateMachineArn=machine)["executionArn"]
    sfn.stop_execution(executionArn=arn, error="Enough", cause="of waiting")
    answer = sfn.describe_execution(executionArn=arn)
    assert (answer["status"], answer["error"], answer["cause"]) == ("ABORTED", "Enough", "of waiting")


def test_a_name_is_used_once(sfn: Any, create: Callable[..., str], eventually: Callable[..., None]) -> None:
    machine = create({"A": {"Type": "Pass", "End": True}})
    first = sfn.start_execution(stateMachineArn=machine, name="once", input="{}")["executionArn"]
    eventually(lambda: sfn.describe_execution(executionArn=first)["status"] == "SUCCEEDED")
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        sfn.start_execution(stateMachineArn=machine, name="once", input="{}")
    unnamed = {sfn.start_execution(stateMachineArn=machine)["executionArn"] for _ in range(5)}
    assert len(unnamed) == 5


def test_history_comes_in_pages_and_backwards(sfn: Any, run: Run) -> None:
    answer = run({"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "End": True}})
    types = [event["type"] for event in answer["history"]]
    assert types == [
        "ExecutionStarted",
        "PassStateEntered",
        "PassStateExited",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]
    pages = sfn.get_paginator("get_execution_history").paginate(
        executionArn=answer["executionArn"], reverseOrder=True, PaginationConfig={"PageSize": 4}
    )
    sizes = [len(page["events"]) for page in pages]
    assert sizes == [4, 2]


def test_an_unsupported_definition_is_refused_at_once(create: Callable[..., str]) -> None:
    with pytest.raises(ClientError, match=r"InvalidDefinition.*ResultPath"):
        create({"A": {"Type": "Pass", "ResultPath": "$.x", "End": True}})
