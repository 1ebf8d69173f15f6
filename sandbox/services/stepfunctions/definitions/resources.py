"""The resources a Task state may name, and how Step Functions spells what they take, answer and fail with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from botocore.exceptions import UnknownServiceError
from botocore.model import OperationModel, ServiceModel, Shape

from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire.models import service_model

_OPTIMIZED: dict[tuple[str, str], tuple[str, str]] = {
    ("lambda", "invoke"): ("lambda", "Invoke"),
    ("sns", "publish"): ("sns", "Publish"),
    ("sqs", "sendMessage"): ("sqs", "SendMessage"),
    ("events", "putEvents"): ("events", "PutEvents"),
    ("dynamodb", "getItem"): ("dynamodb", "GetItem"),
    ("dynamodb", "putItem"): ("dynamodb", "PutItem"),
    ("dynamodb", "updateItem"): ("dynamodb", "UpdateItem"),
    ("dynamodb", "deleteItem"): ("dynamodb", "DeleteItem"),
    ("states", "startExecution"): ("stepfunctions", "StartExecution"),
}
# What the older SDK for Java calls a service's errors that it has no class of its own for.
_OPTIMIZED_BASES = {
    "lambda": "AWSLambdaException",
    "sns": "AmazonSNSException",
    "sqs": "AmazonSQSException",
    "events": "AmazonEventBridgeException",
    "dynamodb": "AmazonDynamoDBException",
    "states": "AWSStepFunctionsException",
}
# Errors that are modelled since, without a class there: on-demand throttling arrives as AmazonDynamoDBException.
_WITHOUT_A_CLASS = {"dynamodb": frozenset({"ReplicatedWriteConflictException", "ThrottlingException"})}
# Error prefixes: the optimized integrations have their own, the SDK ones are the SDK for Java's class names.
# https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
_OPTIMIZED_PREFIXES = {
    "lambda": "Lambda",
    "sns": "SNS",
    "sqs": "SQS",
    "events": "EventBridge",
    "dynamodb": "DynamoDB",
    "states": "StepFunctions",
}
_SDK_SERVICES: dict[str, tuple[str, str]] = {
    "cloudwatch": ("cloudwatch", "CloudWatch"),
    "cloudwatchlogs": ("logs", "CloudWatchLogs"),
    "dynamodb": ("dynamodb", "DynamoDb"),
    "ecr": ("ecr", "Ecr"),
    "eventbridge": ("events", "EventBridge"),
    "iam": ("iam", "Iam"),
    "kms": ("kms", "Kms"),
    "lambda": ("lambda", "Lambda"),
    "organizations": ("organizations", "Organizations"),
    "ram": ("ram", "Ram"),
    "s3": ("s3", "S3"),
    "sagemaker": ("sagemaker", "SageMaker"),
    "sfn": ("stepfunctions", "Sfn"),
    "sns": ("sns", "Sns"),
    "sqs": ("sqs", "Sqs"),
    "ssm": ("ssm", "Ssm"),
    "sts": ("sts", "Sts"),
}


class UnsupportedResourceError(ValueError):
    """A Task's Resource that the sandbox doesn't run."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One integration. `resource_type` and `action` are as history shows them, `error_prefix` as errors begin."""

    service: str
    operation: str
    resource_type: str
    action: str
    error_prefix: str
    optimized: bool

    @property
    def model(self) -> OperationModel:
        """botocore's model of the API operation behind it."""
        return _service(self.service).operation_model(self.operation)

    def error_name(self, code: str) -> str:
        """An API error as `ErrorEquals` knows it: the prefix, and the exception's class in the SDK behind it.

        The optimized integrations have the classes of the older SDK for Java, the SDK ones those of the newer. Both
        have a general one for what the operation's model doesn't list.
        """
        modelled = {shape.metadata.get("error", {}).get("code", shape.name): shape.name for shape in self._errors}
        if code not in modelled:
            general = _OPTIMIZED_BASES[self.resource_type] if self.optimized else f"{self.error_prefix}Exception"
            return f"{self.error_prefix}.{general}"
        name = modelled[code]
        return f"{self.error_prefix}.{name}" + ("" if name.endswith("Exception") else "Exception")

    @property
    def client_error(self) -> str:
        """The name of what goes wrong before there is an answer: a connection that is lost, a name that isn't known."""
        return f"{self.error_prefix}.SdkClientException"

    @property
    def _errors(self) -> list[Shape]:
        missing = _WITHOUT_A_CLASS.get(self.service, frozenset()) if self.optimized else frozenset()
        return [shape for shape in self.model.error_shapes if shape.name not in missing]


@lru_cache(maxsize=256)
def resource_of(arn: str) -> Resource:
    """The integration that a Task's `Resource` names."""
    match = re.match(rf"^arn:{PARTITION}:states:::(?:(aws-sdk):)?([a-z0-9]+):([A-Za-z0-9]+)$", arn)
    if match is None:
        raise UnsupportedResourceError(f"unsupported Resource {arn!r}")
    sdk, service, action = match.groups()
    if sdk is None:
        if (service, action) not in _OPTIMIZED:
            raise UnsupportedResourceError(f"unsupported Resource {arn!r}")
        boto_service, operation = _OPTIMIZED[service, action]
        return Resource(boto_service, operation, service, action, _OPTIMIZED_PREFIXES[service], optimized=True)
    if service not in _SDK_SERVICES:
        raise UnsupportedResourceError(f"unsupported service in Resource {arn!r}")
    boto_service, prefix = _SDK_SERVICES[service]
    operation = action[0].upper() + action[1:]
    if operation not in _service(boto_service).operation_names:
        raise UnsupportedResourceError(f"no such API action in Resource {arn!r}")
    return Resource(boto_service, operation, f"aws-sdk:{service}", action, prefix, optimized=False)


def _service(name: str) -> ServiceModel:
    try:
        return service_model(name)
    except UnknownServiceError as error:
        raise UnsupportedResourceError(str(error)) from error
