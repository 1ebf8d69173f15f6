"""Real clients over HTTP: identified by their keys, authorized, logged; and nothing a client sends gets around that."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.kernel import calls
from sandbox.kernel.callers import PRINCIPAL_HEADER, TOKEN_HEADER
from sandbox.kernel.clock import clock
from sandbox.kernel.identity import root
from sandbox.kernel.wire.transport import client
from tests.support.authorization import (
    CONSUMER,
    OWNER,
    allow,
    code_of,
    make_role,
    may,
    message_of,
    over_http,
)


def credentials_of(role: str, **arguments: Any) -> dict[str, str]:
    account = role.split(":")[4]
    answer = client("sts", account).assume_role(RoleArn=role, RoleSessionName="today", **arguments)
    return dict(answer["Credentials"])


def test_a_call_is_denied_without_the_permission_and_allowed_with_it_and_both_are_logged(server: str) -> None:
    role = make_role(OWNER, "Reader", may("sagemaker:ListModelCardVersions"), path="/app/")
    sagemaker = over_http("sagemaker", server, credentials_of(role))
    session = f"arn:aws:sts::{OWNER}:assumed-role/Reader/today"
    assert message_of(sagemaker.list_model_cards) == (
        f"User: {session} is not authorized to perform: sagemaker:ListModelCards on resource: * "
        "because no identity-based policy allows the sagemaker:ListModelCards action"
    )
    allow(OWNER, "Reader", may("sagemaker:ListModelCards"))
    assert sagemaker.list_model_cards()["ModelCardSummaries"] == []
    logged = [(call.principal_arn, call.service, call.operation, call.error_code) for call in calls.log]
    assert logged == [
        (session, "sagemaker", "ListModelCards", "AccessDeniedException"),
        (session, "sagemaker", "ListModelCards", None),
    ]
    assert all(call.request_id and call.account == OWNER for call in calls.log)


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "code"),
    [
        ("sagemaker", "list_model_cards", {}, "AccessDeniedException"),
        ("ram", "list_resource_types", {}, "AccessDeniedException"),
        ("lambda", "list_functions", {}, "AccessDeniedException"),
        ("sns", "list_topics", {}, "AuthorizationError"),
        ("sqs", "list_queues", {}, "AccessDenied"),
        ("iam", "list_roles", {}, "AccessDenied"),
        ("s3", "list_buckets", {}, "AccessDenied"),
        ("s3", "head_bucket", {"Bucket": "b"}, "403"),
        ("dynamodb", "list_tables", {}, "AccessDeniedException"),
        ("cloudwatch", "describe_alarms", {}, "AccessDenied"),
    ],
)
def test_each_service_denies_in_its_own_words(
    server: str, service: str, operation: str, arguments: dict[str, str], code: str
) -> None:
    made = over_http(service, server, credentials_of(make_role(OWNER, "Nobody")))
    assert code_of(getattr(made, operation), **arguments) == code


def test_the_backend_s_own_errors_are_logged(server: str) -> None:
    role = make_role(OWNER, "Reader", may("sagemaker:DescribeModelCard"))
    sagemaker = over_http("sagemaker", server, credentials_of(role))
    assert code_of(sagemaker.describe_model_card, ModelCardName="nothing") == "ResourceNotFound"
    assert [call.error_code for call in calls.log] == ["ResourceNotFound"]


def test_unknown_missing_and_expired_keys_are_nobody_s(server: str) -> None:
    credentials = credentials_of(make_role(OWNER, "Reader", may("sns:*")), DurationSeconds=900)
    assert code_of(over_http("sns", server, credentials).list_topics) == ""
    unknown = credentials | {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE"}
    assert code_of(over_http("sns", server, unknown).list_topics) == "InvalidClientTokenId"
    clock.advance(901)
    assert code_of(over_http("sns", server, credentials).list_topics) == "ExpiredToken"
    assert len(calls.log) == 1


def test_a_client_cannot_choose_another_account_or_principal(server: str) -> None:
    sns = over_http("sns", server, credentials_of(make_role(OWNER, "Reader", may("sns:*"))))
    client("sns", CONSUMER).create_topic(Name="theirs")

    def forge(request: Any, **_: Any) -> None:
        request.headers["x-moto-account-id"] = CONSUMER
        request.headers[PRINCIPAL_HEADER] = root(CONSUMER).to_json()
        request.headers[TOKEN_HEADER] = "guessed"

    sns.meta.events.register("before-send.sns.*", forge)
    assert sns.list_topics()["Topics"] == []


def test_a_session_policy_takes_away_and_never_gives(server: str) -> None:
    role = make_role(OWNER, "Reader", may(["sns:ListTopics", "sqs:ListQueues"]))
    policy = json.dumps({"Version": "2012-10-17", "Statement": may(["sns:ListTopics", "iam:ListRoles"])})
    credentials = credentials_of(role, Policy=policy)
    assert code_of(over_http("sns", server, credentials).list_topics) == ""
    assert "no session policy allows" in message_of(over_http("sqs", server, credentials).list_queues)
    assert "no identity-based policy" in message_of(over_http("iam", server, credentials).list_roles)


def test_assuming_a_role_of_another_account_needs_both_sides(server: str) -> None:
    here = make_role(OWNER, "Function", may("sts:AssumeRole", f"arn:aws:iam::{CONSUMER}:role/stagegate/*"))
    trusting = {"AWS": f"arn:aws:iam::{OWNER}:root"}
    there = make_role(CONSUMER, "Member", may("sns:ListTopics"), trust=trusting, path="/stagegate/")
    other = make_role(CONSUMER, "Closed", may("sns:ListTopics"), path="/stagegate/")
    sts = over_http("sts", server, credentials_of(here))
    session = sts.assume_role(RoleArn=there, RoleSessionName="change")["Credentials"]
    identity = over_http("sts", server, session).get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{CONSUMER}:assumed-role/Member/change"
    assert code_of(over_http("sns", server, session).list_topics) == ""
    assert "no role trust policy allows" in message_of(sts.assume_role, RoleArn=other, RoleSessionName="change")
    missing = f"arn:aws:iam::{CONSUMER}:role/stagegate/Missing"
    assert code_of(sts.assume_role, RoleArn=missing, RoleSessionName="change") == "AccessDenied"
    allow(OWNER, "Function", may("sns:*"))
    assert "no identity-based policy" in message_of(sts.assume_role, RoleArn=there, RoleSessionName="change")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"Policy": "{" + " " * 2048 + "}"}, "ValidationError"),
        ({"Policy": '{"Statement": [{"Effect": "Allow"}]}'}, "MalformedPolicyDocument"),
        ({"RoleSessionName": "not/valid"}, "ValidationError"),
    ],
)
def test_a_session_that_sts_refuses(server: str, arguments: dict[str, str], code: str) -> None:
    role = make_role(OWNER, "Function", may("sts:AssumeRole"))
    sts = over_http("sts", server, credentials_of(role))
    assert code_of(sts.assume_role, **({"RoleArn": role, "RoleSessionName": "ok"} | arguments)) == code


def test_what_nobody_has_written_down_is_refused_by_name(server: str) -> None:
    made = over_http("sagemaker", server, credentials_of(make_role(OWNER, "Admin", may("*"))))
    assert code_of(made.list_pipelines) == "NotMapped"
    assert "sagemaker ListPipelines" in message_of(made.list_pipelines)


def test_a_policy_that_cannot_be_evaluated_is_an_error_that_names_it(server: str) -> None:
    condition = {"StringEquals": {"aws:UserAgent": "curl"}}
    made = over_http("sns", server, credentials_of(make_role(OWNER, "Odd", may("sns:*", Condition=condition))))
    assert code_of(made.list_topics) == "UnknownConditionKey"
    assert "aws:UserAgent" in message_of(made.list_topics)
