"""What a change of a model package makes known, to whom, and about whom."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.kernel.identity import session
from sandbox.kernel.wire.transport import client
from tests.support.authorization import allow, make_role, may

CONSUMER, OWNER = "222233334444", "111122223333"
STATE_CHANGE, API_CALL = "SageMaker Model Package State Change", "AWS API Call via CloudTrail"
CONTAINER = {"Image": "i", "ModelDataUrl": "s3://artifacts/churn/1/model.tar.gz"}


@pytest.fixture
def package(owner: Any) -> str:
    owner.create_model_package_group(ModelPackageGroupName="churn")
    arn: str = owner.create_model_package(
        ModelPackageGroupName="churn",
        InferenceSpecification={"Containers": [CONTAINER]},
        MetadataProperties={"GeneratedBy": "a pipeline"},
        ModelMetrics={"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": "s3://b/k"}}},
        ModelLifeCycle={"Stage": "Development", "StageStatus": "Approved", "StageDescription": "StageDescription"},
    )["ModelPackageArn"]
    return arn


def test_the_state_change_has_the_documented_members(owner: Any, package: str, emitted: Any) -> None:
    owner.update_model_package(
        ModelPackageArn=package, ModelApprovalStatus="Approved", ApprovalDescription="fine", SourceUri="s3://b"
    )
    created, updated = emitted.of(STATE_CHANGE)
    documented = {
        "CertifyForMarketplace",
        "CreationTime",
        "InferenceSpecification",
        "LastModifiedTime",
        "MetadataProperties",
        "ModelApprovalStatus",
        "ModelLifeCycle",
        "ModelMetrics",
        "ModelPackageArn",
        "ModelPackageGroupName",
        "ModelPackageStatus",
        "ModelPackageStatusDetails",
        "ModelPackageVersion",
        "UpdatedModelPackageFields",
    }
    assert set(updated["detail"]) == documented
    assert set(created["detail"]) == documented - {"UpdatedModelPackageFields"}
    assert updated["detail"]["UpdatedModelPackageFields"] == ["ModelApprovalStatus", "ApprovalDescription", "sourceUri"]
    assert (created["detail"]["ModelApprovalStatus"], updated["detail"]["ModelApprovalStatus"]) == (
        "PendingManualApproval",
        "Approved",
    )
    for event in (created, updated):
        assert (event["account"], event["source"], event["resources"]) == (OWNER, "aws.sagemaker", [package])


def test_an_edit_of_an_approved_version_says_approved_again(owner: Any, package: str, emitted: Any) -> None:
    owner.update_model_package(ModelPackageArn=package, ModelApprovalStatus="Approved")
    owner.update_model_package(ModelPackageArn=package, CustomerMetadataProperties={"a": "b"})
    last = emitted.of(STATE_CHANGE)[-1]["detail"]
    assert last["ModelApprovalStatus"] == "Approved"
    assert last["UpdatedModelPackageFields"] == ["CustomerMetadataProperties"]


def test_a_deletion_is_known_by_cloudtrail_only(owner: Any, package: str, emitted: Any) -> None:
    before = len(emitted.of(STATE_CHANGE))
    owner.delete_model_package(ModelPackageName=package)
    owner.delete_model_package_group(ModelPackageGroupName="churn")
    assert len(emitted.of(STATE_CHANGE)) == before
    calls = [event["detail"] for event in emitted.of(API_CALL)]
    assert [call["eventName"] for call in calls] == [
        "CreateModelPackageGroup",
        "CreateModelPackage",
        "DeleteModelPackage",
        "DeleteModelPackageGroup",
    ]
    assert calls[2]["requestParameters"] == {"modelPackageName": package}


def test_sagemaker_names_who_changed_a_version(guarded: None, owner: Any, package: str, emitted: Any) -> None:
    role = make_role(OWNER, "ModelApprover", may("sagemaker:UpdateModelPackage"))
    approver = client("sagemaker", OWNER, session(role, "a-session"))
    approver.update_model_package(ModelPackageArn=package, ModelApprovalStatus="Approved")
    arn = f"arn:aws:sts::{OWNER}:assumed-role/ModelApprover/a-session"
    unique_id = client("iam", OWNER).get_role(RoleName="ModelApprover")["Role"]["RoleId"]
    identity = owner.describe_model_package(ModelPackageName=package)["LastModifiedBy"]["IamIdentity"]
    assert identity == {"Arn": arn, "PrincipalId": f"{unique_id}:a-session"}
    assert emitted.of(API_CALL)[-1]["detail"]["userIdentity"]["principalId"] == f"{unique_id}:a-session"
    allow(OWNER, "ModelApprover", may("sagemaker:UpdateModelPackage", effect="Deny"))
    with pytest.raises(approver.exceptions.ClientError):
        approver.update_model_package(ModelPackageArn=package, ModelApprovalStatus="Rejected")
    assert owner.describe_model_package(ModelPackageName=package)["ModelApprovalStatus"] == "Approved"


def test_the_content_of_a_card_is_hidden_in_cloudtrail(owner: Any, package: str, emitted: Any) -> None:
    content = json.dumps({"intended_uses": {"purpose_of_model": "secret"}})
    owner.update_model_package(ModelPackageArn=package, ModelCard={"ModelCardContent": content})
    recorded = emitted.of(API_CALL)[-1]["detail"]["requestParameters"]
    assert recorded["modelCard"] == {"modelCardContent": "HIDDEN_DUE_TO_SECURITY_REASONS"}


def test_a_version_from_another_account_is_known_to_both(consumer: Any, owner: Any, package: str, emitted: Any) -> None:
    group = f"arn:aws:sagemaker:us-east-1:{OWNER}:model-package-group/churn"
    registered = consumer.create_model_package(ModelPackageGroupName=group)["ModelPackageArn"]
    assert registered == package.replace("/1", "/2")
    assert emitted.of(STATE_CHANGE)[-1]["account"] == OWNER
    assert emitted.of(API_CALL)[-1]["account"] == CONSUMER
    creator = owner.describe_model_package(ModelPackageName=registered)["CreatedBy"]["IamIdentity"]["Arn"]
    assert creator == f"arn:aws:iam::{CONSUMER}:root"
