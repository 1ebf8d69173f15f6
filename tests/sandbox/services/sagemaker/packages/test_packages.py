"""Model packages and their groups behave as SageMaker documents them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.kernel.clock import clock
from sandbox.kernel.wire.transport import client

OWNER = "111122223333"
Refused = Callable[..., str]
GROUP_ARN = f"arn:aws:sagemaker:us-east-1:{OWNER}:model-package-group/churn"
IMAGE = f"{OWNER}.dkr.ecr.us-east-1.amazonaws.com/serving/churn"
DIGEST = "sha256:" + "a" * 64
CONTAINER = {"Image": f"{IMAGE}@{DIGEST}", "ModelDataUrl": "s3://artifacts/churn/1/model.tar.gz"}


def specification(*containers: dict[str, Any]) -> dict[str, Any]:
    return {"Containers": list(containers or [CONTAINER]), "SupportedContentTypes": ["text/csv"]}


@pytest.fixture
def group(owner: Any) -> str:
    arn: str = owner.create_model_package_group(ModelPackageGroupName="churn", Tags=[{"Key": "team", "Value": "risk"}])[
        "ModelPackageGroupArn"
    ]
    return arn


def register(sagemaker: Any, **parameters: Any) -> str:
    request = {"ModelPackageGroupName": "churn", "InferenceSpecification": specification()} | parameters
    return str(sagemaker.create_model_package(**request)["ModelPackageArn"])


@pytest.fixture
def package(owner: Any, group: str) -> str:
    return register(owner)


def test_a_group_is_described_by_name_and_by_arn_from_another_account(owner: Any, consumer: Any, group: str) -> None:
    assert group == GROUP_ARN
    for seen in (
        owner.describe_model_package_group(ModelPackageGroupName="churn"),
        consumer.describe_model_package_group(ModelPackageGroupName=group),
    ):
        assert (seen["ModelPackageGroupName"], seen["ModelPackageGroupStatus"]) == ("churn", "Completed")
        assert seen["CreatedBy"]["IamIdentity"]["Arn"] == f"arn:aws:iam::{OWNER}:root"
    assert owner.list_tags(ResourceArn=group)["Tags"] == [{"Key": "team", "Value": "risk"}]


def test_a_group_name_means_the_callers_own_account_and_is_unique(consumer: Any, group: str, owner: Any) -> None:
    with pytest.raises(consumer.exceptions.ClientError, match="does not exist"):
        consumer.describe_model_package_group(ModelPackageGroupName="churn")
    with pytest.raises(owner.exceptions.ClientError, match="Model Package Group already exists"):
        owner.create_model_package_group(ModelPackageGroupName="churn")


def test_versions_count_up_and_never_come_again(owner: Any, group: str) -> None:
    arns = [register(owner, ClientToken=f"t{n}") for n in range(2)]
    assert [arn.rsplit("/", 2)[1:] for arn in arns] == [["churn", "1"], ["churn", "2"]]
    owner.delete_model_package(ModelPackageName=arns[1])
    assert register(owner).endswith("/3")


def test_a_client_token_makes_one_version(owner: Any, group: str, refused: Refused) -> None:
    first = register(owner, ClientToken="same")
    assert register(owner, ClientToken="same") == first
    other = {"ModelPackageGroupName": "churn", "ClientToken": "same", "SourceUri": "other"}
    assert refused(owner.create_model_package, **other) == "ConflictException"


def test_a_version_is_pending_unless_its_creator_says_otherwise(owner: Any, group: str, package: str) -> None:
    seen = owner.describe_model_package(ModelPackageName=package)
    assert (seen["ModelApprovalStatus"], seen["ModelPackageStatus"]) == ("PendingManualApproval", "Completed")
    assert (seen["ModelPackageGroupName"], seen["ModelPackageVersion"], seen["ModelPackageArn"]) == (
        "churn",
        1,
        package,
    )
    assert "LastModifiedTime" not in seen
    approved = register(owner, ModelApprovalStatus="Approved")
    assert owner.describe_model_package(ModelPackageName=approved)["ModelApprovalStatus"] == "Approved"


def test_everything_that_a_version_was_given_is_given_back(owner: Any, group: str) -> None:
    members = {
        "ModelPackageDescription": "first",
        "AdditionalInferenceSpecifications": [{"Name": "gpu", "Containers": [CONTAINER]}],
        "CustomerMetadataProperties": {"run": "7"},
        "ModelLifeCycle": {"Stage": "Development", "StageStatus": "InProgress"},
        "SecurityConfig": {"KmsKeyId": f"arn:aws:kms:us-east-1:{OWNER}:key/1"},
        "SkipModelValidation": "All",
        "SourceUri": "s3://elsewhere/model",
    }
    seen = owner.describe_model_package(ModelPackageName=register(owner, **members))
    members["AdditionalInferenceSpecifications"][0]["Containers"] = [CONTAINER | {"ImageDigest": DIGEST}]  # type: ignore[index]
    assert {name: seen[name] for name in members} == members
    assert seen["CertifyForMarketplace"] is False


def test_an_update_changes_what_it_names_and_adds_to_metadata(owner: Any, group: str) -> None:
    package = register(owner, CustomerMetadataProperties={"run": "7", "old": "x"}, ModelApprovalStatus="Rejected")
    clock.advance(60)
    owner.update_model_package(
        ModelPackageArn=package,
        CustomerMetadataProperties={"run": "8"},
        CustomerMetadataPropertiesToRemove=["old"],
        AdditionalInferenceSpecificationsToAdd=[{"Name": "gpu", "Containers": [CONTAINER]}],
    )
    seen = owner.describe_model_package(ModelPackageName=package)
    assert seen["CustomerMetadataProperties"] == {"run": "8"}
    assert seen["ModelApprovalStatus"] == "Rejected"
    assert [each["Name"] for each in seen["AdditionalInferenceSpecifications"]] == ["gpu"]
    assert seen["LastModifiedTime"] > seen["CreationTime"]
    owner.update_model_package(ModelPackageArn=package, ModelApprovalStatus="Approved", ApprovalDescription="fine")
    seen = owner.describe_model_package(ModelPackageName=package)
    assert (seen["ModelApprovalStatus"], seen["ApprovalDescription"]) == ("Approved", "fine")
    assert seen["CustomerMetadataProperties"] == {"run": "8"}


def test_the_card_of_a_version_can_be_described_without_its_content(owner: Any, group: str) -> None:
    content = {"intended_uses": {"risk_rating": "High", "purpose_of_model": "secret"}}
    card = {"ModelCardContent": json.dumps(content), "ModelCardStatus": "Draft"}
    package = register(owner, ModelCard=card)
    owner.update_model_package(ModelPackageArn=package, ModelCard={"ModelCardStatus": "Approved"})
    seen = owner.describe_model_package(ModelPackageName=package)
    assert seen["ModelCard"] == card | {"ModelCardStatus": "Approved"}
    metadata = owner.describe_model_package(ModelPackageName=package, IncludedData="MetadataOnly")["ModelCard"]
    assert json.loads(metadata["ModelCardContent"]) == {"intended_uses": {"risk_rating": "High"}}


def test_an_image_s_digest_is_the_one_at_registration(owner: Any, group: str) -> None:
    ecr = client("ecr", OWNER)
    ecr.create_repository(repositoryName="serving/churn")

    def push(layer: str) -> str:
        manifest = {"mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": [{"digest": layer, "size": 1}]}
        pushed = ecr.put_image(repositoryName="serving/churn", imageManifest=json.dumps(manifest), imageTag="v1")
        return str(pushed["image"]["imageId"]["imageDigest"])

    first = push("sha256:" + "1" * 64)
    tagged = CONTAINER | {"Image": f"{IMAGE}:v1"}
    package = register(owner, InferenceSpecification=specification(tagged, CONTAINER))

    def digests() -> list[str]:
        seen = owner.describe_model_package(ModelPackageName=package)["InferenceSpecification"]
        return [container["ImageDigest"] for container in seen["Containers"]]

    assert digests() == [first, DIGEST]
    assert push("sha256:" + "2" * 64) != first
    assert digests() == [first, DIGEST]
    owner.update_model_package(ModelPackageArn=package, ModelApprovalStatus="Approved")
    assert digests() == [first, DIGEST]
    elsewhere = CONTAINER | {"Image": f"{IMAGE}:nothing"}
    unresolved = register(owner, InferenceSpecification=specification(elsewhere))
    described = owner.describe_model_package(ModelPackageName=unresolved)["InferenceSpecification"]
    assert "ImageDigest" not in described["Containers"][0]


PREFIX = {"S3Uri": "s3://artifacts/churn/1", "S3DataType": "S3Prefix", "CompressionType": "None"}


@pytest.mark.parametrize(
    "parameters",
    [
        {"InferenceSpecification": specification(*[CONTAINER] * 16)},
        {"InferenceSpecification": specification(CONTAINER | {"ModelDataSource": {"S3DataSource": PREFIX}})},
        {"InferenceSpecification": specification({"Image": "i", "ModelDataSource": {"S3DataSource": PREFIX}})},
        {"AdditionalInferenceSpecifications": [{"Name": "a", "Containers": [CONTAINER]}] * 2},
        {"ModelApprovalStatus": "Pending"},
        {"ModelLifeCycle": {"Stage": "in production", "StageStatus": "x"}},
        {"Tags": [{"Key": "a", "Value": "b"}]},
        {"CertifyForMarketplace": True},
        {"ModelCard": {"ModelCardContent": "not json", "ModelCardStatus": "Draft"}},
        {"ModelCard": {"ModelCardContent": '{"model_package_details": {}}', "ModelCardStatus": "Draft"}},
        {"ModelCard": {"ModelCardContent": '{"model_overview": {"model_name": "x"}}', "ModelCardStatus": "Draft"}},
        {"ModelPackageName": "also"},
        {"ModelPackageGroupName": "nothing"},
        {"ModelPackageGroupName": GROUP_ARN.replace("model-package-group", "model-card")},
        {"ModelPackageGroupName": GROUP_ARN.replace("us-east-1", "eu-west-1")},
    ],
)
def test_bad_input_is_refused(owner: Any, group: str, refused: Refused, parameters: dict[str, Any]) -> None:
    request = {"ModelPackageGroupName": "churn", "InferenceSpecification": specification()} | parameters
    assert refused(owner.create_model_package, **request) == "ValidationException"
    assert owner.list_model_packages(ModelPackageGroupName="churn")["ModelPackageSummaryList"] == []


@pytest.mark.parametrize(
    "parameters",
    [{"ModelPackageName": "alone"}, {"ModelPackageGroupName": "churn", "ManagedStorageType": "Restricted"}],
)
def test_what_the_sandbox_does_not_have_names_itself(
    owner: Any, group: str, refused: Refused, parameters: dict[str, Any]
) -> None:
    assert refused(owner.create_model_package, **parameters) == "NotInSandbox"


def test_pipelines_of_fifteen_containers_and_prefixes_are_accepted(owner: Any, group: str) -> None:
    source = {"S3DataSource": PREFIX | {"S3Uri": "s3://artifacts/churn/1/"}}
    containers = [{"Image": "i", "ModelDataSource": source}] * 15
    package = register(owner, InferenceSpecification=specification(*containers))
    seen = owner.describe_model_package(ModelPackageName=package)["InferenceSpecification"]
    assert len(seen["Containers"]) == 15
    assert seen["Containers"][0]["ModelDataSource"] == source


def test_an_update_of_nothing_or_of_nobody_is_refused(owner: Any, package: str, refused: Refused) -> None:
    assert refused(owner.update_model_package, ModelPackageArn=package) == "ValidationException"
    missing = package.replace("/1", "/9")
    assert refused(owner.update_model_package, ModelPackageArn=missing, SourceUri="x") == "ValidationException"


def test_a_group_goes_only_when_it_is_empty(owner: Any, package: str, refused: Refused) -> None:
    assert refused(owner.delete_model_package_group, ModelPackageGroupName="churn") == "ConflictException"
    owner.delete_model_package(ModelPackageName=package)
    assert refused(owner.describe_model_package, ModelPackageName=package) == "ValidationException"
    owner.delete_model_package_group(ModelPackageGroupName="churn")
    assert refused(owner.describe_model_package_group, ModelPackageGroupName="churn") == "ValidationException"


def test_versions_are_listed_by_status_also_from_another_account(owner: Any, consumer: Any, group: str) -> None:
    arns = []
    for status in ("Approved", "Rejected", "Approved"):
        arns.append(register(owner, ModelApprovalStatus=status))
        clock.advance(1)
    listed = consumer.list_model_packages(ModelPackageGroupName=group, ModelApprovalStatus="Approved", MaxResults=1)
    assert [each["ModelPackageArn"] for each in listed["ModelPackageSummaryList"]] == [arns[0]]
    rest = consumer.list_model_packages(
        ModelPackageGroupName=group, ModelApprovalStatus="Approved", MaxResults=1, NextToken=listed["NextToken"]
    )
    assert [each["ModelPackageArn"] for each in rest["ModelPackageSummaryList"]] == [arns[2]]
    assert rest["ModelPackageSummaryList"][0]["ModelApprovalStatus"] == "Approved"
    newest = owner.list_model_packages(ModelPackageGroupName="churn", SortOrder="Descending")
    assert [each["ModelPackageVersion"] for each in newest["ModelPackageSummaryList"]] == [3, 2, 1]
    assert owner.list_model_packages()["ModelPackageSummaryList"] == []
    assert len(owner.list_model_packages(ModelPackageType="Versioned")["ModelPackageSummaryList"]) == 3


def test_groups_are_listed_in_pages(owner: Any, consumer: Any, group: str, refused: Refused) -> None:
    owner.create_model_package_group(ModelPackageGroupName="fraud")
    by_name = {"SortBy": "Name", "SortOrder": "Descending"}
    listed = owner.list_model_package_groups(MaxResults=1, **by_name)
    assert [each["ModelPackageGroupName"] for each in listed["ModelPackageGroupSummaryList"]] == ["fraud"]
    rest = owner.list_model_package_groups(MaxResults=1, NextToken=listed["NextToken"], **by_name)
    assert [each["ModelPackageGroupName"] for each in rest["ModelPackageGroupSummaryList"]] == ["churn"]
    assert consumer.list_model_package_groups()["ModelPackageGroupSummaryList"] == []
    across = {"CrossAccountFilterOption": "CrossAccount"}
    assert refused(consumer.list_model_package_groups, **across) == "NotInSandbox"


def test_only_an_approved_version_can_be_deployed(owner: Any, consumer: Any, package: str, refused: Refused) -> None:
    model = {
        "ModelName": "churn",
        "PrimaryContainer": {"ModelPackageName": package},
        "ExecutionRoleArn": "arn:aws:iam::222233334444:role/Serving",
    }
    assert refused(consumer.create_model, **model) == "ValidationException"
    owner.update_model_package(ModelPackageArn=package, ModelApprovalStatus="Approved")
    consumer.create_model(**model)
    assert consumer.describe_model(ModelName="churn")["PrimaryContainer"] == {"ModelPackageName": package}
    assert refused(consumer.create_model, **model) == "ValidationException"
    consumer.delete_model(ModelName="churn")
    assert refused(consumer.describe_model, ModelName="churn") == "ValidationException"
