"""A package is read as it is: everything that it is made of, and who changed it last."""

import json
from typing import Any

import pytest

from stagegate.approvals.principals import Actor
from stagegate.core.addresses import S3Uri
from stagegate.core.errors import RefusedError, UnknownStatusError
from stagegate.core.statuses import RiskRating
from stagegate.subjects.packages import observe as model_packages
from stagegate.subjects.packages.model import Container, Package
from tests.support.builders import APPROVER, AUTHOR, CREATED, GOVERNANCE, at
from tests.support.packages import APPROVED, IMAGE, PACKAGE_ARN, PENDING, the_package_subject
from tests.support.scripted import Answer, Scripted, refusal

DIGEST = f"sha256:{'a' * 64}"
CARD = {"intended_uses": {"purpose_of_model": "Predicts churn.", "risk_rating": "low"}}


def by(actor: Actor) -> dict[str, Any]:
    return {"IamIdentity": {"Arn": actor.arn}}


def described(**members: Any) -> dict[str, Any]:
    answer = {
        "ModelPackageName": "churn",
        "ModelPackageGroupName": "churn",
        "ModelPackageVersion": 3,
        "ModelPackageArn": PACKAGE_ARN,
        "CreationTime": CREATED,
        "CreatedBy": by(AUTHOR),
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": []},
        "ModelApprovalStatus": "Approved",
        "InferenceSpecification": {
            "Containers": [{"Image": IMAGE, "ImageDigest": DIGEST, "ModelDataUrl": "s3://bucket/churn/3/model.tar.gz"}]
        },
        **members,
    }
    return {name: value for name, value in answer.items() if value is not None}


def observed(**members: Any) -> Package:
    package = model_packages.observe(
        Scripted("sagemaker", DescribeModelPackage=described(**members)).client, the_package_subject()
    )
    assert package is not None
    return package


def source(uri: str, kind: str = "S3Object", **more: Any) -> dict[str, Any]:
    return {"S3Uri": uri, "S3DataType": kind, "CompressionType": "None", **more}


def test_a_package_is_what_sagemaker_says() -> None:
    package = observed(
        LastModifiedTime=at(0.4),
        LastModifiedBy=by(APPROVER),
        ModelCard={"ModelCardContent": json.dumps(CARD), "ModelCardStatus": "Draft"},
        ModelLifeCycle={"Stage": "Production", "StageStatus": "Approved"},
        SecurityConfig={"KmsKeyId": "key"},
    )
    assert (package.arn, package.group, package.version, package.account) == (PACKAGE_ARN, "churn", 3, GOVERNANCE)
    assert (package.status, package.is_complete, package.kms_key) == (APPROVED, True, "key")
    assert (package.lifecycle_stage, package.lifecycle_status) == ("Production", "Approved")
    assert (package.risk, package.overview) == (RiskRating.LOW, "Predicts churn.")
    assert (package.created, package.last_modified, package.last_actor) == (CREATED, at(0.4), Actor(arn=APPROVER.arn))
    assert package.containers == (
        Container(
            image_uri=IMAGE,
            image_digest=DIGEST,
            data_uris=(S3Uri(bucket="bucket", key="churn/3/model.tar.gz"),),
        ),
    )


def test_without_a_purpose_the_packages_own_description_is_quoted() -> None:
    assert observed(ModelPackageDescription="Churn, third attempt.").overview == "Churn, third attempt."
    assert observed().overview == ""


def test_a_sealed_look_leaves_out_the_card_for_which_a_key_would_be_needed() -> None:
    sagemaker = Scripted("sagemaker", DescribeModelPackage=described())
    assert model_packages.observe(sagemaker.client, the_package_subject(), sealed=True) is not None
    assert sagemaker.of("DescribeModelPackage") == [{"ModelPackageName": PACKAGE_ARN, "IncludedData": "MetadataOnly"}]


def test_every_address_of_data_is_read_and_those_that_arent_on_s3_are_told() -> None:
    package = observed(
        InferenceSpecification={
            "Containers": [
                {"Image": "one", "ModelDataSource": {"S3DataSource": source("s3://bucket/a/", "S3Prefix")}},
                {
                    "Image": "two",
                    "AdditionalModelDataSources": [
                        {"ChannelName": "x", "S3DataSource": source("s3://bucket/b", ManifestS3Uri="s3://bucket/m")}
                    ],
                    "AdditionalS3DataSource": {"S3DataType": "S3Object", "S3Uri": "s3://bucket/c"},
                },
            ]
        },
        AdditionalInferenceSpecifications=[
            {"Name": "more", "Containers": [{"Image": "three", "ModelDataUrl": "https://elsewhere/d"}]}
        ],
    )
    assert package.data_uris == (
        S3Uri(bucket="bucket", key="a/", is_prefix=True),
        S3Uri(bucket="bucket", key="b"),
        S3Uri(bucket="bucket", key="c"),
        S3Uri(bucket="bucket", key="m"),
    )
    assert package.images == ("one", "three", "two")
    assert package.containers[2].unreadable == ("https://elsewhere/d",)


def test_a_containers_environment_says_what_its_image_does() -> None:
    container = {"Image": IMAGE, "Environment": {"SAGEMAKER_PROGRAM": "serve.py", "A": "b"}}
    package = observed(InferenceSpecification={"Containers": [container]})
    assert package.containers[0].environment == (("A", "b"), ("SAGEMAKER_PROGRAM", "serve.py"))


def test_a_package_that_nobody_changed_was_last_changed_by_its_creator() -> None:
    package = observed()
    assert (package.last_actor, package.last_modified) == (Actor(arn=AUTHOR.arn), CREATED)


def test_a_change_of_somebody_unnamed_is_nobodys() -> None:
    assert observed(LastModifiedTime=at(1), LastModifiedBy={}).last_actor is None
    assert observed(LastModifiedTime=at(1)).last_actor is None


@pytest.mark.parametrize(
    "content", ["", "not json", "[]", '{"intended_uses": null}', '{"intended_uses": ["Low"]}', "[" * 100_000]
)
def test_a_card_that_says_nothing_leaves_the_risk_unknown(content: str) -> None:
    assert observed(ModelCard={"ModelCardContent": content, "ModelCardStatus": "Draft"}).risk is RiskRating.UNKNOWN
    assert observed().risk is RiskRating.UNKNOWN


def test_a_card_with_a_byte_order_mark_is_read() -> None:
    content = f"\ufeff{json.dumps(CARD)}"
    assert observed(ModelCard={"ModelCardContent": content, "ModelCardStatus": "Draft"}).risk is RiskRating.LOW


@pytest.mark.parametrize("status", ["Pending", "InProgress", "Failed"])
def test_a_package_that_isnt_completed_isnt_complete(status: str) -> None:
    assert not observed(ModelPackageStatus=status).is_complete


@pytest.mark.parametrize(
    "answer",
    [
        refusal("ValidationException", f"ModelPackage {PACKAGE_ARN} does not exist."),
        refusal("ResourceNotFound", "gone"),
        described(ModelPackageStatus="Deleting"),
    ],
)
def test_a_package_that_is_gone_is_none(answer: Answer) -> None:
    sagemaker = Scripted("sagemaker", DescribeModelPackage=answer)
    assert model_packages.observe(sagemaker.client, the_package_subject()) is None
    assert sagemaker.calls == [("DescribeModelPackage", {"ModelPackageName": PACKAGE_ARN})]


def test_another_refusal_is_not_a_deletion() -> None:
    sagemaker = Scripted("sagemaker", DescribeModelPackage=refusal("ValidationException", "Region"))
    with pytest.raises(RefusedError, match=f"read {PACKAGE_ARN}"):
        model_packages.observe(sagemaker.client, the_package_subject())


def test_a_package_without_an_approval_status_is_pending_and_says_so() -> None:
    package = observed(ModelApprovalStatus=None)
    assert (package.status, package.has_status) == (PENDING, False)


def test_an_approval_status_that_nobody_knows_is_refused() -> None:
    with pytest.raises(UnknownStatusError, match=f"{PACKAGE_ARN}: found approval status 'Retired'"):
        observed(ModelApprovalStatus="Retired")


SUBMIT = "s3://model-artifacts-churn/churn/3/source/sourcedir.tar.gz"
OTHER_IMAGE = "222233334444.dkr.ecr.us-east-1.amazonaws.com/tools/before:v1"


class TestWhatIsMentioned:
    """Whatever a specification names on S3, or as an image, is what the package is made of."""

    def test_in_an_environment_is_data(self) -> None:
        container = {
            "Image": IMAGE,
            "ImageDigest": DIGEST,
            "ModelDataUrl": "s3://bucket/churn/3/model.tar.gz",
            "Environment": {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": SUBMIT},
        }
        package = observed(InferenceSpecification={"Containers": [container]})
        assert [str(uri) for uri in package.data_uris] == ["s3://bucket/churn/3/model.tar.gz", SUBMIT]
        assert package.unpinned == ()

    @pytest.mark.parametrize(
        ("members", "expected"),
        [
            ({"InferenceSpecification": {"Containers": [{"ModelInput": {"DataInputConfig": SUBMIT}}]}}, [SUBMIT]),
            (
                {"InferenceSpecification": {"Containers": [{"Environment": {"A": f"[{SUBMIT},s3://b00/c]"}}]}},
                ["s3://b00/c", SUBMIT],
            ),
            ({"InferenceSpecification": None, "SourceUri": "s3://mlflow-runs/5/"}, ["s3://mlflow-runs/5/"]),
            (
                {
                    "InferenceSpecification": None,
                    "SourceAlgorithmSpecification": {
                        "SourceAlgorithms": [{"AlgorithmName": "ours", "ModelDataUrl": "s3://bucket/a"}]
                    },
                },
                ["s3://bucket/a"],
            ),
            (
                {
                    "AdditionalInferenceSpecifications": [
                        {"Name": "gpu", "Containers": [{"Image": IMAGE, "Environment": {"CODE": "s3://bucket/code"}}]}
                    ]
                },
                ["s3://bucket/churn/3/model.tar.gz", "s3://bucket/code"],
            ),
        ],
    )
    def test_anywhere_else_is_data(self, members: dict[str, Any], expected: list[str]) -> None:
        assert [str(uri) for uri in observed(**members).data_uris] == expected

    def test_is_an_image_where_it_is_one(self) -> None:
        container = {"Image": IMAGE, "ImageDigest": DIGEST, "Environment": {"BEFORE": f"docker run {OTHER_IMAGE}"}}
        package = observed(InferenceSpecification={"Containers": [container]})
        assert package.images == (IMAGE, OTHER_IMAGE)
        assert package.containers[0].images_by_tag == (OTHER_IMAGE,)

    @pytest.mark.parametrize(
        ("container", "expected"),
        [
            ({"Environment": {"HF_MODEL_ID": "meta-llama/Llama-3-8B"}}, "HF_MODEL_ID=meta-llama/Llama-3-8B"),
            ({"Environment": {"CODE": "s3://bucket"}}, "s3://bucket"),
            ({"Environment": {"CODE": "S3://bucket/key"}}, "S3://bucket/key"),
            ({"Environment": {"CODE": "s3a://bucket/key"}}, "s3a://bucket/key"),
            ({"Environment": {"CODE": "arn:aws:s3:::bucket/key"}}, "arn:aws:s3:::bucket/key"),
            (
                {"Environment": {"CODE": "https://me:pw@bucket.s3.amazonaws.com/key?X-Amz-Signature=abc"}},
                "https://bucket.s3.amazonaws.com/key",
            ),
            ({"BaseModel": {"HubContentName": "llama"}}, "the base model llama"),
        ],
    )
    def test_is_said_where_it_cant_be_fingerprinted(self, container: dict[str, Any], expected: str) -> None:
        package = observed(InferenceSpecification={"Containers": [{"Image": IMAGE, **container}]})
        assert package.unpinned == (expected,)

    @pytest.mark.parametrize("value", ["/opt/ml/model", "s3://bucket/llama/"])
    def test_is_no_model_of_a_public_hub_where_it_is_a_path(self, value: str) -> None:
        container = {"Image": IMAGE, "Environment": {"HF_MODEL_ID": value}}
        assert observed(InferenceSpecification={"Containers": [container]}).unpinned == ()

    def test_has_another_content_when_it_is_another(self) -> None:
        first, other, none = (observed(SourceUri=uri) for uri in ("s3://runs/5/", "s3://runs/6/", None))
        assert len({first.content_hash, other.content_hash, none.content_hash}) == 3

    def test_has_the_same_content_whichever_card_its_own_card_names(self) -> None:
        home = PACKAGE_ARN.partition(":model-package/")[0]
        cards = [f"{home}:model-card/one", f"{home}:model-card/two", "churn-3"]
        contents = [json.dumps({"model_overview": {"model_id": card}}) for card in cards]
        one, two, none = (observed(ModelCard={"ModelCardContent": text}) for text in contents)
        assert [each.card for each in (one, two, none)] == [*cards[:2], ""]
        assert {each.content_hash for each in (one, two, none)} == {observed().content_hash}, (
            "as before there were links"
        )
