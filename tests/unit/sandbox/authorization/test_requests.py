"""The tables that say what a call needs: every operation exists, our services are covered, each shape is right."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest

from sandbox.authorization import NotMapped
from sandbox.authorization.accesses import Access, Call
from sandbox.authorization.registry import registry
from sandbox.services import authorizations
from sandbox.services.organizations.responses import OrganizationsResponse
from sandbox.services.ram.responses import RamResponse
from sandbox.services.sagemaker.responses import SageMakerResponse

HERE = "111122223333"

authorizations.register()
APIS = registry.apis


def needed(service: str, operation: str, **parameters: Any) -> list[Access]:
    return registry.accesses(Call(service, operation, parameters, HERE, "us-east-1"))


@pytest.mark.parametrize("service", APIS)
def test_every_row_is_an_operation_of_its_service(service: str) -> None:
    model = botocore.session.get_session().get_service_model(service)
    assert set(APIS[service].rows) <= set(model.operation_names)


@pytest.mark.parametrize("response", [SageMakerResponse, RamResponse, OrganizationsResponse])
def test_every_operation_that_the_sandbox_brings_itself_has_a_row(response: Any) -> None:
    assert set(response.operations) <= set(APIS[response.service].rows)


def test_an_operation_without_a_row_is_an_error_that_names_it() -> None:
    with pytest.raises(NotMapped, match="sagemaker CreatePipeline"):
        needed("sagemaker", "CreatePipeline")
    with pytest.raises(NotMapped, match="glue GetJob"):
        needed("glue", "GetJob")


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    [
        (
            "dynamodb",
            "Query",
            {"TableName": "t", "IndexName": "i"},
            [("dynamodb:Query", f"arn:aws:dynamodb:us-east-1:{HERE}:table/t/index/i")],
        ),
        (
            "sqs",
            "SendMessageBatch",
            {"QueueUrl": f"http://127.0.0.1:4566/{HERE}/q"},
            [("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{HERE}:q")],
        ),
        (
            "s3",
            "HeadObject",
            {"Bucket": "b", "Key": "a/b", "VersionId": "1"},
            [("s3:GetObjectVersion", "arn:aws:s3:::b/a/b")],
        ),
        (
            "lambda",
            "Invoke",
            {"FunctionName": "f", "Qualifier": "live"},
            [("lambda:InvokeFunction", f"arn:aws:lambda:us-east-1:{HERE}:function:f:live")],
        ),
        (
            "logs",
            "PutLogEvents",
            {"logGroupName": "/aws/lambda/f", "logStreamName": "s"},
            [("logs:PutLogEvents", f"arn:aws:logs:us-east-1:{HERE}:log-group:/aws/lambda/f:log-stream:s")],
        ),
        (
            "events",
            "DescribeRule",
            {"Name": "r", "EventBusName": "members"},
            [("events:DescribeRule", f"arn:aws:events:us-east-1:{HERE}:rule/members/r")],
        ),
        (
            "stepfunctions",
            "StartExecution",
            {"stateMachineArn": f"arn:aws:states:us-east-1:{HERE}:stateMachine:govern"},
            [("states:StartExecution", f"arn:aws:states:us-east-1:{HERE}:stateMachine:govern")],
        ),
        ("sts", "GetCallerIdentity", {}, []),
        ("sns", "Publish", {"PhoneNumber": "+1"}, [("sns:Publish", "*")]),
    ],
)
def test_actions_and_resources(
    service: str, operation: str, parameters: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    found = needed(service, operation, **parameters)
    assert [(access.action, access.resource) for access in found] == expected


def test_putting_events_carries_source_and_detail_type_of_each_entry() -> None:
    entries = [{"Source": "us.test", "DetailType": "A"}, {"Source": "us.other", "DetailType": "B", "EventBusName": "m"}]
    first, second = needed("events", "PutEvents", Entries=entries)
    assert first.resource.endswith("event-bus/default")
    assert first.context == {"events:source": ("us.test",), "events:detail-type": ("A",)}
    assert second.resource.endswith("event-bus/m")


def test_assuming_with_tags_is_not_supported() -> None:
    with pytest.raises(NotMapped, match="AssumeRole with Tags"):
        needed("sts", "AssumeRole", RoleArn=f"arn:aws:iam::{HERE}:role/R", RoleSessionName="s", Tags=[{"Key": "a"}])


def test_a_new_grant_is_judged_by_the_encryption_context_that_it_asks_for() -> None:
    (access,) = needed(
        "kms",
        "CreateGrant",
        KeyId=f"arn:aws:kms:us-east-1:{HERE}:key/k",
        GranteePrincipal=f"arn:aws:iam::{HERE}:root",
        Operations=["Decrypt"],
        Constraints={"EncryptionContextSubset": {"team": "churn"}},
    )
    assert access.context["kms:GrantConstraintType"] == ("EncryptionContextSubset",)
    assert access.context["kms:EncryptionContext:team"] == ("churn",)
    assert access.context["kms:EncryptionContextKeys"] == ("team",)
