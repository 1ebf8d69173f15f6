"""The policy simulator answers as the evaluator decides, from the context that it is given and no other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.kernel.wire.transport import client
from tests.support.authorization import CONSUMER, as_role, code_of, document, make_role, may

pytestmark = pytest.mark.usefixtures("guarded")

OBJECT = "arn:aws:s3:::weights/mistral/config.json"
IN_BUCKET_OF = "aws:ResourceAccount"
READ = may("s3:GetObject", f"{OBJECT[:-11]}*", Condition={"StringEquals": {IN_BUCKET_OF: "111122223333"}})


@pytest.fixture
def iam() -> Any:
    return as_role("iam", make_role(CONSUMER, "Simulator", may("iam:Simulate*")))


def simulated(iam: Any, role: str, resource: str = OBJECT, **more: Any) -> dict[str, Any]:
    asked = {"PolicySourceArn": role, "ActionNames": ["s3:GetObject"], "ResourceArns": [resource]}
    (found,) = iam.simulate_principal_policy(**asked, **more)["EvaluationResults"]
    return dict(found)


def entry(value: str) -> list[dict[str, Any]]:
    return [{"ContextKeyName": IN_BUCKET_OF, "ContextKeyValues": [value], "ContextKeyType": "string"}]


def test_a_role_may_what_its_policies_allow_in_the_given_context(iam: Any) -> None:
    role = make_role(CONSUMER, "Reader", READ)
    allowed = simulated(iam, role, ContextEntries=entry("111122223333"))
    assert (allowed["EvalDecision"], allowed["MissingContextValues"]) == ("allowed", [])
    assert allowed["MatchedStatements"][0]["SourcePolicyId"] == "P"
    assert simulated(iam, role, ContextEntries=entry("222233334444"))["EvalDecision"] == "implicitDeny"
    assert simulated(iam, role, "arn:aws:s3:::other/x", ContextEntries=entry("111122223333"))["EvalDecision"] == (
        "implicitDeny"
    )


def test_a_key_that_isnt_given_is_missing(iam: Any) -> None:
    found = simulated(iam, make_role(CONSUMER, "Reader", READ))
    assert (found["EvalDecision"], found["MissingContextValues"]) == ("implicitDeny", [IN_BUCKET_OF])


def test_denies_and_boundaries_are_told_apart(iam: Any) -> None:
    role = make_role(CONSUMER, "Denied", may("s3:*"), may("s3:GetObject", effect="Deny"))
    assert simulated(iam, role)["EvalDecision"] == "explicitDeny"
    free = make_role(CONSUMER, "Free", may("s3:*"))
    limited = simulated(iam, free, PermissionsBoundaryPolicyInputList=[document(may("sqs:*"))])
    assert limited["EvalDecision"] == "implicitDeny"
    assert limited["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    assert simulated(iam, free)["EvalDecision"] == "allowed"


def test_policies_can_be_tried_without_a_role(iam: Any) -> None:
    asked = {"ActionNames": ["s3:GetObject", "s3:PutObject"], "ResourceArns": [OBJECT]}
    found = iam.simulate_custom_policy(PolicyInputList=[document(may("s3:GetObject", OBJECT))], **asked)
    assert [each["EvalDecision"] for each in found["EvaluationResults"]] == ["allowed", "implicitDeny"]


def test_resource_policies_of_roles_are_refused_as_by_aws(iam: Any) -> None:
    role = make_role(CONSUMER, "Reader", READ)
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    assert code_of(simulated, iam=iam, role=role, ResourcePolicy=policy) == "InvalidInput"
    assert code_of(simulated, iam=iam, role=f"{role}-2") in {"NoSuchEntity", "AccessDenied"}


def test_simulating_takes_a_permission(iam: Any) -> None:
    nobody = as_role("iam", make_role(CONSUMER, "Nobody"))
    assert code_of(simulated, iam=nobody, role=make_role(CONSUMER, "Reader", READ)) == "AccessDenied"
    assert client("iam", CONSUMER).get_role(RoleName="Reader")["Role"]["RoleName"] == "Reader"
