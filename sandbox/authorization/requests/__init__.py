"""API operation -> the IAM actions, resources and condition context it needs, one table per service."""

from __future__ import annotations

from sandbox.authorization.evaluator.errors import NotMapped
from sandbox.authorization.requests import (
    bedrock,
    compute,
    dynamodb,
    iam,
    messaging,
    operations,
    organizations,
    ram,
    sagemaker,
    storage,
)
from sandbox.authorization.requests.mapping import Access, Call, Row

__all__ = ["TABLES", "Access", "Call", "accesses"]

TABLES: dict[str, dict[str, Row]] = {
    "bedrock": bedrock.BEDROCK,
    "bedrock-runtime": bedrock.BEDROCK_RUNTIME,
    "cloudformation": operations.CLOUDFORMATION,
    "cloudwatch": operations.CLOUDWATCH,
    "dynamodb": dynamodb.ROWS,
    "ecr": storage.ECR,
    "events": operations.EVENTS,
    "iam": iam.IAM,
    "kms": storage.KMS,
    "lambda": compute.LAMBDA,
    "logs": operations.LOGS,
    "organizations": organizations.ROWS,
    "ram": ram.ROWS,
    "s3": storage.S3,
    "sagemaker": sagemaker.ROWS,
    "sns": messaging.SNS,
    "sqs": messaging.SQS,
    "stepfunctions": compute.STATES,
    "sts": iam.STS,
}
"""botocore's service name -> operation -> row."""


def accesses(call: Call) -> list[Access]:
    """Everything that has to be allowed for `call`. Raises NotMapped for an operation without a row."""
    row = TABLES.get(call.service, {}).get(call.operation)
    if row is None:
        raise NotMapped(f"{call.service} {call.operation} is not authorized by any table of this sandbox")
    return row(call)
