"""What an import is entitled to: the role, its half in each account, and the model; or nothing, and why."""

import json
from dataclasses import replace

import pytest

from stagegate.approvals.entitlement import Entitlement
from stagegate.core.addresses import S3Uri
from stagegate.core.arns import subject_of
from stagegate.core.findings import Finding
from stagegate.iam.key_grants import KeyUse
from stagegate.iam.statements import to_json
from stagegate.plans.grants import Grant, View
from stagegate.rules.imports import Retention
from stagegate.rules.model import Rules
from stagegate.subjects.packages.imports.grants import import_desired_grants
from stagegate.subjects.packages.imports.retained import retained_by
from stagegate.targets.changes import target_changes
from stagegate.targets.target import CloseTarget, TargetType
from tests.support.builders import CREATED, DEV, PROD
from tests.support.imports import (
    CONSUMER,
    MODEL_KEY,
    SOURCE_KEY,
    WEIGHTS,
    an_import,
    import_rules,
    importable,
    wants_for,
)
from tests.support.packages import APPROVED, PACKAGE_ARN, PENDING

ROLE = f"arn:aws:iam::{PROD}:role/stagegate/{wants_for(import_rules())[0].target.name}"


def findings_of(rules: Rules, *data: S3Uri) -> list[Finding]:
    entitled = [Entitlement(stage="prod", write=False)]
    desired, findings = import_desired_grants(rules, subject_of(PACKAGE_ARN), importable(*data), entitled, "stagegate")
    assert bool(desired) != bool(findings)
    return list(findings)


def test_only_approved_packages_of_the_named_groups_are_imported() -> None:
    assert import_rules().importing("churn", APPROVED) == import_rules().opened_by("churn", APPROVED) == ("prod",)
    assert import_rules().importing("churn", PENDING) == ()
    assert import_rules().importing("fraud", APPROVED) == ()
    assert wants_for(import_rules(), stages=("dev", "test")) == ()


@pytest.mark.parametrize(("keys", "extra"), [({}, []), ({"source_key": SOURCE_KEY}, [TargetType.KEY_GRANTS])])
def test_an_import_is_a_role_the_weights_their_key_and_the_model(keys: dict[str, str], extra: list[TargetType]) -> None:
    desired = wants_for(import_rules(**keys))
    surfaces = [desired_grant.target.type for desired_grant in desired]
    assert surfaces == [TargetType.IMPORT_ROLE, *extra, TargetType.BUCKET_POLICY, TargetType.MODEL_IMPORT]
    assert {desired_grant.permission for desired_grant in desired} == {"import"}
    assert [use for desired_grant in desired for use in desired_grant.uses] == ([KeyUse(grantee=ROLE)] if extra else [])


def test_the_bucket_opens_exactly_this_folder_to_exactly_this_role() -> None:
    (bucket,) = [
        desired_grant
        for desired_grant in wants_for(import_rules())
        if desired_grant.target.type is TargetType.BUCKET_POLICY
    ]
    assert (bucket.target.account, bucket.target.name) == (DEV, WEIGHTS.bucket)
    said = [to_json(statement) for statement in bucket.statements]
    assert [(each["Action"], each["Resource"]) for each in said] == [
        ("s3:GetBucketLocation", f"arn:aws:s3:::{WEIGHTS.bucket}"),
        ("s3:GetObject", f"arn:aws:s3:::{WEIGHTS.bucket}/churn/3/*"),
        ("s3:ListBucket", f"arn:aws:s3:::{WEIGHTS.bucket}"),
    ]
    for each in said:
        assert each["Principal"] == {"AWS": f"arn:aws:iam::{PROD}:root"}
        assert each["Condition"]["ArnEquals"] == {"aws:PrincipalArn": ROLE}
    assert said[2]["Condition"]["StringLike"] == {"s3:prefix": "churn/3/*"}


def test_the_role_is_fenced_by_both_accounts() -> None:
    (role,) = [
        desired_grant.role
        for desired_grant in wants_for(import_rules(source_key=SOURCE_KEY, key=MODEL_KEY))
        if desired_grant.role
    ]
    (trust,) = json.loads(role.trust())["Statement"]
    assert trust["Condition"] == {
        "ArnLike": {"aws:SourceArn": f"arn:aws:bedrock:us-east-1:{PROD}:model-import-job/*"},
        "StringEquals": {"aws:SourceAccount": PROD},
    }
    by_sid = {each["Sid"]: each for each in json.loads(role.permissions())["Statement"]}
    for sid in ("StagegateGetWeights", "StagegateListWeights"):
        assert by_sid[sid]["Condition"]["StringEquals"] == {"aws:ResourceAccount": DEV}
    assert by_sid["StagegateReadWeights"]["Resource"] == [SOURCE_KEY]
    assert by_sid["StagegateLetBedrockKeepModel"]["Condition"] == {
        "Bool": {"kms:GrantIsForAWSResource": "true"},
        "StringEquals": {"kms:ViaService": "bedrock.us-east-1.amazonaws.com"},
    }


def test_the_model_is_called_as_the_rule_says() -> None:
    model = an_import(model="{group}_v{version}", consumer="ModelOperator", when_replaced=Retention.DELETE)
    assert (model.name, model.consumer, model.replaces) == ("churn_v3", CONSUMER, True)


@pytest.mark.parametrize(
    ("more", "data", "code", "said"),
    [
        ({}, (S3Uri(bucket="model-artifacts-dev", key="churn/3/model.tar.gz"),), "ImportSource", "model.tar.gz"),
        ({}, (WEIGHTS, replace(WEIGHTS, key="churn/4/")), "ImportSource", "churn/4/"),
        ({}, (replace(WEIGHTS, key="churn/3"),), "ImportSource", "its last /"),
        ({"model": "{group}--{version}"}, (), "ImportName", "churn--3"),
        ({"model": "x" * 63 + "{version}"}, (), "ImportName", "at most 63"),
        ({"key": MODEL_KEY.replace("us-east-1", "us-west-2")}, (), "ImportKeyRegion", "imports.key"),
        ({"source_key": SOURCE_KEY.replace("us-east-1", "us-west-2")}, (), "ImportKeyRegion", "[[buckets]]"),
    ],
)
def test_what_cant_be_done_is_one_finding_and_opens_nothing(
    more: dict[str, str], data: tuple[S3Uri, ...], code: str, said: str
) -> None:
    (finding,) = findings_of(import_rules(**more), *data)
    assert finding.code == code
    assert said in finding.detail


def test_a_new_approval_of_the_same_is_no_other_import() -> None:
    model = an_import()
    assert replace(model, approval="another").said == model.said
    assert replace(model, content="other bytes").said != model.said
    assert model.token(PACKAGE_ARN, "run-1") == replace(model, approval="another").token(PACKAGE_ARN, "run-1")
    assert model.token(PACKAGE_ARN, "run-1") != model.token(PACKAGE_ARN, "run-2")


class TestClosing:
    SUBJECT = subject_of(PACKAGE_ARN)

    def view(self) -> View:
        grants = tuple(
            Grant(
                stage="prod",
                accounts=(PROD,),
                write=False,
                permission="import",
                since=CREATED,
                target=desired_grant.target.id,
                digest=desired_grant.digest,
            )
            for desired_grant in wants_for(import_rules(source_key=SOURCE_KEY))
        )
        return View(grants=grants)

    def test_the_model_goes_first_and_the_role_last(self) -> None:
        closes, opens = target_changes(self.SUBJECT, (), self.view(), None)
        assert opens == []
        assert [change.target.type for change in closes] == [
            TargetType.MODEL_IMPORT,
            TargetType.BUCKET_POLICY,
            TargetType.KEY_GRANTS,
            TargetType.IMPORT_ROLE,
        ]

    @pytest.mark.parametrize(
        ("more", "kept"),
        [
            ({}, set()),
            ({"role": Retention.KEEP}, {TargetType.IMPORT_ROLE}),
            ({"when_rejected": Retention.KEEP}, {TargetType.MODEL_IMPORT}),
        ],
    )
    def test_what_the_rules_keep_stays(self, more: dict[str, Retention], kept: set[TargetType]) -> None:
        view = self.view()
        closes, _ = target_changes(self.SUBJECT, (), view, None, retained_by(import_rules(**more), "churn", view))
        found = {change.target.type for change in closes if isinstance(change, CloseTarget) and change.keep}
        assert found == kept

    def test_nothing_stays_of_what_no_rule_speaks_of(self) -> None:
        rules = replace(import_rules(role=Retention.KEEP), imports=())
        assert retained_by(rules, "churn", self.view()) == frozenset()
