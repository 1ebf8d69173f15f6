"""What opens can be used by those whom it opens for: nothing opens where somebody else's deny or a key that is off
refuses it, and a role that isn't there keeps nobody else out.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sandbox.kernel.delays import Delays
from sandbox.kernel.wire.failures import failures
from tests.support.registry import ALL, BUCKET, DATA, MANIFEST, REPOSITORY, Registry, a_version, image
from tests.support.registry import registry as a_registry
from tests.support.shipped import by_approval_alone

EXECUTION_ROLE = "AmazonSageMaker-ExecutionRole-20260102T030405"
RULES = by_approval_alone().replace('roles = ["ModelOperator"]', f'roles = ["ModelOperator", "{EXECUTION_ROLE}"]')
"""`cases/role-below-service-role.toml`: in IAM the second role lies below /service-role/."""
OPEN = {"Effect": "Allow", "Action": "*", "Resource": "*"}
OTHER_MANIFEST = MANIFEST.replace("1" * 64, "2" * 64)
CODES = ("DefaultKey", "ForeignDeny", "ForeignDenyPossible", "KeyUnusable")


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("settings")
    delays = Delays(cloudtrail=0.1, delivery_retry=0.01, lambda_retry=0.02, wait_factor=0.02)
    with a_registry(folder, delays) as environment:
        iam = environment.admin("iam", "prod")
        trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
        iam.create_role(
            RoleName=EXECUTION_ROLE, Path="/service-role/", AssumeRolePolicyDocument=json.dumps(_document(trust))
        )
        iam.put_role_policy(RoleName=EXECUTION_ROLE, PolicyName="all", PolicyDocument=json.dumps(_document(OPEN)))
        takes_rules(environment, folder / "governance.toml", RULES)
        yield environment


def takes_rules(registry: Registry, path: Path, text: str) -> None:
    path.write_text(f'{text.rstrip()}\nkey = "{registry.key}"\n')
    registry.organization.update_settings(path)


@pytest.fixture(autouse=True)
def pending(registry: Registry) -> Iterator[None]:
    registry.sets("approver", "PendingManualApproval")
    yield
    registry.sets("approver", "Rejected")
    assert registry.may("prod") == frozenset()


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


@contextmanager
def denying(registry: Registry, **deny: Any) -> Iterator[None]:
    """While somebody else's deny stands in the bucket's policy, or in the key's or repository's by the action."""
    statement = {"Sid": "Theirs", "Effect": "Deny", "Principal": "*", **deny}
    read, write = _policy(registry, str(deny["Action"]).partition(":")[0])
    document = json.loads(read())
    write(json.dumps({**document, "Statement": [*document["Statement"], statement]}))
    try:
        yield
    finally:
        document = json.loads(read())
        kept = [each for each in document["Statement"] if each.get("Sid") != "Theirs"]
        write(json.dumps({**document, "Statement": kept}))


def _policy(registry: Registry, service: str) -> tuple[Callable[[], str], Callable[[str], Any]]:
    """How the policy of the bucket, the key or the repository is read and written."""
    s3, kms, ecr = registry.admin("s3", "dev"), registry.admin("kms", "dev"), registry.admin("ecr")
    of_key, of_repository = {"KeyId": registry.key, "PolicyName": "default"}, {"repositoryName": REPOSITORY}
    ways: dict[str, tuple[Callable[[], str], Callable[[str], Any]]] = {
        "s3": (
            lambda: str(s3.get_bucket_policy(Bucket=BUCKET)["Policy"]),
            lambda text: s3.put_bucket_policy(Bucket=BUCKET, Policy=text),
        ),
        "kms": (
            lambda: str(kms.get_key_policy(**of_key)["Policy"]),
            lambda text: kms.put_key_policy(**of_key, Policy=text),
        ),
        "ecr": (
            lambda: str(ecr.get_repository_policy(**of_repository)["policyText"]),
            lambda text: ecr.set_repository_policy(**of_repository, policyText=text),
        ),
    }
    return ways[service]


def found(registry: Registry) -> list[tuple[str, str]]:
    """What a person who looks is told of using it, by code and severity."""
    run = registry.manual_run()
    assert run.status == "SUCCEEDED", (run.error, run.cause)
    record = json.loads(run.output or "{}")
    return [(each["code"], each["severity"]) for each in record["findings"] if each["code"] in CODES]


THE_CASE = {"Condition": {"StringNotEquals": {"aws:PrincipalAccount": ["222233334444", "111122223333"]}}}
"""`cases/somebodys-deny.json`."""


@pytest.mark.parametrize(
    "deny",
    [
        {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*", **THE_CASE},
        {"Action": "kms:Decrypt", "Resource": "*", **THE_CASE},
        {"Action": "ecr:BatchGetImage", **THE_CASE},
    ],
    ids=["bucket", "key", "repository"],
)
def test_a_deny_that_refuses_lets_nothing_open_until_it_is_gone(registry: Registry, deny: dict[str, Any]) -> None:
    with denying(registry, **deny):
        registry.sets("approver", "Approved")
        assert registry.may("prod") == frozenset(), "nothing is open that can't be used"
        said = registry.organization.outbox[-1].text
        assert "ForeignDeny: Statement Theirs in the policy of " in said
        assert found(registry) == [("ForeignDeny", "block")]
    assert registry.changed_by_manual_run() == "changes"
    assert registry.may("prod") == ALL
    with denying(registry, **deny):
        assert found(registry) == [("ForeignDeny", "block")]
        assert registry.may("prod") == frozenset()


@pytest.mark.parametrize(
    "deny",
    [
        {
            "Action": "s3:*",
            "Resource": f"arn:aws:s3:::{BUCKET}/*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
            "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-stagegate01"}},
        },
        {"Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"},
        {
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{BUCKET}/*",
            "Condition": {"Null": {"s3:x-amz-server-side-encryption": "true"}},
        },
    ],
    ids=["no TLS", "not our organization", "uploads", "unencrypted uploads"],
)
def test_a_deny_that_does_no_harm_is_no_finding(registry: Registry, deny: dict[str, Any]) -> None:
    with denying(registry, **deny):
        registry.sets("approver", "Approved")
        assert registry.may("prod") == ALL
        assert found(registry) == []


def test_a_deny_that_nobody_can_tell_of_is_a_warning_and_said_once(registry: Registry) -> None:
    condition = {"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}, "Null": {"aws:SourceVpce": "false"}}
    with denying(registry, Action="s3:GetObject", Resource=f"arn:aws:s3:::{BUCKET}/*", Condition=condition):
        registry.sets("approver", "Approved")
        assert registry.may("prod") == ALL
        assert "Null on aws:SourceVpce" in registry.organization.outbox[-1].text
        told = len(registry.organization.outbox)
        assert found(registry) == [("ForeignDenyPossible", "warn")]
        registry.organization.client("sagemaker", "governance").update_model_package(
            ModelPackageArn=registry.package, ApprovalDescription="an edit of the metadata"
        )
        assert registry.organization.settle()
        assert len(registry.organization.outbox) == told


def test_a_key_that_is_off_opens_nothing(registry: Registry) -> None:
    kms, key = registry.admin("kms", "dev"), registry.key.rpartition("/")[2]
    kms.disable_key(KeyId=key)
    try:
        registry.sets("approver", "Approved")
        assert found(registry) == [("KeyUnusable", "block")]
        assert registry.sids("bucket") == ["Auditors"]
    finally:
        kms.enable_key(KeyId=key)


def test_a_key_that_is_to_be_deleted_closes_and_opens_nothing_if_it_comes_back(registry: Registry) -> None:
    kms, key = registry.admin("kms", "dev"), registry.key.rpartition("/")[2]
    registry.sets("approver", "Approved")
    assert registry.may("prod") == ALL
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    try:
        assert found(registry) == [("KeyUnusable", "block")]
        assert "is PendingDeletion in KMS" in registry.organization.outbox[-1].text
    finally:
        kms.cancel_key_deletion(KeyId=key)
        kms.enable_key(KeyId=key)
    assert registry.may("prod") == frozenset(), "its grants were taken back meanwhile"


def test_a_grant_that_kms_takes_back_in_no_such_state_keeps_nothing_else_open(registry: Registry) -> None:
    registry.sets("approver", "Approved")
    assert registry.may("prod") == ALL
    failures.plan("kms", "RevokeGrant", "KMSInvalidStateException", times=20)
    registry.sets("approver", "Rejected")
    assert registry.may("prod") == {"decrypt"}
    said = registry.organization.outbox[-1].text
    assert "StillOpenError" in said
    assert "if its deletion is cancelled, the grant holds again" in " ".join(said.split())
    failures.clear()
    registry.sweeps()
    assert registry.may("prod") == frozenset(), "the next sweep has tried it again"


def test_a_key_that_aws_manages_opens_nothing_though_the_rules_name_it(registry: Registry, tmp_path: Path) -> None:
    kms, before = registry.admin("kms", "dev"), registry.key
    managed = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["Arn"]
    registry.key = managed
    try:
        takes_rules(registry, tmp_path / "governance.toml", RULES)
        registry.sets("approver", "Approved")
        assert found(registry) == [("DefaultKey", "block")]
        assert kms.list_grants(KeyId=managed)["Grants"] == []
    finally:
        registry.key = before
        takes_rules(registry, tmp_path / "governance.toml", RULES)


def test_what_is_archived_opens_nothing(registry: Registry) -> None:
    s3, encryption = registry.admin("s3", "dev"), {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": registry.key}
    for storage_class, code in (("GLACIER", "ArtifactArchived"), ("STANDARD", "")):
        s3.put_object(Bucket=BUCKET, Key=DATA, Body=b"weights", StorageClass=storage_class, **encryption)
        registry.organization.clock.advance(125)  # an approval right after a write may be of the bytes before
        registry.sets("approver", "PendingManualApproval")
        registry.sets("approver", "Approved")
        registry.sets("approver", "Approved")  # other bytes are asked about, and this answers
        assert (code in registry.organization.outbox[-1].text, registry.may("prod") == ALL) == (True, not code)


def test_an_image_that_a_lifecycle_rule_has_deleted_opens_nothing(registry: Registry) -> None:
    ecr, before = registry.admin("ecr"), registry.package
    digest = ecr.put_image(repositoryName=REPOSITORY, imageManifest=OTHER_MANIFEST, imageTag="v2")["image"]["imageId"]
    pinned = f"{image(registry.organization).rpartition(':')[0]}@{digest['imageDigest']}"
    registry.package = a_version(registry.organization, {"Image": pinned, "ModelDataUrl": f"s3://{BUCKET}/{DATA}"})
    assert registry.organization.settle()
    registry.sets("approver", "Approved")
    assert "describe package" in registry.may("prod")
    ecr.batch_delete_image(repositoryName=REPOSITORY, imageIds=[{"imageDigest": digest["imageDigest"]}])
    assert registry.changed_by_manual_run() == "changes"
    assert registry.may("prod") == frozenset()
    assert "ImageMissing" in registry.organization.outbox[-1].text
    registry.package = before


def test_a_public_policy_that_the_bucket_restricts_opens_nothing(registry: Registry) -> None:
    s3 = registry.admin("s3", "dev")
    everybody = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/open/*"}
    s3.put_public_access_block(
        Bucket=BUCKET, PublicAccessBlockConfiguration={"RestrictPublicBuckets": True, "BlockPublicPolicy": False}
    )
    with denying(registry, **everybody):
        registry.sets("approver", "Approved")
        assert registry.may("prod") == frozenset()
        assert "BucketRestricted: Statement Theirs" in registry.organization.outbox[-1].text
    assert registry.changed_by_manual_run() == "changes"
    assert registry.may("prod") == ALL
    with denying(registry, **everybody):
        assert registry.may("prod") == ALL - {"get data"}, "S3 keeps out whom our statement names"
    s3.delete_public_access_block(Bucket=BUCKET)


def test_a_role_below_a_path_is_named_and_keeps_nobody_else_out(registry: Registry) -> None:
    registry.sets("approver", "Approved")
    assert registry.may("prod") == ALL
    assert registry.may("prod", f"service-role/{EXECUTION_ROLE}") == frozenset()
    said = registry.organization.outbox[-1].text
    assert f'write "service-role/{EXECUTION_ROLE}"' in said
    assert registry.changed_by_manual_run() == "unchanged"


def test_a_role_by_its_path_has_what_it_opens(registry: Registry, tmp_path: Path) -> None:
    text = RULES.replace(f'"{EXECUTION_ROLE}"', f'"service-role/{EXECUTION_ROLE}"')
    takes_rules(registry, tmp_path / "governance.toml", text)
    registry.sets("approver", "Approved")
    assert registry.may("prod") == registry.may("prod", f"service-role/{EXECUTION_ROLE}") == ALL
