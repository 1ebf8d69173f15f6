"""Model cards behave as SageMaker documents them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.kernel.clock import clock
from sandbox.kernel.paging import paging

OWNER = "111122223333"
CONTENT = json.dumps({"intended_uses": {"risk_rating": "High"}})
Refused = Callable[..., str]
SETTLED = 61.0  # more than the minute that the fixture sets


EDITED = json.dumps({"intended_uses": {"risk_rating": "Low"}})


def test_a_card_can_be_described_by_name_and_by_arn_from_another_account(
    owner: Any, consumer: Any, card_arn: str
) -> None:
    assert card_arn == f"arn:aws:sagemaker:us-east-1:{OWNER}:model-card/churn"
    by_name, by_arn = (
        owner.describe_model_card(ModelCardName="churn"),
        consumer.describe_model_card(ModelCardName=card_arn),
    )
    for seen in (by_name, by_arn):
        assert (seen["ModelCardName"], seen["ModelCardVersion"], seen["ModelCardStatus"]) == ("churn", 1, "Draft")
        assert seen["Content"] == CONTENT
        assert seen["CreatedBy"] == {}
        assert seen["LastModifiedBy"] == {}
        assert "ModelCardProcessingStatus" not in seen
        assert "SecurityConfig" not in seen


def test_a_name_means_the_callers_own_account(consumer: Any, card_arn: str, refused: Refused) -> None:
    assert refused(consumer.describe_model_card, ModelCardName="churn") == "ResourceNotFound"
    assert refused(consumer.delete_model_card, ModelCardName="churn") == "ResourceNotFound"
    assert refused(consumer.delete_model_card, ModelCardName=card_arn) == "ValidationException"


def test_a_status_change_keeps_the_version_and_a_content_edit_makes_one(owner: Any, card_arn: str) -> None:
    first = owner.describe_model_card(ModelCardName="churn")
    clock.advance(60)
    owner.update_model_card(ModelCardName=card_arn, ModelCardStatus="Approved")
    approved = owner.describe_model_card(ModelCardName="churn")
    assert (approved["ModelCardVersion"], approved["ModelCardStatus"], approved["Content"]) == (1, "Approved", CONTENT)
    assert approved["LastModifiedTime"] > first["LastModifiedTime"]
    assert approved["CreationTime"] == first["CreationTime"]

    clock.advance(60)
    owner.update_model_card(ModelCardName="churn", Content=EDITED)
    edited = owner.describe_model_card(ModelCardName="churn")
    assert (edited["ModelCardVersion"], edited["ModelCardStatus"], edited["Content"]) == (2, "Approved", EDITED)
    owner.update_model_card(ModelCardName="churn", ModelCardStatus="Draft")
    assert owner.describe_model_card(ModelCardName="churn", ModelCardVersion=1)["ModelCardStatus"] == "Approved"

    versions = owner.list_model_card_versions(ModelCardName=card_arn)["ModelCardVersionSummaryList"]
    assert [(v["ModelCardVersion"], v["ModelCardStatus"]) for v in versions] == [(2, "Draft"), (1, "Approved")]
    assert (versions[0]["CreationTime"] - versions[1]["CreationTime"]).total_seconds() > 119
    assert versions[1]["LastModifiedTime"] == approved["LastModifiedTime"]


@pytest.mark.parametrize("change", [{}, {"Content": CONTENT, "ModelCardStatus": "Approved"}])
def test_an_update_is_of_content_or_of_status(
    owner: Any, card_arn: str, refused: Refused, change: dict[str, str]
) -> None:
    assert refused(owner.update_model_card, ModelCardName=card_arn, **change) == "ValidationException"
    assert owner.describe_model_card(ModelCardName="churn")["ModelCardStatus"] == "Draft"


@pytest.mark.parametrize(
    "parameters",
    [
        {"ModelCardName": "-starts-with-a-dash"},
        {"ModelCardName": "x" * 64},
        {"ModelCardStatus": "PendingApproval"},
        {"Content": "not json{"},
        {"Content": json.dumps({"surprise": 1})},
        {"Content": json.dumps({"intended_uses": {"risk_rating": "high"}})},
        {"Content": json.dumps({"business_details": {"business_problem": "x" * 2049}})},
        {"Content": json.dumps({"additional_information": {"ethical_considerations": "x" * 100_000}})},
    ],
)
def test_bad_input_is_refused(owner: Any, refused: Refused, parameters: dict[str, str]) -> None:
    card = {"ModelCardName": "card", "Content": CONTENT, "ModelCardStatus": "Draft"} | parameters
    assert refused(owner.create_model_card, **card) == "ValidationException"
    assert owner.list_model_cards()["ModelCardSummaries"] == []


def test_what_sdk_v2_writes_and_pretty_printed_content_is_accepted(owner: Any) -> None:
    overview = {"model_id": "m-1", "model_name": "churn", "model_version": 3, "inference_environment": {}}
    document = {
        "model_overview": overview,
        "model_package_details": {"model_package_group_name": "g", "created_by": {}},
    }
    owner.create_model_card(ModelCardName="v2", Content=json.dumps(document, indent=2), ModelCardStatus="Draft")
    seen = owner.describe_model_card(ModelCardName="v2", IncludedData="MetadataOnly")
    assert json.loads(seen["Content"]) == {
        "model_overview": {"model_id": "m-1", "model_name": "churn"},
        "model_package_details": {"model_package_group_name": "g"},
    }


def test_a_customer_key_and_tags_are_kept(owner: Any) -> None:
    key = f"arn:aws:kms:us-east-1:{OWNER}:key/1"
    arn = owner.create_model_card(
        ModelCardName="secret",
        Content=CONTENT,
        ModelCardStatus="Draft",
        SecurityConfig={"KmsKeyId": key},
        Tags=[{"Key": "team", "Value": "churn"}],
    )["ModelCardArn"]
    assert owner.describe_model_card(ModelCardName="secret")["SecurityConfig"] == {"KmsKeyId": key}
    owner.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "risk"}, {"Key": "a", "Value": "b"}])
    owner.delete_tags(ResourceArn=arn, TagKeys=["a"])
    assert owner.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "risk"}]


def test_a_deletion_takes_its_time(owner: Any, card_arn: str, refused: Refused) -> None:
    owner.delete_model_card(ModelCardName="churn")
    assert owner.describe_model_card(ModelCardName="churn")["ModelCardProcessingStatus"] == "DeletePending"
    assert refused(owner.update_model_card, ModelCardName=card_arn, ModelCardStatus="Approved") == "ConflictException"
    again = {"ModelCardName": "churn", "Content": CONTENT, "ModelCardStatus": "Draft"}
    assert refused(owner.create_model_card, **again) == "ConflictException"
    clock.advance(SETTLED)
    assert refused(owner.describe_model_card, ModelCardName=card_arn) == "ResourceNotFound"
    owner.create_model_card(**again)
    assert owner.describe_model_card(ModelCardName="churn")["ModelCardVersion"] == 1


def test_a_name_is_unique_and_a_version_must_exist(owner: Any, card_arn: str, refused: Refused) -> None:
    same = {"ModelCardName": "churn", "Content": CONTENT, "ModelCardStatus": "Draft"}
    assert refused(owner.create_model_card, **same) == "ConflictException"
    assert refused(owner.describe_model_card, ModelCardName=card_arn, ModelCardVersion=2) == "ResourceNotFound"


def test_lists_are_filtered_sorted_and_paged(owner: Any, refused: Refused) -> None:
    for name in ("b-card", "a-card", "other"):
        owner.create_model_card(ModelCardName=name, Content=CONTENT, ModelCardStatus="Draft")
    owner.update_model_card(ModelCardName="other", ModelCardStatus="Archived")
    by_name = {"SortBy": "Name", "SortOrder": "Ascending"}
    first = owner.list_model_cards(MaxResults=2, **by_name)
    assert [c["ModelCardName"] for c in first["ModelCardSummaries"]] == ["a-card", "b-card"]
    second = owner.list_model_cards(MaxResults=2, NextToken=first["NextToken"], **by_name)
    assert [c["ModelCardName"] for c in second["ModelCardSummaries"]] == ["other"]
    assert "NextToken" not in second
    assert refused(owner.list_model_cards, NextToken=first["NextToken"]) == "ValidationException"
    assert [c["ModelCardName"] for c in owner.list_model_cards(ModelCardStatus="Archived")["ModelCardSummaries"]] == [
        "other"
    ]
    assert len(owner.list_model_cards(NameContains="card")["ModelCardSummaries"]) == 2
    assert owner.list_model_cards(CreationTimeAfter=clock.datetime())["ModelCardSummaries"] == []


def test_a_page_may_be_empty_and_yet_have_a_token(owner: Any, card_arn: str) -> None:
    paging.empty_first_page = True
    first = owner.list_model_card_versions(ModelCardName=card_arn)
    assert first["ModelCardVersionSummaryList"] == []
    rest = owner.list_model_card_versions(ModelCardName=card_arn, NextToken=first["NextToken"])
    assert len(rest["ModelCardVersionSummaryList"]) == 1
