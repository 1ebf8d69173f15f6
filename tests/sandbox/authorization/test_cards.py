"""Who may do what with a card: shares, fences, tags, and what changing them needs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.authorization import authorize
from sandbox.kernel import calls, identity
from sandbox.kernel.clock import clock
from sandbox.kernel.identity import caller
from sandbox.kernel.wire.transport import client
from sandbox.services import organizations
from sandbox.services.ram.authorization import allowed_actions
from sandbox.services.sagemaker.cards import cards
from sandbox.services.sagemaker.responses import SageMakerResponse
from tests.support.authorization import (
    CONSUMER,
    MANAGEMENT,
    OWNER,
    allow,
    as_role,
    code_of,
    document,
    make_role,
    may,
    message_of,
)

CONTENT = json.dumps({"intended_uses": {"risk_rating": "High"}})
CARD = f"arn:aws:sagemaker:us-east-1:{OWNER}:model-card/churn"
PERMISSION = "arn:aws:ram::aws:permission/AWSRAMPermissionSageMakerModelCards"
BOTH_ARNS = [CARD, f"{CARD}/*"]


@pytest.fixture
def card() -> str:
    made = client("sagemaker", OWNER).create_model_card(
        ModelCardName="churn", Content=CONTENT, ModelCardStatus="Draft", Tags=[{"Key": "team", "Value": "risk"}]
    )
    return str(made["ModelCardArn"])


def share(card: str) -> str:
    """Share the card with the consumer's account, as the administrator, and let it settle."""

    made = client("ram", OWNER).create_resource_share(
        name="dev",
        resourceArns=[card],
        principals=[CONSUMER],
        permissionArns=[PERMISSION],
        allowExternalPrincipals=False,
    )
    clock.advance(60)
    return str(made["resourceShare"]["resourceShareArn"])


# Cards through RAM


def test_a_shared_card_needs_the_share_and_the_consumer_s_own_permission(card: str) -> None:
    reader = as_role("sagemaker", make_role(CONSUMER, "Scientist", may("sagemaker:DescribeModelCard", BOTH_ARNS)))
    stranger = as_role("sagemaker", make_role(CONSUMER, "Intern", may("sns:*")))
    assert "no resource-based policy allows" in message_of(reader.describe_model_card, ModelCardName=card)
    share_arn = share(card)
    assert reader.describe_model_card(ModelCardName=card)["ModelCardName"] == "churn"
    assert "no identity-based policy allows" in message_of(stranger.describe_model_card, ModelCardName=card)
    assert code_of(reader.update_model_card, ModelCardName=card, ModelCardStatus="Approved") == "AccessDeniedException"
    client("ram", OWNER).disassociate_resource_share(resourceShareArn=share_arn, resourceArns=[card])

    clock.advance(60)
    assert "no resource-based policy allows" in message_of(reader.describe_model_card, ModelCardName=card)


def test_a_share_gives_its_permission_s_actions_and_no_others(card: str) -> None:
    share(card)
    role = make_role(CONSUMER, "Admin", may("sagemaker:*"))
    assert allowed_actions(card, CONSUMER, "us-east-1") == {
        "sagemaker:DescribeModelCard",
        "sagemaker:ListModelCardVersions",
        "sagemaker:UpdateModelCard",
    }
    principal = identity.session(role, "s")
    assert authorize(principal, "sagemaker:UpdateModelCard", [card], {}).allowed
    assert not authorize(principal, "sagemaker:DeleteModelCard", [card], {}).allowed


def test_an_scp_is_a_fence_for_every_role_of_the_account_and_for_no_other_account(card: str) -> None:
    share(card)
    admin = as_role("sagemaker", make_role(CONSUMER, "Admin", may("*")))
    owner = as_role("sagemaker", make_role(OWNER, "Admin", may("*")))
    assert code_of(admin.update_model_card, ModelCardName=card, ModelCardStatus="PendingReview") == ""
    fence = document(may("sagemaker:UpdateModelCard", f"arn:aws:sagemaker:*:{OWNER}:model-card/*", "Deny"))
    scp = client("organizations", MANAGEMENT).create_policy(
        Content=fence, Description="", Name="fence", Type="SERVICE_CONTROL_POLICY"
    )
    client("organizations", MANAGEMENT).attach_policy(PolicyId=scp["Policy"]["PolicySummary"]["Id"], TargetId=CONSUMER)
    update = {"ModelCardName": card, "ModelCardStatus": "Approved"}
    assert "with an explicit deny in a service control policy" in message_of(admin.update_model_card, **update)
    assert code_of(admin.describe_model_card, ModelCardName=card) == ""
    assert code_of(owner.update_model_card, **update) == ""


def test_a_boundary_is_a_fence_for_its_role(card: str) -> None:
    share(card)
    role = make_role(CONSUMER, "Scientist", may("sagemaker:*"))
    boundary = document(may("*"), may("sagemaker:UpdateModelCard", effect="Deny"))
    iam = client("iam", CONSUMER)
    arn = iam.create_policy(PolicyName="fence", Path="/stagegate/", PolicyDocument=boundary)["Policy"]["Arn"]
    scientist = as_role("sagemaker", role)
    update = {"ModelCardName": card, "ModelCardStatus": "PendingReview"}
    assert code_of(scientist.update_model_card, **update) == ""
    iam.put_role_permissions_boundary(RoleName="Scientist", PermissionsBoundary=arn)
    assert "explicit deny in a permissions boundary" in message_of(scientist.update_model_card, **update)
    assert code_of(scientist.describe_model_card, ModelCardName=card) == ""


def test_a_boundary_follows_its_policy_s_default_version() -> None:
    role = make_role(CONSUMER, "Scientist", may("sns:*"))
    iam = client("iam", CONSUMER)
    arn = iam.create_policy(PolicyName="b", PolicyDocument=document(may("*")))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="Scientist", PermissionsBoundary=arn)
    sns = as_role("sns", role)
    assert code_of(sns.list_topics) == ""
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(may("sqs:*")), SetAsDefault=True)
    assert "no permissions boundary allows" in message_of(sns.list_topics)


def test_a_tag_of_the_card_can_decide(card: str) -> None:
    condition = {"StringEquals": {"aws:ResourceTag/team": "risk"}}
    reader = as_role("sagemaker", make_role(OWNER, "Reader", may("sagemaker:DescribeModelCard", Condition=condition)))
    assert code_of(reader.describe_model_card, ModelCardName="churn") == ""
    client("sagemaker", OWNER).add_tags(ResourceArn=card, Tags=[{"Key": "team", "Value": "sales"}])
    assert code_of(reader.describe_model_card, ModelCardName="churn") == "AccessDeniedException"


# RAM's own conditions


@pytest.mark.parametrize(
    ("condition", "changed"),
    [
        ({"Bool": {"ram:RequestedAllowsExternalPrincipals": "false"}}, {"allowExternalPrincipals": True}),
        ({"StringEquals": {"ram:Principal": CONSUMER}}, {"principals": [CONSUMER, "333344445555"]}),
        (
            {"StringEquals": {"ram:RequestedResourceType": "sagemaker:ModelCard"}},
            {"resourceArns": [CARD, "arn:aws:sns:us-east-1:1:t"]},
        ),
        ({"StringEquals": {"aws:RequestTag/owner": "stagegate"}}, {"tags": [{"key": "owner", "value": "me"}]}),
    ],
)
def test_conditions_on_creating_a_share(card: str, condition: dict[str, Any], changed: dict[str, Any]) -> None:
    others = may(["ram:TagResource", "sagemaker:PutResourcePolicy"])
    sharer = as_role("ram", make_role(OWNER, "Sharer", may("ram:CreateResourceShare", Condition=condition), others))
    request: dict[str, Any] = {
        "name": "dev",
        "resourceArns": [card],
        "principals": [CONSUMER],
        "permissionArns": [PERMISSION],
        "allowExternalPrincipals": False,
        "tags": [{"key": "owner", "value": "stagegate"}],
    }
    assert code_of(sharer.create_resource_share, **request) == ""
    assert code_of(sharer.create_resource_share, **(request | changed)) == "AccessDeniedException"


@pytest.mark.parametrize("missing", ["ram:CreateResourceShare", "ram:TagResource", "sagemaker:PutResourcePolicy"])
def test_what_sharing_a_card_needs(card: str, missing: str) -> None:
    needed = ["ram:CreateResourceShare", "ram:TagResource", "sagemaker:PutResourcePolicy"]
    make_role(OWNER, "Sharer", may(needed))
    sharer = as_role("ram", f"arn:aws:iam::{OWNER}:role/Sharer")
    request = {"name": "dev", "resourceArns": [card], "tags": [{"key": "owner", "value": "stagegate"}]}
    assert code_of(sharer.create_resource_share, **request) == ""
    allow(OWNER, "Sharer", may([each for each in needed if each != missing]))
    assert missing in message_of(sharer.create_resource_share, **request)


def test_a_share_is_told_by_its_tags(card: str) -> None:
    share_arn = share(card)
    condition = {"StringEquals": {"aws:ResourceTag/owner": "stagegate"}}
    associate = may(["ram:AssociateResourceShare", "ram:TagResource"], Condition=condition)
    sharer = as_role("ram", make_role(OWNER, "Sharer", associate))
    request = {"resourceShareArn": share_arn, "principals": [OWNER.replace("1", "3")]}
    assert code_of(sharer.associate_resource_share, **request) == "AccessDeniedException"
    client("ram", OWNER).tag_resource(resourceShareArn=share_arn, tags=[{"key": "owner", "value": "stagegate"}])
    assert code_of(sharer.associate_resource_share, **request) != "AccessDeniedException"


# Delegated administration of Organizations


def test_a_member_edits_scps_only_by_the_delegation_policy() -> None:
    make_role(OWNER, "Fencer", may("organizations:*"))
    fencer = as_role("organizations", f"arn:aws:iam::{OWNER}:role/Fencer")
    assert code_of(fencer.describe_organization) == ""
    assert "no resource-based policy" in message_of(fencer.list_policies, Filter="SERVICE_CONTROL_POLICY")
    delegation = may("organizations:ListPolicies", Principal={"AWS": f"arn:aws:iam::{OWNER}:root"})
    client("organizations", MANAGEMENT).put_resource_policy(Content=document(delegation))
    assert organizations.delegation_policy()
    assert code_of(fencer.list_policies, Filter="SERVICE_CONTROL_POLICY") == ""
    allow(OWNER, "Fencer", may("sns:*"))
    assert "no identity-based policy" in message_of(fencer.list_policies, Filter="SERVICE_CONTROL_POLICY")


def test_a_fence_is_told_by_its_tags() -> None:
    condition = {"StringEquals": {"aws:ResourceTag/stagegate:resource-type": "fence"}}
    delegation = may("organizations:DeletePolicy", Principal={"AWS": f"arn:aws:iam::{OWNER}:root"}, Condition=condition)
    management = client("organizations", MANAGEMENT)
    management.put_resource_policy(Content=document(delegation))
    fencer = as_role("organizations", make_role(OWNER, "Fencer", may("organizations:*")))
    for tags, code in (([{"Key": "stagegate:resource-type", "Value": "fence"}], ""), ([], "AccessDeniedException")):
        content = document(may("s3:*", effect="Deny"))
        made = management.create_policy(
            Content=content, Description="", Name=f"p{len(tags)}", Type="SERVICE_CONTROL_POLICY", Tags=tags
        )
        assert code_of(fencer.delete_policy, PolicyId=made["Policy"]["PolicySummary"]["Id"]) == code


# The seam


def test_the_backend_knows_who_calls_and_the_administrator_is_nobody(
    card: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str | None] = []
    original = cards.describe_model_card

    def describe(backend: Any, request: Any) -> Any:
        principal = caller.get()
        seen.append(principal.arn if principal else None)
        return original(backend, request)

    monkeypatch.setitem(SageMakerResponse.operations, "DescribeModelCard", describe)
    as_role("sagemaker", make_role(OWNER, "R", may("sagemaker:*"))).describe_model_card(ModelCardName=card)
    client("sagemaker", OWNER).describe_model_card(ModelCardName=card)
    assert seen == [f"arn:aws:sts::{OWNER}:assumed-role/R/today", None]
    assert caller.get() is None
    assert [call.operation for call in calls.log] == ["DescribeModelCard"]
