"""Studio domains with users, as they are found in an account: made by the administrator, for tests and demos."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire.transport import client

CANVAS: tuple[Mapping[str, Any], ...] = (
    {
        "Action": [
            "sagemaker:AddTags",
            "sagemaker:CreateEndpoint",
            "sagemaker:CreateEndpointConfig",
            "sagemaker:CreateModel",
            "sagemaker:DeployHubModel",
            "sagemaker:Describe*",
            "sagemaker:List*",
        ]
    },
    {"Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]},
    {"Action": ["s3:GetObject", "s3:ListBucket"]},
    {
        "Action": "iam:PassRole",
        "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
    },
)
"""What a Canvas user's role may do where nobody has put up a guardrail; without Effect and Resource, which are all."""


@dataclass(frozen=True, slots=True)
class Studio:
    """A domain. `roles` has the execution role's ARN of each user, of the domain's default under the empty name."""

    domain_id: str
    domain_arn: str
    roles: Mapping[str, str]


def build(
    account: str,
    name: str,
    users: Iterable[str],
    statements: Iterable[Mapping[str, Any]] = CANVAS,
    *,
    without_role: Iterable[str] = (),
) -> Studio:
    """A domain called `name` whose Canvas deploys directly, with a user profile and an execution role for each user.

    The users in `without_role` have no settings of their own: they work with the domain's. The roles are called
    `<name>`, and `<name>-<user>`; SageMaker and their own account may assume them.
    """
    sagemaker, allowed = client("sagemaker", account), list(statements)
    roles = {"": _role(account, name, allowed)}
    canvas = {"DirectDeploySettings": {"Status": "ENABLED"}}
    made = sagemaker.create_domain(
        DomainName=name,
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": roles[""], "CanvasAppSettings": canvas},
    )
    for user in users:
        roles[user] = _role(account, f"{name}-{user}", allowed)
        settings = {"ExecutionRole": roles[user], "CanvasAppSettings": canvas}
        sagemaker.create_user_profile(DomainId=made["DomainId"], UserProfileName=user, UserSettings=settings)
    for user in without_role:
        sagemaker.create_user_profile(DomainId=made["DomainId"], UserProfileName=user)
    return Studio(made["DomainId"], made["DomainArn"], roles)


def _role(account: str, name: str, statements: Iterable[Mapping[str, Any]]) -> str:
    iam = client("iam", account)
    trusted = {"Service": "sagemaker.amazonaws.com", "AWS": f"arn:{PARTITION}:iam::{account}:root"}
    trust = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))
    allowed = [{"Effect": "Allow", "Resource": "*", **statement} for statement in statements]
    iam.put_role_policy(RoleName=name, PolicyName="canvas", PolicyDocument=_document(*allowed))
    return str(made["Role"]["Arn"])


def _document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
