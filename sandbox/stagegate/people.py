"""The roles that people use in the sandbox: real IAM roles, with what such people are given in practice."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any

from sandbox.kernel.identity import Principal, registry, session
from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire.transport import client
from sandbox.services.iam.aws_managed import provide
from sandbox.stagegate.members import GOVERNANCE, Role

_CARDS = f"arn:{PARTITION}:sagemaker:*:{GOVERNANCE}:model-card/*"
_READ = [
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricStatistics",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "events:Describe*",
    "events:List*",
    "kms:Decrypt",
    "lambda:Get*",
    "lambda:List*",
    "logs:Describe*",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "organizations:Describe*",
    "organizations:List*",
    "ram:Get*",
    "ram:List*",
    "s3:GetObject",
    "s3:ListBucketVersions",
    "sns:GetTopicAttributes",
    "sns:ListTopics",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ListQueues",
    "sqs:ReceiveMessage",
    "states:Describe*",
    "states:GetExecutionHistory",
    "states:List*",
    "tag:GetResources",
]
# What an encrypted card takes beside the card itself: which card it is, only its key's policy and grants may decide.
_DECRYPT = ["kms:Decrypt", "kms:GenerateDataKey"]
# All that deploying a package takes: which package it is, only the policies of what it is made of may decide. This is
# wider than what `make consumer-policy` prints, so that these have to; a role with that alone is in
# tests/integration/runs/test_consumer_policy.py.
_DEPLOY = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "kms:Decrypt",
    "kms:DescribeKey",
    "s3:GetBucketLocation",
    "s3:GetObject",
    "s3:ListBucket",
    "sagemaker:CreateModel",
    "sagemaker:DescribeModelPackage",
    "sagemaker:DescribeModelPackageGroup",
    "sagemaker:ListModelPackages",
]
# Hubs by ARN, whether the account's own, shared or AWS's: which of them, only shares and guardrails may decide.
_HUBS = ["sagemaker:DeployHubModel", "sagemaker:DescribeHub*", "sagemaker:ListHub*"]
_STATEMENTS: dict[str, list[dict[str, Any]]] = {
    "owner": [
        {"Action": ["sagemaker:*ModelCard*", "sagemaker:AddTags", "sagemaker:ListTags", "sagemaker:DeleteTags"]},
        {"Action": ["sagemaker:*ModelPackage*"]},
        {"Action": ["states:StartExecution", "states:StopExecution", *_READ]},
        {"Action": _DECRYPT},
    ],
    "approver": [
        {
            "Action": ["sagemaker:DescribeModelCard", "sagemaker:UpdateModelCard", "sagemaker:ListModelCardVersions"],
            "Resource": _CARDS,
        },
        {"Action": ["sagemaker:ListModelCards"]},
        {"Action": ["sagemaker:AddTags"], "Resource": _CARDS},
        {"Action": ["sagemaker:DescribeModelPackage", "sagemaker:UpdateModelPackage", "sagemaker:ListModelPackages"]},
        # What is asked, and by which rules, as `stagegate policy approver` has it.
        {"Action": ["dynamodb:Query", "dynamodb:Scan", "lambda:GetFunctionConfiguration", "lambda:GetLayerVersion"]},
        {"Action": _DECRYPT},
    ],
    # Describe and update, in every stage: what keeps a stage from writing has to be Stagegate's fence, not this policy.
    "user": [
        {
            "Action": ["sagemaker:DescribeModelCard", "sagemaker:UpdateModelCard", "sagemaker:ListModelCardVersions"],
            "Resource": _CARDS,
        },
        {"Action": ["ram:GetResourceShareInvitations", "ram:GetResourceShares", "ram:ListResources"]},
        {"Action": ["ram:AcceptResourceShareInvitation", "ram:RejectResourceShareInvitation"]},
        {"Action": [*_DEPLOY, *_HUBS]},
        # Registering, and more than that: what keeps a stage from approving has to be the group's policy.
        {"Action": ["sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage"]},
        {"Action": _DECRYPT},
    ],
}
_ADMINISTRATOR = f"arn:{PARTITION}:iam::aws:policy/AdministratorAccess"


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key that stands for a session of a role."""

    access_key_id: str
    secret_access_key: str
    session_token: str
    principal: Principal


def create(role: Role) -> None:
    """Make the role, which its own account may assume. One of that name that somebody has made stays as it is."""
    iam = client("iam", role.account)
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:{PARTITION}:iam::{role.account}:root"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    try:
        iam.create_role(RoleName=role.name, Path=role.path, AssumeRolePolicyDocument=json.dumps(trust))
    except iam.exceptions.EntityAlreadyExistsException:
        return
    if role.kind == "administrator":
        provide(role.account, _ADMINISTRATOR)
        iam.attach_role_policy(RoleName=role.name, PolicyArn=_ADMINISTRATOR)
        return
    statements = [{"Effect": "Allow", "Resource": "*", **statement} for statement in _STATEMENTS[role.kind]]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_role_policy(RoleName=role.name, PolicyName=role.kind, PolicyDocument=document)


def sign_in(role: Role, session_name: str) -> Credentials:
    """Lasting credentials of a session of the role, known to the sandbox's authorization."""
    principal = session(role.arn, session_name)
    key = f"ASIA{secrets.token_hex(8).upper()}"
    registry.register(key, principal)
    return Credentials(key, secrets.token_urlsafe(30), secrets.token_urlsafe(60), principal)
