"""What was approved is what is used: whatever is written anew after the approval closes, until it is approved."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.kernel.delays import Delays
from sandbox.stagegate.members import GOVERNANCE
from tests.support.fixtures import without
from tests.support.registry import ALL, BUCKET, DATA, MANIFEST, REPOSITORY, Registry, a_version, image
from tests.support.registry import registry as a_registry

OWN_BUCKET, WEIGHTS = "governance-models", "churn/weights/"
ANOTHER_BUCKET = f'\n[[buckets]]\nname = "{OWN_BUCKET}"\naccount = "{GOVERNANCE}"\n'
IN_GOVERNANCE = [
    ("stagegate-plan", "ReadBuckets"),
    ("stagegate-record-approval", "EnterMembers"),
    ("stagegate-record-approval", "ListBuckets"),
    ("stagegate-record-approval", "LookUpImages"),
]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("settings")


@pytest.fixture(scope="module")
def registry(settings: Path) -> Iterator[Registry]:
    """A pipeline of two containers: one as in the other scenes, one of a bucket of the governance account and of an
    image that wasn't there yet when it was registered, so that SageMaker gives no digest of it.
    """
    delays = Delays(cloudtrail=0.1, delivery_retry=0.01, lambda_retry=0.02, wait_factor=0.02)
    with a_registry(settings, delays, ANOTHER_BUCKET) as environment:
        environment.admin("s3").create_bucket(Bucket=OWN_BUCKET)
        adds_weights(environment, "1")
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{OWN_BUCKET}/{WEIGHTS}", "CompressionType": "None"}
        environment.package = a_version(
            environment.organization,
            {"Image": image(environment.organization), "ModelDataUrl": f"s3://{BUCKET}/{DATA}"},
            {"Image": image(environment.organization, "v2"), "ModelDataSource": {"S3DataSource": source}},
        )
        moves_the_tag(environment)
        assert environment.organization.settle()
        yield environment


def overwrites(registry: Registry) -> str:
    arguments = {"Bucket": BUCKET, "Key": DATA, "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": registry.key}
    s3 = registry.admin("s3", "dev")
    before = s3.get_object(Bucket=BUCKET, Key=DATA)["Body"].read()
    s3.put_object(**arguments, Body=before + b"!")
    return f"s3://{BUCKET}/{DATA}"


def adds_weights(registry: Registry, name: str = "2") -> str:
    registry.admin("s3").put_object(Bucket=OWN_BUCKET, Key=f"{WEIGHTS}{name}", Body=b"weights")
    return f"s3://{OWN_BUCKET}/{WEIGHTS}{name}"


def moves_the_tag(registry: Registry) -> str:
    ecr = registry.admin("ecr")
    images = ecr.describe_images(repositoryName=REPOSITORY)["imageDetails"]
    manifest = json.dumps({**json.loads(MANIFEST), "annotations": {"build": str(len(images))}})
    ecr.put_image(repositoryName=REPOSITORY, imageManifest=manifest, imageTag="v2")
    return image(registry.organization, "v2")


def opens(registry: Registry) -> None:
    """Have it open, whatever an earlier test has left."""
    if registry.may("prod") != ALL:
        registry.sets("approver", "Approved")
        assert registry.may("prod") == ALL


def manual_run(registry: Registry) -> dict[str, Any]:
    run = registry.manual_run()
    assert run.status == "SUCCEEDED", (run.error, run.cause)
    return dict(json.loads(run.output or "{}"))


def last_message(registry: Registry) -> str:
    return str(registry.organization.outbox[-1].text)


def test_what_is_written_anew_closes_until_it_is_approved(registry: Registry) -> None:
    opens(registry)
    changed = [overwrites(registry), adds_weights(registry), moves_the_tag(registry)]
    assert manual_run(registry)["outcome"] == "changes"
    assert registry.may("prod") == frozenset()
    assert "BytesChanged" in last_message(registry)
    assert all(name in last_message(registry) for name in changed)
    messages = len(registry.organization.outbox)
    assert manual_run(registry)["outcome"] == "blocked"
    assert len(registry.organization.outbox) == messages, "nothing is told twice"

    registry.sets("approver", "Approved")
    assert registry.may("prod") == ALL
    assert registry.changed_by_manual_run() == "unchanged"


def test_what_is_set_back_is_asked_about_with_the_bytes_of_now(registry: Registry) -> None:
    """No event tells of bytes, and the record of who set it comes after the question."""
    opens(registry)
    registry.sets("approver", "PendingManualApproval")
    registry.sets("approver", "Approved")
    overwrites(registry)
    registry.sets("approver", "PendingManualApproval")
    registry.sets("approver", "Approved")
    assert registry.may("prod") == ALL, "they have answered what they were asked"


def test_a_bucket_under_its_accounts_default_key_is_closed(registry: Registry) -> None:
    opens(registry)
    s3 = registry.admin("s3", "dev")
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
    try:
        assert manual_run(registry)["outcome"] == "changes"
        assert registry.may("prod") == frozenset()
        assert "DefaultKey" in last_message(registry)
    finally:
        s3.delete_bucket_encryption(Bucket=BUCKET)
    assert manual_run(registry)["outcome"] == "changes"
    assert registry.may("prod") == ALL, "the approval stands"


def test_the_rules_may_keep_it_open_and_ask(registry: Registry, settings: Path) -> None:
    opens(registry)
    shipped, asking = settings / "governance.toml", settings / "asking.toml"
    asking.write_text(shipped.read_text().replace('after_change = "close"', 'after_change = "ask"'))
    registry.organization.update_settings(asking)
    try:
        overwrites(registry)
        assert manual_run(registry)["outcome"] == "unchanged"
        assert registry.may("prod") == ALL
        assert 'after_change = "ask"' in last_message(registry)
    finally:
        registry.organization.update_settings(shipped)
    # Its bytes ask for that, so the sweep after the deployment has closed it already.
    assert manual_run(registry)["outcome"] == "blocked"
    assert registry.may("prod") == frozenset()


@pytest.mark.parametrize(("role", "sid"), IN_GOVERNANCE)
def test_a_missing_statement_is_noticed(registry: Registry, role: str, sid: str) -> None:
    """Every one of these finds the package closed, and approvals of earlier bytes in vain."""
    overwrites(registry)
    manual_run(registry)
    with without(registry, (role, sid)):
        registry.sets("approver", "Approved")
        assert registry.may("prod") == frozenset()


def test_with_every_statement_it_opens_once_it_was_asked_about_as_it_is(registry: Registry) -> None:
    overwrites(registry)
    registry.sets("approver", "Approved")
    assert registry.may("prod") == frozenset()
    assert "ApprovalNotAsked" in last_message(registry)
    assert "DECIDE " in str(registry.organization.outbox[-1].subject)
    registry.sets("approver", "Approved")
    assert registry.may("prod") == ALL
