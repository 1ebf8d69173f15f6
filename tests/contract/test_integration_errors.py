"""How Step Functions names the errors of its integrations: the sandbox does it as AWS was seen to."""

import pytest

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
