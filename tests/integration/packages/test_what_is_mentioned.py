"""Everything that a package names is opened with it and looked at, and nothing beside it; or it stays closed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.kernel.delays import Delays
from tests.support.registry import BUCKET, DATA, GROUP, Registry, a_version, image, works
from tests.support.registry import registry as a_registry

CODE, BELOW, BESIDE = "churn/code/sourcedir.tar.gz", "churn/extra/1/table", "churn/extra/10/table"
AWS_IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-inference:2.8-cpu"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """With code and more data in the bucket, and nothing registered yet that names it."""
    delays = Delays(cloudtrail=0.1, delivery_retry=0.01, lambda_retry=0.02, wait_factor=0.02)
    with a_registry(tmp_path_factory.mktemp("settings"), delays) as environment:
        for key in (CODE, BELOW, BESIDE):
            writes(environment, key, b"as it was")
        yield environment


def writes(registry: Registry, key: str, body: bytes) -> None:
    encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": registry.key}
    registry.admin("s3", "dev").put_object(Bucket=BUCKET, Key=key, Body=body, **encryption)


def may_get(registry: Registry, key: str) -> bool:
    s3 = registry.organization.client("s3", "prod")
    return works(lambda: s3.get_object(Bucket=BUCKET, Key=key))


def registers(registry: Registry, *containers: dict[str, Any]) -> None:
    registry.package = a_version(registry.organization, *containers)
    assert registry.organization.settle()


def last_message(registry: Registry) -> str:
    return str(registry.organization.outbox[-1].text)


def manual_run(registry: Registry) -> str:
    run = registry.manual_run()
    assert run.status == "SUCCEEDED", (run.error, run.cause)
    return str(json.loads(run.output or "{}")["outcome"])


def test_code_that_an_environment_names_is_opened_shown_and_looked_at(registry: Registry) -> None:
    registers(
        registry,
        {
            "Image": image(registry.organization),
            "ModelDataUrl": f"s3://{BUCKET}/{DATA}",
            "AdditionalS3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/churn/extra/1"},
            "Environment": {"SAGEMAKER_SUBMIT_DIRECTORY": f"s3://{BUCKET}/{CODE}", "DB_PASSWORD": "hunter2"},
        },
    )
    asked = last_message(registry)
    assert f"s3://{BUCKET}/{CODE}" in asked
    assert "CredentialInEnvironment" in asked
    assert "hunter2" not in asked

    registry.sets("approver", "Approved")
    assert [may_get(registry, key) for key in (DATA, CODE, BELOW)] == [True, True, True]
    assert not may_get(registry, BESIDE), "a neighbour of the prefix"
    assert manual_run(registry) == "unchanged"

    writes(registry, BESIDE, b"another")
    assert manual_run(registry) == "unchanged"
    writes(registry, CODE, b"swapped")
    assert manual_run(registry) == "changes"
    assert [may_get(registry, key) for key in (DATA, CODE, BELOW)] == [False, False, False]
    assert "BytesChanged" in last_message(registry)


def test_the_environment_is_shown_beside_what_was_approved_last(registry: Registry) -> None:
    container = {"Image": image(registry.organization), "ModelDataUrl": f"s3://{BUCKET}/{DATA}"}
    registers(registry, {**container, "Environment": {"WORKERS": "2", "LEVEL": "info", "API_TOKEN": "abcdefgh"}})
    assert "WORKERS" in last_message(registry)
    registry.sets("approver", "Approved")

    registers(registry, {**container, "Environment": {"WORKERS": "4", "API_TOKEN": "zyxwvuts", "DEBUG": "1"}})
    version = int(registry.package.rpartition("/")[2]) - 1
    beside = f"Environment, beside version {version}, which was approved last: "
    lines = [line.removeprefix(beside) for line in last_message(registry).splitlines() if line.startswith(beside)]
    assert lines == ["+ DEBUG=1", "- LEVEL=info", "~ WORKERS: 2 -> 4", "= 1 as they were"]
    assert "zyxwvuts" not in last_message(registry)


def test_what_aws_offers_to_everybody_is_left_to_it(registry: Registry) -> None:
    data = "s3://jumpstart-cache-prod-us-east-1/tf/ic.tar.gz"
    registers(registry, {"Image": AWS_IMAGE, "ModelDataUrl": data})
    registry.sets("approver", "Approved")
    assert "describe package" in registry.may("prod")
    assert manual_run(registry) == "unchanged"


def test_an_image_of_nobody_by_its_tag_stays_closed(registry: Registry) -> None:
    registers(registry, {"Image": "999988887777.dkr.ecr.us-east-1.amazonaws.com/theirs:v1"})
    registry.sets("approver", "Approved")
    assert "describe package" not in registry.may("prod")
    assert "ImageUnknown" in last_message(registry)


def test_a_source_alone_is_nothing_to_open(registry: Registry) -> None:
    made = registry.organization.client("sagemaker", "governance").create_model_package(
        ModelPackageGroupName=GROUP,
        ModelApprovalStatus="PendingManualApproval",
        SourceUri=f"s3://{BUCKET}/churn/mlflow/5/",
    )
    registry.package = str(made["ModelPackageArn"])
    assert registry.organization.settle()
    registry.sets("approver", "Approved")
    assert "describe package" not in registry.may("prod")
    assert "NothingToDeploy" in last_message(registry)
