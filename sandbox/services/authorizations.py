"""What authorization is told of every service."""

from __future__ import annotations

from sandbox.authorization.registry import registry
from sandbox.services.bedrock import authorization as bedrock
from sandbox.services.bedrock_runtime import authorization as bedrock_runtime
from sandbox.services.cloudformation import authorization as cloudformation
from sandbox.services.cloudwatch import authorization as cloudwatch
from sandbox.services.dynamodb import authorization as dynamodb
from sandbox.services.ecr import authorization as ecr
from sandbox.services.events import authorization as events
from sandbox.services.iam import authorization as iam
from sandbox.services.kms import authorization as kms
from sandbox.services.lambda_ import authorization as lambda_
from sandbox.services.logs import authorization as logs
from sandbox.services.organizations import authorization as organizations
from sandbox.services.ram import authorization as ram
from sandbox.services.s3 import authorization as s3
from sandbox.services.sagemaker import authorization as sagemaker
from sandbox.services.sns import authorization as sns
from sandbox.services.sqs import authorization as sqs
from sandbox.services.stepfunctions import authorization as stepfunctions
from sandbox.services.sts import authorization as sts

_ALL = (
    bedrock,
    bedrock_runtime,
    cloudformation,
    cloudwatch,
    dynamodb,
    ecr,
    events,
    iam,
    kms,
    lambda_,
    logs,
    organizations,
    ram,
    s3,
    sagemaker,
    sns,
    sqs,
    stepfunctions,
    sts,
)


def register() -> None:
    """Register them all. Calling it again changes nothing; nothing has to be stored anywhere yet."""
    for service in _ALL:
        service.register(registry)
