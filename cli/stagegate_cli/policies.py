"""The IAM policies of the people who use the command: no more than what it calls for each of them. Pure.

The key of the ledger needs no statement: its policy lets whoever may use the table use the key through DynamoDB
(template.yaml, `UseThroughServices`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Person(StrEnum):
    """Who uses the command."""

    READER = "reader"
    """Looks: status, access, why, history, verify."""
    OPERATOR = "operator"
    """Looks and lets it do something: plan, run, sweep."""
    APPROVER = "approver"
    """Decides, and sees what is asked."""
    DOCTOR = "doctor"
    """Looks whether everything is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the stack is."""

    partition: str
    region: str
    account: str
    prefix: str

    def arn(self, service: str, resource: str) -> str:
        """Return an ARN of the stack's."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


def policy(person: Person, place: Place) -> dict[str, Any]:
    """Return the IAM policy."""
    statements = [*_ledger(place), *_rules(place)]
    if person is Person.APPROVER:
        statements += _deciding(place)
    else:
        statements += [*_looking(place), *_verifying(place)]
    if person is Person.DOCTOR:
        statements += _examining(place)
    if person is Person.OPERATOR:
        statements += _doing(place)
    return {"Version": "2012-10-17", "Statement": statements}


def _statement(
    sid: str, actions: list[str], resources: list[str], condition: Mapping[str, Any] | None = None
) -> Mapping[str, Any]:
    said = {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}
    return {**said, "Condition": condition} if condition else said


def _ledger(place: Place) -> list[Mapping[str, Any]]:
    table = place.arn("dynamodb", f"table/{place.prefix}-ledger")
    return [
        _statement("ReadLedger", ["dynamodb:Query"], [table]),
        _statement("ReadDirectory", ["dynamodb:Scan"], [table, f"{table}/index/subjects"]),
    ]


def _rules(place: Place) -> list[Mapping[str, Any]]:
    """Which layer has the deployed governance.toml, and the layer itself."""
    return [
        _statement(
            "FindDeployedRules",
            ["lambda:GetFunctionConfiguration"],
            [place.arn("lambda", f"function:{place.prefix}-plan")],
        ),
        _statement(
            "ReadDeployedRules", ["lambda:GetLayerVersion"], [place.arn("lambda", f"layer:{place.prefix}-settings:*")]
        ),
    ]


def _looking(place: Place) -> list[Mapping[str, Any]]:
    machines = [f"{place.prefix}-{name}" for name in ("govern", "sweep", "import-model")]
    queues = [place.arn("sqs", f"{place.prefix}-{name}") for name in ("undelivered-events", "failed-records")]
    return [
        _statement(
            "ListExecutions", ["states:ListExecutions"], [place.arn("states", f"stateMachine:{n}") for n in machines]
        ),
        _statement(
            "ReadExecutions", ["states:DescribeExecution"], [place.arn("states", f"execution:{n}:*") for n in machines]
        ),
        _statement("LookIntoQueues", ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"], queues),
        _statement("SeeAlarms", ["cloudwatch:DescribeAlarms"], [place.arn("cloudwatch", "alarm:*")]),
    ]


def _verifying(place: Place) -> list[Mapping[str, Any]]:
    """What was kept as evidence, in a bucket whose name CloudFormation makes of the stack's."""
    bucket = f"arn:{place.partition}:s3:::*-evidence*"
    return [
        _statement(
            "FindEvidence",
            ["lambda:GetFunctionConfiguration"],
            [place.arn("lambda", f"function:{place.prefix}-evidence")],
        ),
        _statement("ListEvidence", ["s3:ListBucketVersions"], [bucket]),
        _statement("ReadEvidence", ["s3:GetObject"], [f"{bucket}/heads/*"]),
    ]


def _doing(place: Place) -> list[Mapping[str, Any]]:
    machines = [f"{place.prefix}-{name}" for name in ("govern", "sweep")]
    return [
        _statement(
            "StartExecutions", ["states:StartExecution"], [place.arn("states", f"stateMachine:{n}") for n in machines]
        ),
        _statement(
            "FollowExecutions",
            ["states:GetExecutionHistory"],
            [place.arn("states", f"execution:{n}:*") for n in machines],
        ),
    ]


def _deciding(place: Place) -> list[Mapping[str, Any]]:
    """A card that is encrypted with a customer key takes that key as well, which its own policy has to allow."""
    from stagegate.approvals.reasons import REASON_TAG  # loaded with the rules, which no --help waits for

    return [
        _statement(
            "DecideOnCards",
            ["sagemaker:DescribeModelCard", "sagemaker:UpdateModelCard"],
            [place.arn("sagemaker", "model-card/*")],
        ),
        _statement(
            "SayWhyOfCards",
            ["sagemaker:AddTags"],
            [place.arn("sagemaker", "model-card/*")],
            {"ForAllValues:StringEquals": {"aws:TagKeys": [REASON_TAG]}},
        ),
        _statement(
            "DecideOnPackages",
            ["sagemaker:DescribeModelPackage", "sagemaker:UpdateModelPackage"],
            [place.arn("sagemaker", "model-package/*")],
        ),
    ]


def _examining(place: Place) -> list[Mapping[str, Any]]:
    topics = [place.arn("sns", f"{place.prefix}-{name}") for name in ("approvers", "operations")]
    table = place.arn("dynamodb", f"table/{place.prefix}-ledger")
    return [
        _statement("SeeStack", ["cloudformation:DescribeStacks"], [place.arn("cloudformation", "stack/*")]),
        _statement("SeeTable", ["dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable"], [table]),
        _statement("SeeKey", ["kms:DescribeKey"], [place.arn("kms", "key/*")]),
        _statement("SeeRules", ["events:DescribeRule"], [place.arn("events", "rule/*")]),
        _statement("SeeWhoHears", ["sns:ListSubscriptionsByTopic"], topics),
        _statement(
            "SeeAccountAndOrganization",
            [
                "cloudtrail:DescribeTrails",
                "cloudtrail:GetTrailStatus",
                "events:ListRuleNamesByTarget",
                "lambda:GetAccountSettings",
                "lambda:ListFunctions",
                "organizations:DescribeOrganization",
                "organizations:DescribeResourcePolicy",
                "organizations:ListAWSServiceAccessForOrganization",
                "organizations:ListAccounts",
                "organizations:ListRoots",
            ],
            ["*"],
        ),
    ]
