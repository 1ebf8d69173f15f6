"""Calls that fail by plan: each error as botocore raises it, and a call whose answer nobody gets."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from sandbox.kernel.identity import session
from sandbox.kernel.wire.failures import LOST_ANSWER, Failures, failures
from sandbox.kernel.wire.transport import client
from sandbox.stagegate.endpoint import FAILURES, Endpoint
from tests.sandbox.services.conftest import ACCOUNT, OTHER

AsRole = Callable[..., Any]


@pytest.fixture
def as_role(admin: Any, make_role: Callable[..., str]) -> AsRole:
    """`as_role(service)`: a client of a role that may do anything. Only the calls of principals fail by plan."""
    principals = {
        account: session(make_role("anybody", "lambda.amazonaws.com", {"Action": "*"}, account=account), "test")
        for account in (ACCOUNT, OTHER)
    }
    return lambda service, account=ACCOUNT: client(service, account, principals[account])


@pytest.mark.parametrize(
    ("service", "method", "error", "code", "status"),
    [
        ("bedrock", "list_model_import_jobs", "InternalServerException", "InternalServerException", 500),
        ("dynamodb", "list_tables", "InternalServerError", "InternalServerError", 500),
        ("dynamodb", "list_tables", "ThrottlingException", "ThrottlingException", 400),
        ("iam", "list_policies", "ServiceFailureException", "ServiceFailure", 500),
        ("iam", "list_policies", "Throttling", "Throttling", 400),
        ("kms", "list_keys", "DependencyTimeoutException", "DependencyTimeoutException", 500),
        ("ram", "get_resource_shares", "ServiceUnavailableException", "ServiceUnavailableException", 503),
        ("s3", "list_buckets", "SlowDown", "SlowDown", 503),
        ("sagemaker", "list_model_cards", "InternalFailure", "InternalFailure", 500),
        ("sns", "list_topics", "InternalErrorException", "InternalError", 500),
        ("stepfunctions", "list_state_machines", "InvalidToken", "InvalidToken", 400),
        ("sts", "get_caller_identity", "ServiceUnavailable", "ServiceUnavailable", 503),
    ],
)
def test_an_error_arrives_with_its_code_and_its_status(
    as_role: AsRole, service: str, method: str, error: str, code: str, status: int
) -> None:
    called = as_role(service)
    failures.plan(service, called.meta.method_to_api_mapping[method], error)
    request = {"resourceOwner": "SELF"} if service == "ram" else {}
    with pytest.raises(ClientError) as caught:
        getattr(called, method)(**request)
    answer: Any = caught.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    getattr(called, method)(**request)


@pytest.mark.parametrize("error", ["InternalErrorException", LOST_ANSWER])
@pytest.mark.parametrize(("moment", "topics"), [("before", 0), ("after", 1)])
def test_a_call_has_an_effect_or_none_as_was_planned(
    as_role: AsRole, admin: Any, error: str, moment: Any, topics: int
) -> None:
    failures.plan("sns", "CreateTopic", error, moment=moment)
    with pytest.raises(ConnectionClosedError if error == LOST_ANSWER else ClientError):
        as_role("sns").create_topic(Name="t")
    assert len(admin("sns").list_topics()["Topics"]) == topics


def test_so_many_calls_fail_and_only_in_that_account(as_role: AsRole) -> None:
    failures.plan("sns", "ListTopics", "InternalError", times=2, account=OTHER)
    as_role("sns").list_topics()
    for _ in range(2):
        with pytest.raises(ClientError, match="InternalError"):
            as_role("sns", OTHER).list_topics()
    as_role("sns", OTHER).list_topics()
    assert failures.left == 0


@pytest.mark.parametrize(
    ("service", "operation", "error", "found"),
    [
        ("snss", "Publish", "InternalError", "service: found 'snss'; allowed: .*, sns, "),
        ("sns", "publish", "InternalError", "operation: found 'publish'; allowed for sns: .*, Publish, "),
        (
            "sns",
            "Publish",
            "Broken",
            "error: found 'Broken'; allowed for sns Publish: .*, InternalError, ",
        ),
    ],
)
def test_what_aws_does_not_have_is_refused_and_what_it_has_is_named(
    service: str, operation: str, error: str, found: str
) -> None:
    with pytest.raises(ValueError, match=found):
        Failures().plan(service, operation, error)


@pytest.fixture
def endpoint(admin: Any) -> Iterator[str]:
    running = Endpoint(0, failures.plan)
    yield running.url
    running.stop()


def post(url: str, content: str, kind: str = "application/json") -> tuple[int, Any]:
    request = urllib.request.Request(url + FAILURES, content.encode(), {"Content-Type": kind})  # noqa: S310  loopback
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def test_over_http_a_lost_answer_is_a_closed_connection(endpoint: str, admin: Any, make_role: AsRole) -> None:
    principal = make_role("anybody", f"arn:aws:iam::{ACCOUNT}:root", {"Action": "*"})
    keys = admin("sts").assume_role(RoleArn=principal, RoleSessionName="test")["Credentials"]
    sns = boto3.client(
        "sns",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
        config=Config(retries={"total_max_attempts": 1}),
    )
    planned = {"service": "sns", "operation": "CreateTopic", "error": LOST_ANSWER, "moment": "after", "times": 1}
    assert post(endpoint, json.dumps(planned)) == (200, {})
    with pytest.raises(ConnectionClosedError):
        sns.create_topic(Name="t")
    assert len(sns.list_topics()["Topics"]) == 1


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("[]", "allowed: a JSON object"),
        ("{", "Expecting"),
        ('{"service": "sns", "operation": "Publish"}', "error: is missing"),
        ('{"service": "sns", "operation": "Publish", "error": "X"}', "error: found 'X'; allowed"),
        ('{"service": "sns", "operation": "Publish", "error": "InternalError", "times": true}', "times: found True"),
        ('{"service": "sns", "operation": "Publish", "error": "InternalError", "times": 0}', "times: found 0"),
        ('{"service": "sns", "operation": "Publish", "error": "InternalError", "moment": "x"}', "moment: found 'x'"),
        ('{"service": "sns", "operation": "Publish", "error": "InternalError", "when": 1}', "when: found 1; allowed"),
    ],
)
def test_what_is_posted_and_not_understood_is_told(endpoint: str, content: str, found: str) -> None:
    status, answer = post(endpoint, content)
    assert status == 400
    assert found in answer["error"]
    assert failures.left == 0


def test_a_page_in_a_browser_can_plan_nothing(endpoint: str) -> None:
    planned = '{"service": "sns", "operation": "Publish", "error": "InternalError"}'
    assert post(endpoint, planned, "text/plain")[0] == 405
    assert failures.left == 0
