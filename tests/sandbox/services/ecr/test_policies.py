"""Repositories behave as ECR documents them: policies, digests, and who may pull."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from sandbox.kernel.stale_reads import stale_reads
from sandbox.kernel.wire.transport import client
from tests.support.authorization import CONSUMER, OWNER, as_role, code_of, document, make_role, may

pytestmark = pytest.mark.usefixtures("guarded")

LAYER = "sha256:" + "1" * 64
MANIFEST = json.dumps(
    {"mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": [{"digest": LAYER, "size": 7}]}
)
HERE = {"repositoryName": "serving/churn"}
THERE = HERE | {"registryId": OWNER}
PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability", "ecr:DescribeImages"]
ACCOUNT = {"AWS": f"arn:aws:iam::{CONSUMER}:root"}
REPOSITORY = f"arn:aws:ecr:us-east-1:{OWNER}:repository/serving/churn"
DENIED = "AccessDeniedException"
INVALID = "InvalidParameterException"


@pytest.fixture
def ecr() -> Any:
    """The owner's registry with one tagged image."""
    made = client("ecr", OWNER)
    made.create_repository(**HERE)
    made.put_image(**HERE, imageManifest=MANIFEST, imageTag="v1")
    return made


@pytest.fixture
def puller() -> Any:
    return as_role("ecr", make_role(CONSUMER, "Serving", may("ecr:*")))


def statement(actions: list[str] | str = PULL, **more: Any) -> dict[str, Any]:
    return {"Sid": "Pull", "Effect": "Allow", "Principal": ACCOUNT, "Action": actions, **more}


def outcomes(puller: Any) -> dict[str, str]:
    return {
        "ecr:BatchGetImage": code_of(puller.batch_get_image, **THERE, imageIds=[{"imageTag": "v1"}]),
        "ecr:GetDownloadUrlForLayer": code_of(puller.get_download_url_for_layer, **THERE, layerDigest=LAYER),
        "ecr:BatchCheckLayerAvailability": code_of(
            puller.batch_check_layer_availability, **THERE, layerDigests=[LAYER]
        ),
        "ecr:DescribeImages": code_of(puller.describe_images, **THERE),
    }


def test_another_account_pulls_with_the_policy_only(ecr: Any, puller: Any) -> None:
    assert set(outcomes(puller).values()) == {DENIED}
    ecr.set_repository_policy(**HERE, policyText=document(statement()))
    assert set(outcomes(puller).values()) == {""}
    (image,) = puller.batch_get_image(**THERE, imageIds=[{"imageTag": "v1"}])["images"]
    assert image["imageManifest"] == MANIFEST
    checked = puller.batch_check_layer_availability(**THERE, layerDigests=[LAYER])
    assert [layer["layerAvailability"] for layer in checked["layers"]] == ["AVAILABLE"]
    assert puller.get_download_url_for_layer(**THERE, layerDigest=LAYER)["layerDigest"] == LAYER
    assert code_of(puller.put_image, **THERE, imageManifest=MANIFEST, imageTag="v2") == DENIED
    ecr.delete_repository_policy(**HERE)
    assert set(outcomes(puller).values()) == {DENIED}


@pytest.mark.parametrize("missing", PULL)
def test_each_action_is_needed(ecr: Any, puller: Any, missing: str) -> None:
    ecr.set_repository_policy(**HERE, policyText=document(statement([each for each in PULL if each != missing])))
    assert outcomes(puller) == {action: DENIED if action == missing else "" for action in PULL}


def test_a_repository_of_the_same_name_in_the_own_registry_is_another(ecr: Any, puller: Any) -> None:
    ecr.set_repository_policy(**HERE, policyText=document(statement()))
    assert code_of(puller.describe_images, **HERE) == "RepositoryNotFoundException"
    client("ecr", CONSUMER).create_repository(**HERE)
    assert puller.describe_images(**HERE)["imageDetails"] == []
    assert len(puller.describe_images(**THERE)["imageDetails"]) == 1


def test_a_digest_is_that_of_the_manifest_and_a_tag_can_move(ecr: Any) -> None:
    digest = "sha256:" + hashlib.sha256(MANIFEST.encode()).hexdigest()
    (image,) = ecr.describe_images(**HERE, imageIds=[{"imageTag": "v1"}])["imageDetails"]
    assert image["imageDigest"] == digest
    other = MANIFEST.replace('"size": 7', '"size": 8')
    moved = ecr.put_image(**HERE, imageManifest=other, imageTag="v1")["image"]["imageId"]["imageDigest"]
    (image,) = ecr.describe_images(**HERE, imageIds=[{"imageTag": "v1"}])["imageDetails"]
    assert image["imageDigest"] == moved != digest
    wrong = {"imageManifest": MANIFEST, "imageTag": "v3", "imageDigest": "sha256:" + "0" * 64}
    assert code_of(ecr.put_image, **HERE, **wrong) == "ImageDigestDoesNotMatchException"


def test_an_unknown_layer_is_told(ecr: Any) -> None:
    unknown = {"layerDigest": "sha256:" + "9" * 64}
    assert code_of(ecr.get_download_url_for_layer, **HERE, **unknown) == "LayersNotFoundException"


def test_a_bad_policy_is_refused_and_the_one_before_stays(ecr: Any) -> None:
    assert code_of(ecr.get_repository_policy, **HERE) == "RepositoryPolicyNotFoundException"
    assert code_of(ecr.delete_repository_policy, **HERE) == "RepositoryPolicyNotFoundException"
    ecr.set_repository_policy(**HERE, policyText=document(statement()))
    before = ecr.get_repository_policy(**HERE)["policyText"]
    padding = 10_240 - len(document(statement(Sid="")))
    for policy in (
        "not json",
        "{}",
        document(statement(Resource=REPOSITORY)),
        document(statement(Principal={"AWS": f"arn:aws:iam::{CONSUMER}:role/Nobody"})),
        document(statement(Principal={"AWS": "AROAEXAMPLEEXAMPLE123"})),
        document(statement(Sid="x" * (padding + 1))),
    ):
        assert code_of(ecr.set_repository_policy, **HERE, policyText=policy) == INVALID
        assert ecr.get_repository_policy(**HERE)["policyText"] == before
    ecr.set_repository_policy(**HERE, policyText=document(statement(Sid="x" * padding)))
    assert ecr.get_repository_policy(**HERE)["policyText"] != before


def test_a_policy_is_set_by_who_may_in_the_owner_s_registry(ecr: Any) -> None:
    editor = as_role("ecr", make_role(CONSUMER, "Editor", may("ecr:*")))
    request = THERE | {"policyText": document(statement())}
    assert code_of(editor.set_repository_policy, **request) == DENIED
    ecr.set_repository_policy(**HERE, policyText=document(statement("ecr:SetRepositoryPolicy")))
    assert code_of(editor.set_repository_policy, **request) == ""
    shown = json.loads(ecr.get_repository_policy(**HERE)["policyText"])
    assert shown["Statement"] == [statement()]


def test_a_deleted_role_shows_as_its_id(ecr: Any) -> None:
    role = make_role(CONSUMER, "Host")
    unique_id = client("iam", CONSUMER).get_role(RoleName="Host")["Role"]["RoleId"]
    ecr.set_repository_policy(**HERE, policyText=document(statement(Principal={"AWS": [role, ACCOUNT["AWS"]]})))
    client("iam", CONSUMER).delete_role(RoleName="Host")
    text = ecr.get_repository_policy(**HERE)["policyText"]
    assert json.loads(text)["Statement"][0]["Principal"] == {"AWS": [unique_id, ACCOUNT["AWS"]]}
    assert code_of(ecr.set_repository_policy, **HERE, policyText=text) == INVALID


def test_a_read_can_be_behind_the_last_write(ecr: Any) -> None:
    for sid in ("First", "Second"):
        ecr.set_repository_policy(**HERE, policyText=document(statement(Sid=sid)))
    stale_reads.plan(REPOSITORY)
    read = [json.loads(ecr.get_repository_policy(**HERE)["policyText"])["Statement"][0]["Sid"] for _ in range(2)]
    assert read == ["First", "Second"]
