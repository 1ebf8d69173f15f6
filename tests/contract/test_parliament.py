"""A linter that knows IAM's actions, resources and condition keys finds nothing in our policies that is unexplained."""

import json
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.authorization import MANAGEMENT
from tests.support.builders import GOVERNANCE, some_rules
from tests.support.consumers import every_kind, text_of
from tests.support.generated import on_resources
from tests.support.numbers import stated
from tests.support.own_policies import fences
from tests.support.template_policies import ORGANIZATION, deployed_roles

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it imports pkg_resources, which is deprecated
    import parliament

ROOT = Path(__file__).parents[2]
PLACEHOLDERS = {
    "Partition": "aws",
    "GovernanceAccountId": GOVERNANCE,
    "ManagementAccountId": MANAGEMENT,
    "OrganizationId": ORGANIZATION,
    "Prefix": "stagegate",
}

Found = tuple[str, str]
"""What is found, and about what: the actions in question, or the linter's sentence."""

EXPLAINED: dict[Found, str] = {
    (
        "INVALID_ARN",
        "Account expected to be of form like 123456789012",
    ): "AWS's public hub belongs to the account `aws` (its ARN in SageMaker's own model).",
    (
        "MALFORMED",
        "Statement contains neither Resource nor NotResource",
    ): "Trust policies and repository policies have none: they speak of what they are on.",
    (
        "RESOURCE_MISMATCH",
        "bedrock:ListTagsForResource",
    ): "The reference has every kind of resource with tags as required; a request is about one of them.",
    (
        "RESOURCE_MISMATCH",
        "bedrock:InvokeModel",
    ): "Imported models are newer than parliament's copy of the reference; the simulator's has them.",
    (
        "RESOURCE_MISMATCH",
        "organizations:AttachPolicy, organizations:DetachPolicy",
    ): "Both take an account and a policy: this statement has the account, ChangeFences has the policy.",
    (
        "RESOURCE_MISMATCH",
        "states:DescribeExecution",
    ): "The reference takes the execution itself, by an ARN that ends in its name: a * stands for it.",
    (
        "RESOURCE_MISMATCH",
        "sagemaker:CreateModel",
    ): "AWS's guide to cross-account model packages grants it on the package; the reference knows the model only.",
    (
        "RESOURCE_MISMATCH",
        "sagemaker:DeleteResourcePolicy, sagemaker:GetResourcePolicy, sagemaker:PutResourcePolicy",
    ): "The reference lists no resource for them: a question for a live account (docs/live.md).",
    (
        "RESOURCE_POLICY_PRIVILEGE_ESCALATION",
        "s3:PutBucketPolicy",
    ): "Writing the policies of the named buckets is what this role is for; each session can write one of them.",
    (
        "RESOURCE_STAR",
        "organizations:DescribePolicy",
    ): "It reads, and the condition is on the kind of policy; ListPolicies beside it has no resource.",
    (
        "RESOURCE_STAR",
        "ram:AcceptResourceShareInvitation",
    ): "The condition is on whose invitation it is; one can only be addressed to the account itself.",
    (
        "RESOURCE_MISMATCH",
        "sagemaker:ImportHubContent",
    ): "On the content as well as on the hub: the reference lists both now, and parliament's copy the hub alone.",
    (
        "UNKNOWN_ACTION",
        "Unknown action sagemaker:UpdateHubContentReference",
    ): "Newer than parliament's copy of the reference; botocore has it.",
    (
        "UNKNOWN_CONDITION_FOR_ACTION",
        "ram:GetResourceShareInvitations",
    ): "The statement is for two actions, and the condition an IfExists.",
}


def policies() -> Iterator[tuple[str, str]]:
    for generated in on_resources():
        yield generated.name, generated.text
    yield from fences()
    for stage in ("dev", "prod"):
        yield f"consumer policy of {stage}", text_of(some_rules(), stage)
    yield "consumer policy of every kind", text_of(every_kind())
    for role in deployed_roles():
        yield f"role {role.name}", role.policy
        yield f"trust of {role.name}", role.trust
    delegation = (ROOT / "organization" / "delegation-policy.json").read_text()
    for name, value in PLACEHOLDERS.items():
        delegation = delegation.replace(f"${{{name}}}", value)
    yield "delegation", delegation


def findings(text: str) -> set[Found]:
    return {(finding.issue, _about(finding)) for finding in parliament.analyze_policy_string(text).findings}


def _about(finding: Any) -> str:
    detail = finding.detail
    if isinstance(detail, list):
        return ", ".join(sorted({each["action"] if isinstance(each, dict) else each for each in detail}))
    if finding.issue == "UNKNOWN_CONDITION_FOR_ACTION":
        return str(detail).rpartition(" ")[2]
    if finding.issue == "RESOURCE_POLICY_PRIVILEGE_ESCALATION":
        return "s3:PutBucketPolicy" if "s3:PutBucketPolicy" in str(detail) else str(detail)
    return str(detail)


@cache
def everything_found() -> dict[str, set[Found]]:
    return {name: findings(text) for name, text in policies()}


def test_every_finding_is_explained() -> None:
    unexplained = {name: found - set(EXPLAINED) for name, found in everything_found().items()}
    assert {name: found for name, found in unexplained.items() if found} == {}


def test_every_explanation_is_still_needed() -> None:
    assert set().union(*everything_found().values()) == set(EXPLAINED)


def test_the_numbers_page_says_how_many_there_are() -> None:
    assert stated(r"parliament [\d.]+ has (\d+) findings") == (len(EXPLAINED),)


def test_only_what_has_no_resource_lacks_one() -> None:
    without = {name for name, found in everything_found().items() if "MALFORMED" in {issue for issue, _ in found}}
    assert {name.split()[0] for name in without} == {"repository", "trust"}


@pytest.mark.parametrize(
    ("changed", "issue"),
    [
        ({"Action": "s3:GetObjects"}, "UNKNOWN_ACTION"),
        ({"Action": "s3:ListBucket"}, "RESOURCE_MISMATCH"),
        ({"Condition": {"Null": {"aws:PrincipalArn": "*"}}}, "MISMATCHED_TYPE_OPERATION_TO_NULL"),
        ({"Condition": {"StringLike": {"s3:prefix": "x"}}}, "UNKNOWN_CONDITION_FOR_ACTION"),
        ({"Effect": "allow"}, "MALFORMED"),
    ],
)
def test_a_mistake_is_found(changed: dict[str, Any], issue: str) -> None:
    right = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::models/*"}
    assert findings(_policy(right)) == set()
    assert issue in {found for found, _ in findings(_policy({**right, **changed}))}


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
