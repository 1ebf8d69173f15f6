"""What a stage gets on each surface is what it needs to deploy the package, and nothing else."""

import json
from dataclasses import replace

import pytest

from stagegate.core.addresses import S3Uri
from stagegate.core.findings import Finding
from stagegate.iam.key_grants import KeyUse
from stagegate.iam.statements import to_json
from stagegate.rules.model import Bucket, BucketScope, PrincipalScope, Rules, Stage
from stagegate.subjects.packages.grants import desired_grants
from stagegate.subjects.packages.model import Container, Package
from stagegate.targets.changes import DesiredGrant
from stagegate.targets.target import TargetType
from tests.support.builders import DEV, GOVERNANCE, PROD, TEST
from tests.support.packages import (
    ACCOUNTS,
    APPROVED,
    AWS_IMAGE,
    BUCKET,
    CONTAINER,
    DATA,
    GROUP_ARN,
    KEY,
    OPERATOR,
    PACKAGE_ARN,
    STAGES,
    a_package,
    let_in,
    package_rules,
    the_package_subject,
    wanted,
)

RULES = package_rules()
WITH_KEY = package_rules(buckets=[Bucket(name=BUCKET, account=DEV, key=KEY)])
TO_OPERATOR = {"ArnEquals": {"aws:PrincipalArn": OPERATOR}}


def by_surface(rules: Rules = RULES, package: Package | None = None, *stages: str) -> dict[TargetType, DesiredGrant]:
    return {
        desired_grant.target.type: desired_grant
        for desired_grant in wanted(rules, package or a_package(), *(stages or ("prod",)))
    }


def allowed(desired_grant: DesiredGrant) -> list[tuple[object, object, object]]:
    """Action, resource and condition of every statement, in order."""
    said = [to_json(statement) for statement in desired_grant.statements]
    return sorted(((s["Action"], s.get("Resource"), s.get("Condition")) for s in said), key=json.dumps)


def findings(rules: Rules, package: Package) -> list[Finding]:
    desired, found = desired_grants(rules, the_package_subject(), package, let_in("prod").entitlements, ACCOUNTS)
    assert not desired or {f.severity for f in found} <= {"warn"}
    return list(found)


def test_nobody_entitled_wants_nothing() -> None:
    package = a_package(APPROVED, replace(CONTAINER, unreadable=("https://elsewhere/x",)))
    assert desired_grants(RULES, the_package_subject(), package, (), ACCOUNTS) == ((), ())


def test_the_group_is_described_and_its_one_version_used() -> None:
    desired_grant = by_surface()[TargetType.GROUP_POLICY]
    assert desired_grant.target.id == f"group-policy/{GOVERNANCE}/us-east-1/churn"
    assert allowed(desired_grant) == [
        ("sagemaker:ListModelPackages", PACKAGE_ARN.replace("/3", "/*"), TO_OPERATOR),
        (["sagemaker:CreateModel", "sagemaker:DescribeModelPackage"], PACKAGE_ARN, TO_OPERATOR),
        (["sagemaker:DescribeModelPackageGroup", "sagemaker:ListModelPackages"], GROUP_ARN, TO_OPERATOR),
    ]


def test_an_object_is_read_to_the_letter_and_its_bucket_listed_at_it_alone() -> None:
    desired_grant = by_surface()[TargetType.BUCKET_POLICY]
    bucket = f"arn:aws:s3:::{BUCKET}"
    assert desired_grant.target.id == f"bucket-policy/{DEV}/us-east-1/{BUCKET}"
    assert allowed(desired_grant) == [
        ("s3:GetBucketLocation", bucket, TO_OPERATOR),
        ("s3:GetObject", f"{bucket}/{DATA.key}", TO_OPERATOR),
        ("s3:ListBucket", bucket, {**TO_OPERATOR, "StringEquals": {"s3:prefix": DATA.key}}),
    ]


def test_a_prefix_is_read_below_itself() -> None:
    package = a_package(APPROVED, replace(CONTAINER, data_uris=(replace(DATA, key="churn/3/", is_prefix=True),)))
    said = allowed(by_surface(RULES, package)[TargetType.BUCKET_POLICY])
    assert ("s3:GetObject", f"arn:aws:s3:::{BUCKET}/churn/3/*", TO_OPERATOR) in said
    assert (
        "s3:ListBucket",
        f"arn:aws:s3:::{BUCKET}",
        {**TO_OPERATOR, "StringLike": {"s3:prefix": "churn/3/*"}},
    ) in said


def test_a_key_with_wildcards_opens_no_other_object() -> None:
    package = a_package(APPROVED, replace(CONTAINER, data_uris=(replace(DATA, key="a*b?c"),)))
    said = allowed(by_surface(RULES, package)[TargetType.BUCKET_POLICY])
    assert ("s3:GetObject", f"arn:aws:s3:::{BUCKET}/a${{*}}b${{?}}c", TO_OPERATOR) in said
    below = {"StringLike": {"s3:prefix": "a${*}b${?}c"}}
    assert ("s3:ListBucket", f"arn:aws:s3:::{BUCKET}", {**TO_OPERATOR, **below}) in said


def test_an_image_is_pulled_from_its_whole_repository_and_the_plan_says_so() -> None:
    desired_grant = by_surface()[TargetType.REPOSITORY_POLICY]
    assert desired_grant.target.id == f"repository-policy/{DEV}/us-east-1/team/serving"
    assert allowed(desired_grant) == [
        (["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], None, TO_OPERATOR)
    ]
    assert [f.code for f in findings(RULES, a_package())] == ["WholeGroupListed", "WholeRepository"]


def test_an_image_of_aws_needs_nothing() -> None:
    package = a_package(APPROVED, replace(CONTAINER, image_uri=AWS_IMAGE))
    assert set(by_surface(RULES, package)) == {TargetType.GROUP_POLICY, TargetType.BUCKET_POLICY}
    assert [f.code for f in findings(RULES, package)] == ["WholeGroupListed"]


def test_a_customer_key_lets_the_role_decrypt() -> None:
    desired_grant = by_surface(WITH_KEY)[TargetType.KEY_GRANTS]
    assert (desired_grant.target.name, desired_grant.target.account, desired_grant.uses, desired_grant.statements) == (
        KEY,
        DEV,
        (KeyUse(grantee=OPERATOR),),
        (),
    )


def test_the_key_of_the_package_itself_opens_as_well() -> None:
    id_ = "0f0e0d0c-0b0a-0908-0706-050403020100"
    desired_grant = by_surface(RULES, a_package(kms_key=id_))[TargetType.KEY_GRANTS]
    assert desired_grant.target.name == f"arn:aws:kms:us-east-1:{GOVERNANCE}:key/{id_}"


@pytest.mark.parametrize(
    "key", ["alias/aws/sagemaker", f"arn:aws:kms:us-east-1:{DEV}:alias/own", KEY.replace(DEV, "999988887777")]
)
def test_a_key_that_cant_be_opened_keeps_everything_closed(key: str) -> None:
    assert [(f.code, f.severity, key in f.detail) for f in findings(RULES, a_package(kms_key=key))] == [
        ("KeyClosed", "block", True)
    ]


def test_a_bucket_that_the_rules_dont_know_keeps_everything_closed_and_is_named() -> None:
    package = a_package(APPROVED, replace(CONTAINER, data_uris=(S3Uri(bucket="elsewhere", key="a"),)))
    (found,) = findings(RULES, package)
    assert (found.code, found.severity) == ("BucketUnknown", "block")
    assert "s3://elsewhere/a" in found.detail
    assert '[[buckets]] with name = "elsewhere"' in found.detail


def test_data_that_isnt_on_s3_keeps_everything_closed() -> None:
    (found,) = findings(RULES, a_package(APPROVED, replace(CONTAINER, unreadable=("https://elsewhere/x",))))
    assert (found.code, found.severity, "https:// elsewhere/x" in found.detail) == ("ArtifactUnreadable", "block", True)


def test_the_first_bucket_that_fits_says_whose_it_is() -> None:
    rules = package_rules(buckets=[Bucket(name=BUCKET, account=TEST), Bucket(name="model-artifacts-*", account=DEV)])
    assert by_surface(rules)[TargetType.BUCKET_POLICY].target.account == TEST


def test_a_whole_account_is_its_root_without_a_condition() -> None:
    rules = package_rules(principals=PrincipalScope.ACCOUNT, buckets=WITH_KEY.buckets)
    desired = by_surface(rules)
    for desired_grant in desired.values():
        assert {p for s in desired_grant.statements for p in s.principals} <= {f"arn:aws:iam::{PROD}:root"}
        assert not [s for s in desired_grant.statements if any(c.is_principal_arn for c in s.conditions)]
    assert desired[TargetType.KEY_GRANTS].uses == (KeyUse(grantee=f"arn:aws:iam::{PROD}:root"),)


def test_an_account_needs_no_grant_on_what_is_its_own() -> None:
    desired = [w for w in wanted(WITH_KEY, a_package(), "dev", "prod") if w.stage == "dev"]
    assert [desired_grant.target.type for desired_grant in desired] == [TargetType.GROUP_POLICY]


def test_every_account_of_a_stage_gets_its_own_roles() -> None:
    stages = [*STAGES[:2], Stage(name="prod", accounts=(PROD, TEST), roles=("ModelOperator",))]
    desired_grant = by_surface(package_rules(stages=stages))[TargetType.REPOSITORY_POLICY]
    assert {
        (next(iter(s.principals)), next(iter(c.values))) for s in desired_grant.statements for c in s.conditions
    } == {(f"arn:aws:iam::{account}:root", f"arn:aws:iam::{account}:role/ModelOperator") for account in (PROD, TEST)}


class TestTheScopeOfTheGroup:
    rules = package_rules(buckets=[Bucket(name=BUCKET, account=DEV, scope=BucketScope.GROUP)])

    def test_opens_the_folder_called_as_the_group_and_says_so(self) -> None:
        package = a_package(APPROVED, replace(CONTAINER, data_uris=(replace(DATA, key="models/churn/3/model.tar.gz"),)))
        resources = {
            r for s in by_surface(self.rules, package)[TargetType.BUCKET_POLICY].statements for r in s.resources or ()
        }
        assert resources == {f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/models/churn/*"}
        assert [f.code for f in findings(self.rules, package)] == ["WholeGroupListed", "WholeRepository", "WholeGroup"]

    @pytest.mark.parametrize("key", ["churn-2/3/model.tar.gz", "model.tar.gz", "other/churn"])
    def test_widens_nothing_that_lies_elsewhere(self, key: str) -> None:
        package = a_package(APPROVED, replace(CONTAINER, data_uris=(replace(DATA, key=key),)))
        resources = {
            r for s in by_surface(self.rules, package)[TargetType.BUCKET_POLICY].statements for r in s.resources or ()
        }
        assert resources == {f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/{key}"}
        assert [f.code for f in findings(self.rules, package)] == ["WholeGroupListed", "WholeRepository"]


class TestTheListOfTheGroup:
    rules = package_rules(buckets=[Bucket(name=BUCKET, account=DEV, listing=BucketScope.GROUP)])

    def of(self, key: str, rules: Rules) -> tuple[set[str], set[str], list[str]]:
        """What may be read, the prefixes that may be listed, and the findings."""
        package = a_package(APPROVED, replace(CONTAINER, data_uris=(replace(DATA, key=key),)))
        statements = by_surface(rules, package)[TargetType.BUCKET_POLICY].statements
        objects = {r for s in statements if "s3:GetObject" in s.actions for r in s.resources or ()}
        prefixes = {v for s in statements for c in s.conditions if c.key == "s3:prefix" for v in c.values}
        return objects, prefixes, [f.code for f in findings(rules, package)]

    def test_opens_the_names_below_the_folder_and_nothing_of_what_is_in_them_and_says_so(self) -> None:
        key = "models/churn/3/model.tar.gz"
        objects, prefixes, codes = self.of(key, self.rules)
        assert (objects, prefixes) == ({f"arn:aws:s3:::{BUCKET}/{key}"}, {"models/churn/*"})
        assert codes == ["WholeGroupListed", "WholeRepository", "WholeFolderListed"]

    @pytest.mark.parametrize("key", ["churn-2/3/model.tar.gz", "model.tar.gz", "other/churn"])
    def test_widens_nothing_that_lies_elsewhere(self, key: str) -> None:
        objects, prefixes, codes = self.of(key, self.rules)
        assert (objects, prefixes) == ({f"arn:aws:s3:::{BUCKET}/{key}"}, {key})
        assert codes == ["WholeGroupListed", "WholeRepository"]

    def test_is_told_once_where_the_whole_folder_opens_anyway(self) -> None:
        entry = Bucket(name=BUCKET, account=DEV, scope=BucketScope.GROUP, listing=BucketScope.GROUP)
        both = self.of("churn/3/m", package_rules(buckets=[entry]))
        assert both == self.of("churn/3/m", TestTheScopeOfTheGroup.rules)
        assert both[2] == ["WholeGroupListed", "WholeRepository", "WholeGroup"]


def test_the_digest_is_of_the_access_whatever_the_order() -> None:
    other = replace(DATA, key="churn/3/more")
    both = Container(image_uri=AWS_IMAGE, data_uris=(DATA, other))
    one = by_surface(RULES, a_package(APPROVED, both))[TargetType.BUCKET_POLICY]
    again = by_surface(RULES, a_package(APPROVED, replace(both, data_uris=(other, DATA))))[TargetType.BUCKET_POLICY]
    assert one.digest == again.digest
    assert by_surface()[TargetType.BUCKET_POLICY].digest != one.digest
