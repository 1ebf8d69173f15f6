"""Roles, policies and clients for tests of authorization."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.kernel import identity
from sandbox.kernel.wire.transport import client

MANAGEMENT, OWNER, CONSUMER, OUTSIDER = "999900001111", "111122223333", "222233334444", "888800001111"


def make_role(account: str, name: str, *statements: dict[str, Any], trust: Any = None, path: str = "/") -> str:
    """A role of `account` with one inline policy, that its own account may assume; returns its ARN."""
    iam = client("iam", account)
    principal = trust or {"AWS": f"arn:aws:iam::{account}:root"}
    trusting = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    made = iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=document(trusting))
    allow(account, name, *statements)
    return str(made["Role"]["Arn"])


def allow(account: str, role: str, *statements: dict[str, Any]) -> None:
    """Replace the role's policy."""
    if statements:
        client("iam", account).put_role_policy(RoleName=role, PolicyName="P", PolicyDocument=document(*statements))


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def may(action: str | list[str], resource: str | list[str] = "*", effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def over_http(service: str, server: str, credentials: dict[str, str]) -> Any:
    """An ordinary boto3 client."""
    make: Any = boto3.client  # its overloads want the service spelt out
    return make(
        service,
        region_name="us-east-1",
        endpoint_url=server,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        config=Config(retries={"total_max_attempts": 1}),
    )


def code_of(call: Callable[..., Any], **arguments: Any) -> str:
    """The error code of a call, empty when it succeeded."""
    try:
        call(**arguments)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def message_of(call: Callable[..., Any], **arguments: Any) -> str:
    """The error message of a call that must fail."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return str(caught.value.response["Error"]["Message"])


def as_role(service: str, role: str) -> Any:
    """An in-process client of a session of `role`."""
    return client(service, role.split(":")[4], identity.session(role, "today"))
