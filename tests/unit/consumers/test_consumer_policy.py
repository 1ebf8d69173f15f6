"""What the roles of a stage need in their own account."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stagegate.rules.hubs import HubAccess, HubShare, HubState
from stagegate.rules.imports import Import, Registration
from stagegate.rules.load import load
from stagegate.rules.model import Bucket, LifecycleRule, Rules
from tests.support.builders import APPROVED, DEV, GOVERNANCE, PROD, TEST, reads, some_rules
from tests.support.consumers import every_kind, policy_of
from tests.support.hubs import hub_rules, rules_with
from tests.support.packages import package_rules

READ = ["sagemaker:DescribeModelCard", "sagemaker:ListModelCardVersions"]
EXPORT = ["sagemaker:CreateModelCardExportJob", "sagemaker:DescribeModelCardExportJob"]
CARDS = f"arn:aws-cn:sagemaker:cn-north-1:{GOVERNANCE}:model-card/*"
HOME = f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}"
KEY, OTHER_KEY = (f"arn:aws:kms:{region}:{DEV}:key/k" for region in ("us-east-1", "eu-west-1"))
SETTINGS = Path(__file__).parents[3] / "layers" / "settings" / "governance.toml"
INLINE = 10_240
"""Characters of all of a role's inline policies, white space not counted ("IAM and AWS STS quotas")."""


def by_sid(rules: Rules, stage: str = "prod", **more: Any) -> dict[str, dict[str, Any]]:
    statements = policy_of(rules, stage, **more)["Statement"]
    found = {each["Sid"].removeprefix("Stagegate"): each for each in statements}
    assert len(found) == len(statements)
    assert {each["Effect"] for each in statements} <= {"Allow"}
    return found


def sids(rules: Rules, stage: str = "prod") -> set[str]:
    return set(by_sid(rules, stage))


@pytest.mark.parametrize(
    ("stage", "export", "expected"),
    [
        ("prod", False, READ),
        ("dev", False, [*READ, "sagemaker:UpdateModelCard"]),
        ("prod", True, EXPORT + READ),
        ("dev", True, [*EXPORT, *READ, "sagemaker:UpdateModelCard"]),
    ],
)
def test_it_allows_what_some_status_gives_the_stage(stage: str, expected: list[str], *, export: bool) -> None:
    found = by_sid(some_rules(export=export), stage, partition="aws-cn", region="cn-north-1")
    statement, keys = found["ModelCards"], found["ModelCardKeys"]
    assert statement["Action"] == sorted(expected)
    assert statement["Resource"] == [CARDS, f"{CARDS}/*"]
    writes = "sagemaker:UpdateModelCard" in expected
    assert keys["Action"] == (["kms:Decrypt", "kms:GenerateDataKey"] if writes else ["kms:Decrypt"])


def test_a_stage_that_nothing_opens_needs_nothing() -> None:
    rules = some_rules(opens={APPROVED: (reads("dev"),)}, approvers=())
    assert policy_of(rules, "prod")["Statement"] == []


def test_a_stage_that_the_rules_dont_know_is_an_error() -> None:
    with pytest.raises(KeyError, match="unknown"):
        policy_of(some_rules(), "unknown")


def test_keys_of_cards_are_used_through_sagemaker_and_for_cards_alone() -> None:
    keys = by_sid(some_rules(), "dev", partition="aws-cn", region="cn-north-1")["ModelCardKeys"]
    assert keys["Resource"] == ["arn:aws-cn:kms:cn-north-1:*:key/*"]
    assert keys["Condition"] == {
        "StringLike": {
            "kms:ViaService": ["sagemaker.cn-north-1.amazonaws.com", "sagemaker.cn-north-1.amazonaws.com.cn"],
            "kms:EncryptionContext:aws:sagemaker:model-card-arn": CARDS,
        }
    }


def test_a_stage_that_reads_everywhere_may_write_nowhere() -> None:
    rules = some_rules(opens={APPROVED: (reads("dev"),)}, approvers=())
    assert by_sid(rules, "dev")["ModelCards"]["Action"] == READ


def test_a_stage_that_packages_open_may_look_at_them_and_make_models_of_them() -> None:
    found = by_sid(package_rules())
    groups, versions = f"{HOME}:model-package-group/*", f"{HOME}:model-package/*"
    said = {
        sid: (found[sid]["Action"], found[sid]["Resource"]) for sid in ("PackageGroups", "PackageLists", "Packages")
    }
    assert said == {
        "PackageGroups": (["sagemaker:DescribeModelPackageGroup"], [groups]),
        "PackageLists": (["sagemaker:ListModelPackages"], [groups, versions]),
        "Packages": (["sagemaker:CreateModel", "sagemaker:DescribeModelPackage"], [versions]),
    }
    assert found["Models"]["Resource"] == [f"arn:aws:sagemaker:us-east-1:{PROD}:model/*"]
    assert found["ServingRoles"]["Resource"] == [f"arn:aws:iam::{PROD}:role/ModelOperator"]
    assert found["ServingRoles"]["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


@pytest.mark.parametrize("rules", [package_rules(opens={}), replace(package_rules(), packages=None)])
def test_a_stage_that_no_package_opens_may_do_nothing_with_them(rules: Rules) -> None:
    assert sids(rules) == {"ModelCards", "ModelCardKeys"}


def test_artifacts_are_read_in_the_named_buckets_of_their_owners_alone() -> None:
    buckets = [
        Bucket(name="models-*", account=DEV),
        Bucket(name="weights", account=DEV),
        Bucket(name="x", account=TEST),
    ]
    found = by_sid(package_rules(buckets=buckets), partition="aws-cn")
    for account, names in ((DEV, ["models-*", "weights"]), (TEST, ["x"])):
        looked, got = found[f"ArtifactBuckets{account}"], found[f"Artifacts{account}"]
        assert (looked["Action"], got["Action"]) == (["s3:GetBucketLocation", "s3:ListBucket"], ["s3:GetObject"])
        assert looked["Resource"] == [f"arn:aws-cn:s3:::{name}" for name in names]
        assert got["Resource"] == [f"arn:aws-cn:s3:::{name}/*" for name in names]
        owner = {"StringEquals": {"aws:ResourceAccount": account}}
        assert (looked["Condition"], got["Condition"]) == (owner, owner)


def test_the_buckets_keys_are_used_through_s3_and_by_their_arns_alone() -> None:
    buckets = [Bucket(name=key[8:20], account=DEV, key=key) for key in (KEY, OTHER_KEY)]
    found = by_sid(package_rules(buckets=buckets))
    for sid, key, region in (("UsEast1", KEY, "us-east-1"), ("EuWest1", OTHER_KEY, "eu-west-1")):
        statement = found[f"ArtifactKeys{sid}"]
        assert (statement["Action"], statement["Resource"]) == (["kms:Decrypt"], [key])
        assert statement["Condition"] == {"StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"}}
    assert found["SeeArtifactKeys"]["Resource"] == [OTHER_KEY, KEY]
    assert found["SeeArtifactKeys"]["Action"] == ["kms:DescribeKey"]


def _accounts(arns: Iterable[str]) -> list[str]:
    return [arn.split(":")[4] for arn in arns]


def test_images_and_packages_keys_are_those_of_the_accounts_that_packages_come_from() -> None:
    registration = Registration(
        stage="test", groups=("*",), repositories=("777788889999.dkr.ecr.us-east-1.amazonaws.com/serving",)
    )
    found = by_sid(replace(package_rules(), registrations=(registration,)))
    assert _accounts(found["Images"]["Resource"]) == sorted([GOVERNANCE, DEV, TEST, "777788889999"])
    assert _accounts(found["PackageKeys"]["Resource"]) == sorted([GOVERNANCE, DEV, TEST, "777788889999"])
    assert found["Images"]["Resource"][0] == f"arn:aws:ecr:us-east-1:{GOVERNANCE}:repository/*"
    assert found["ImageRegistries"]["Resource"] == ["*"]
    assert found["PackageKeys"]["Condition"] == {"StringLike": {"kms:ViaService": "sagemaker.us-east-1.amazonaws.com"}}


def test_a_stage_that_registers_may_do_so_in_its_groups_as_pending_and_no_others() -> None:
    registrations = (
        Registration(stage="dev", groups=("churn-*", "fraud")),
        Registration(stage="prod", groups=("prod-*",)),
        Registration(stage="dev", groups=("fraud",), roles=("Trainer",)),
    )
    found = by_sid(replace(some_rules(), registrations=registrations), "dev")
    assert found["RegistryGroups"]["Resource"] == [f"{HOME}:model-package-group/{g}" for g in ("churn-*", "fraud")]
    assert found["Registering"] == {
        "Sid": "StagegateRegistering",
        "Effect": "Allow",
        "Action": ["sagemaker:CreateModelPackage"],
        "Resource": [
            *(f"{HOME}:model-package-group/{g}" for g in ("churn-*", "fraud")),
            *(f"{HOME}:model-package/{g}/*" for g in ("churn-*", "fraud")),
        ],
        "Condition": {"StringEquals": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}},
    }
    assert "Packages" not in found


def test_where_a_lifecycle_opens_something_nobody_registers_with_one() -> None:
    rules = package_rules(lifecycle=[LifecycleRule(stage="prod", lifecycle_stage="p", lifecycle_status="s")])
    rules = replace(rules, registrations=(Registration(stage="dev", groups=("*",)),))
    assert by_sid(rules, "dev")["Registering"]["Condition"]["Null"] == {"sagemaker:ModelLifeCycle:stage": "true"}


def test_the_hubs_that_the_stage_may_read_and_those_that_it_may_use() -> None:
    read, use = HubShare(stage="dev", access=HubAccess.READ), HubShare(stage="dev")
    hubs = [
        replace(hub_rules(shares=[share]), name=name)
        for name, share in (("seen", read), ("used", use), ("other", HubShare(stage="prod")))
    ]
    gone = replace(hub_rules(shares=[use], state=HubState.ABSENT), name="gone")
    found = by_sid(rules_with(*hubs, gone), "dev")
    assert found["ReadHubs"]["Resource"] == [f"{HOME}:hub-content/seen/*", f"{HOME}:hub/seen"]
    assert found["UseHubs"]["Resource"] == [f"{HOME}:hub-content/used/*", f"{HOME}:hub/used"]
    assert set(found["UseHubs"]["Action"]) - set(found["ReadHubs"]["Action"]) == {"sagemaker:DeployHubModel"}
    cache = "arn:aws:s3:::jumpstart-cache-prod-us-east-1"
    assert found["HubModels"]["Resource"] == [cache, f"{cache}/*"]
    assert found["Models"]["Resource"] == [f"arn:aws:sagemaker:us-east-1:{DEV}:model/*"]


def test_a_stage_that_only_looks_into_hubs_makes_no_models() -> None:
    hub = hub_rules(shares=[HubShare(stage="dev", access=HubAccess.READ)])
    assert sids(rules_with(hub), "dev") == {"ModelCards", "ModelCardKeys", "ReadHubs"}


def test_only_where_somebody_is_named_for_it_are_imported_models_invoked() -> None:
    imports = (
        Import(groups=("mistral*",), stage="prod", consumer="ModelOperator"),
        Import(groups=("llama",), stage="prod"),
        Import(groups=("qwen",), stage="test", consumer="ModelTester"),
    )
    rules = replace(package_rules(opens={}), imports=imports)
    statement = by_sid(rules)["ImportedModels"]
    assert statement["Action"] == ["bedrock:InvokeModel"]
    assert statement["Resource"] == [f"arn:aws:bedrock:us-east-1:{PROD}:imported-model/*"]
    tag = {"aws:ResourceTag/stagegate:package": [f"{HOME}:model-package/mistral*/*"]}
    assert statement["Condition"] == {"StringLike": tag}
    assert "ImportedModels" not in sids(rules, "dev")


def test_it_is_for_one_account_of_the_stage_where_one_is_asked_for() -> None:
    rules = every_kind()
    two = replace(rules, stages=tuple(replace(s, accounts=(*s.accounts, "777788889999")) for s in rules.stages))
    own = ("Models", "ServingRoles", "ImportedModels")
    every, one = by_sid(two), by_sid(two, account=PROD)
    assert [_accounts(every[sid]["Resource"]) for sid in own] == [[PROD, "777788889999"]] * 3
    assert [_accounts(one[sid]["Resource"]) for sid in own] == [[PROD]] * 3
    assert {sid: one[sid] for sid in one if sid not in own} == {sid: every[sid] for sid in every if sid not in own}


@pytest.mark.parametrize("stage", ["dev", "test", "prod"])
def test_what_the_shipped_rules_give_fits_into_a_role(stage: str) -> None:
    policy = policy_of(load(SETTINGS), stage, region="*")
    assert len(json.dumps(policy, separators=(",", ":"))) < INLINE / 2
    assert len(json.dumps(policy_of(every_kind(), region="*"), separators=(",", ":"))) < INLINE / 2


def test_the_shipped_rules_open_packages_to_test_and_prod_and_registering_to_dev() -> None:
    rules = load(SETTINGS)
    assert {"Packages", f"Artifacts{DEV}", "Images", "Models"} < sids(rules)
    assert "Registering" in sids(rules, "dev")
    assert sids(rules, "test") == sids(rules)
    assert not {"Packages", "Models"} & sids(rules, "dev")
