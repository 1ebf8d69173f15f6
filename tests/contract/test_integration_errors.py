"""How Step Functions names the errors of its integrations: the sandbox does it as AWS was seen to."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from sandbox.services.stepfunctions.definitions.resources import resource_of


@pytest.mark.parametrize(
    ("integration", "code", "name"),
    [
        ("dynamodb:updateItem", "ConditionalCheckFailedException", "DynamoDB.ConditionalCheckFailedException"),
        ("dynamodb:putItem", "ResourceNotFoundException", "DynamoDB.ResourceNotFoundException"),
        ("dynamodb:updateItem", "InternalServerError", "DynamoDB.InternalServerErrorException"),
        ("dynamodb:updateItem", "ThrottlingException", "DynamoDB.AmazonDynamoDBException"),
        ("dynamodb:putItem", "ValidationException", "DynamoDB.AmazonDynamoDBException"),
        ("dynamodb:putItem", "AccessDeniedException", "DynamoDB.AmazonDynamoDBException"),
        ("lambda:invoke", "AccessDeniedException", "Lambda.AWSLambdaException"),
        ("lambda:invoke", "TooManyRequestsException", "Lambda.TooManyRequestsException"),
        ("sns:publish", "NotFound", "SNS.NotFoundException"),
        ("sqs:sendMessage", "MissingParameter", "SQS.AmazonSQSException"),
        ("states:startExecution", "StateMachineDoesNotExist", "StepFunctions.StateMachineDoesNotExistException"),
        ("states:startExecution", "ThrottlingException", "StepFunctions.AWSStepFunctionsException"),
        ("aws-sdk:sfn:describeExecution", "ExecutionDoesNotExist", "Sfn.ExecutionDoesNotExistException"),
        ("aws-sdk:dynamodb:describeTable", "AccessDeniedException", "DynamoDb.DynamoDbException"),
    ],
)
def test_an_error_has_its_class_in_the_sdk_behind_the_integration(integration: str, code: str, name: str) -> None:
    assert resource_of(f"arn:aws:states:::{integration}").error_name(code) == name


def test_a_lost_connection_is_the_clients_error() -> None:
    assert resource_of("arn:aws:states:::dynamodb:updateItem").client_error == "DynamoDB.SdkClientException"


def sdk_tasks(state: Any, name: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every state, however deep, that calls AWS by an SDK integration."""
    if isinstance(state, dict):
        if str(state.get("Resource", "")).startswith("arn:${Partition}:states:::aws-sdk:"):
            yield name, state
        for key, each in state.items():
            yield from sdk_tasks(each, key)
    elif isinstance(state, list):
        for each in state:
            yield from sdk_tasks(each, name)


TASKS = [
    (path.name, name, state)
    for path in (Path(__file__).parents[2] / "statemachines").glob("*.asl.yaml")
    for name, state in sdk_tasks(yaml_parse(path.read_text()))
]


@pytest.mark.parametrize(("machine", "name", "state"), TASKS, ids=[f"{task[0]}: {task[1]}" for task in TASKS])
def test_a_call_by_the_sdk_is_repeated_after_throttling_faults_and_lost_connections(
    machine: str, name: str, state: dict[str, Any]
) -> None:
    retried = {error for retry in state["Retry"] for error in retry["ErrorEquals"]}
    resource = resource_of(state["Resource"].replace("${Partition}", "aws"))
    passing = {resource.error_name("ThrottlingException"), resource.error_name("InternalFailure")}
    assert retried >= {*passing, resource.client_error, "States.Timeout"}, (machine, name)


def test_there_are_calls_by_the_sdk() -> None:
    assert {name for _, name, _ in TASKS} >= {"ReadStopped", "LookAtHolder"}
