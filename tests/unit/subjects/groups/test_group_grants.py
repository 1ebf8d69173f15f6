"""Registering takes one call on the group's versions, as pending and as nothing else; its account gets to read, and no
more."""

import json
from dataclasses import replace

import pytest

from stagegate.core.arns import Subject, subject_of
from stagegate.iam.key_grants import KeyUse
from stagegate.iam.statements import to_json
from stagegate.rules.imports import Registration
from stagegate.rules.model import Bucket, LifecycleRule, Rules, Stage
from stagegate.subjects.groups.grants import desired_grants
from stagegate.targets.changes import DesiredGrant
from stagegate.targets.target import TargetType
from tests.support.builders import DEV, GOVERNANCE
from tests.support.groups import ENCRYPTED, GROUP_SUBJECT, REGISTRATION, REPOSITORY, registering
from tests.support.packages import ACCOUNTS, BUCKET, GROUP_ARN, KEY, package_rules

VERSIONS = GROUP_ARN.replace("-group/", "/") + "/*"
BUCKET_ARN = f"arn:aws:s3:::{BUCKET}"
HOSTING = "777788889999"
PENDING = {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}
DEVELOPER = {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{DEV}:role/ModelDeveloper"}}


def by_surface(found: Rules, subject: Subject = GROUP_SUBJECT) -> dict[TargetType, DesiredGrant]:
    desired, findings = desired_grants(found, subject, ACCOUNTS)
    assert findings == ()
    return {desired_grant.target.type: desired_grant for desired_grant in desired}


def allowed(desired_grant: DesiredGrant) -> list[tuple[object, ...]]:
    """Principal, action, resource and condition of every statement, in order."""
    said = [to_json(statement) for statement in desired_grant.statements]
    found = [(s["Principal"]["AWS"], s["Action"], s.get("Resource"), s.get("Condition")) for s in said]
    return sorted(found, key=json.dumps)


def test_a_role_may_register_as_pending_and_describe_the_group() -> None:
    desired_grant = by_surface(registering())[TargetType.GROUP_POLICY]
    assert desired_grant.target.id == f"group-policy/{GOVERNANCE}/us-east-1/churn"
    root = f"arn:aws:iam::{DEV}:root"
    assert allowed(desired_grant) == [
        (root, "sagemaker:CreateModelPackage", VERSIONS, {**DEVELOPER, "StringEquals": PENDING}),
        (root, "sagemaker:DescribeModelPackageGroup", GROUP_ARN, DEVELOPER),
    ]


def test_other_roles_may_register_instead_of_the_stages() -> None:
    desired_grant = by_surface(registering(replace(REGISTRATION, roles=("Trainer", "Pipeline"))))[
        TargetType.GROUP_POLICY
    ]
    roles = [f"arn:aws:iam::{DEV}:role/{name}" for name in ("Pipeline", "Trainer")]
    assert {
        json.dumps(condition["ArnEquals"]) for *_, condition in allowed(desired_grant) if isinstance(condition, dict)
    } == {json.dumps({"aws:PrincipalArn": roles})}


def test_a_stage_registers_from_each_of_its_accounts() -> None:
    stages = [Stage(name="dev", accounts=(DEV, HOSTING), roles=("ModelDeveloper",))]
    found = replace(registering(), stages=tuple(stages))
    assert {principal for principal, *_ in allowed(by_surface(found)[TargetType.GROUP_POLICY])} == {
        f"arn:aws:iam::{account}:root" for account in (DEV, HOSTING)
    }


def test_where_a_place_in_the_lifecycle_opens_something_registering_cant_set_it() -> None:
    place = LifecycleRule(stage="prod", lifecycle_stage="Release", lifecycle_status="Ready")
    packages = package_rules(lifecycle=[place]).packages
    desired_grant = by_surface(replace(registering(), packages=packages))[TargetType.GROUP_POLICY]
    assert allowed(desired_grant)[0][3] == {
        **DEVELOPER,
        "Null": {"sagemaker:ModelLifeCycle:stage": "true"},
        "StringEquals": PENDING,
    }


def test_the_groups_account_reads_the_folders_and_nothing_beside_them() -> None:
    desired_grant = by_surface(registering())[TargetType.BUCKET_POLICY]
    assert desired_grant.target.id == f"bucket-policy/{DEV}/us-east-1/{BUCKET}"
    root = f"arn:aws:iam::{GOVERNANCE}:root"
    assert allowed(desired_grant) == [
        (root, "s3:ListBucket", BUCKET_ARN, {"StringLike": {"s3:prefix": "training/*"}}),
        (root, ["s3:GetBucketAcl", "s3:GetBucketLocation"], BUCKET_ARN, None),
        (root, ["s3:GetObject", "s3:GetObjectAcl"], f"{BUCKET_ARN}/training/*", None),
    ]


def test_a_whole_bucket_is_a_folder_too_and_each_is_opened_once() -> None:
    whole = replace(REGISTRATION, data=(f"s3://{BUCKET}/", f"s3://{BUCKET}/a*/"))
    said = [
        (action, resource, condition)
        for _, action, resource, condition in allowed(by_surface(registering(whole))[TargetType.BUCKET_POLICY])
    ]
    assert ("s3:ListBucket", BUCKET_ARN, None) in said
    assert (["s3:GetObject", "s3:GetObjectAcl"], f"{BUCKET_ARN}/*", None) in said
    assert (["s3:GetObject", "s3:GetObjectAcl"], f"{BUCKET_ARN}/a${{*}}/*", None) in said
    assert len(said) == 5


def test_the_groups_account_pulls_and_describes_images() -> None:
    desired_grant = by_surface(registering())[TargetType.REPOSITORY_POLICY]
    assert desired_grant.target.id == f"repository-policy/{DEV}/us-east-1/training/churn"
    pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage"]
    describe = ["ecr:DescribeImages", "ecr:DescribeRepositories", "ecr:GetDownloadUrlForLayer"]
    assert allowed(desired_grant) == [(f"arn:aws:iam::{GOVERNANCE}:root", [*pull, *describe], None, None)]


def test_the_groups_account_uses_the_buckets_key() -> None:
    desired_grant = by_surface(registering())[TargetType.KEY_GRANTS]
    assert desired_grant.target.id == f"key-grants/{DEV}/us-east-1/{KEY}"
    operations = ("Decrypt", "DescribeKey", "GenerateDataKey")
    assert desired_grant.uses == (KeyUse(grantee=f"arn:aws:iam::{GOVERNANCE}:root", operations=operations),)


def test_named_readers_are_the_only_ones() -> None:
    found = by_surface(registering(replace(REGISTRATION, readers=("Reader", "Auditor"))))
    roles = [f"arn:aws:iam::{GOVERNANCE}:role/{name}" for name in ("Auditor", "Reader")]
    for surface in (TargetType.BUCKET_POLICY, TargetType.REPOSITORY_POLICY):
        for *_, condition in allowed(found[surface]):
            assert isinstance(condition, dict)
            assert condition["ArnEquals"] == {"aws:PrincipalArn": roles}
    assert [use.grantee for use in found[TargetType.KEY_GRANTS].uses] == roles


@pytest.mark.parametrize(
    ("registration", "bucket", "expected"),
    [
        (replace(REGISTRATION, data=(), repositories=()), ENCRYPTED, {TargetType.GROUP_POLICY}),
        (
            replace(REGISTRATION, repositories=()),
            replace(ENCRYPTED, key=None),
            {TargetType.GROUP_POLICY, TargetType.BUCKET_POLICY},
        ),
        (  # what is the governance account's own needs no grant
            replace(REGISTRATION, repositories=(REPOSITORY.replace(DEV, GOVERNANCE),)),
            replace(ENCRYPTED, account=GOVERNANCE, key=KEY.replace(DEV, GOVERNANCE)),
            {TargetType.GROUP_POLICY},
        ),
    ],
)
def test_only_what_is_needed_opens(registration: Registration, bucket: Bucket, expected: set[TargetType]) -> None:
    assert set(by_surface(registering(registration, bucket=bucket))) == expected


def test_a_group_that_nobody_may_register_in_wants_nothing() -> None:
    assert by_surface(registering(), subject_of(GROUP_ARN.replace("/churn", "/fraud"))) == {}
    assert desired_grants(replace(registering(), registrations=()), GROUP_SUBJECT, ACCOUNTS) == ((), ())


def test_the_same_registration_twice_is_one() -> None:
    desired, _ = desired_grants(registering(REGISTRATION, REGISTRATION), GROUP_SUBJECT, ACCOUNTS)
    assert len(desired) == 4


def test_a_key_out_of_reach_closes_its_registration_and_no_other() -> None:
    far = replace(ENCRYPTED, key=KEY.replace(DEV, HOSTING))
    other = replace(REGISTRATION, stage="test", data=(), repositories=())
    desired, (finding,) = desired_grants(registering(REGISTRATION, other, bucket=far), GROUP_SUBJECT, ACCOUNTS)
    assert {desired_grant.stage for desired_grant in desired} == {"test"}
    assert (finding.code, finding.stage, finding.severity) == ("KeyClosed", "dev", "block")
    assert HOSTING in finding.detail
