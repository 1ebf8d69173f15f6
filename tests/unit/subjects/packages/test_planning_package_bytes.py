"""What lies at a package's addresses is looked at before a stage is let in, and by whoever looks by hand."""

from dataclasses import replace
from typing import Any

import pytest

from stagegate.approvals.records import AuditRecord
from stagegate.aws.environment import Environment
from stagegate.aws.json import from_json
from stagegate.ledger.audit import audit_item
from stagegate.plans.mode import Mode
from stagegate.rules.model import AfterChange
from stagegate.subjects.packages import observe as model_packages
from stagegate.subjects.packages.artifact_reader import ArtifactReader
from tests.support.builders import DEV, PROD
from tests.support.packages import (
    ARTIFACTS,
    AWS_IMAGE,
    IMAGE,
    OBJECT,
    PACKAGE_ARN,
    encrypted,
    listed,
    package_rules,
    the_package_subject,
)
from tests.support.scripted import Answer, Scripted
from tests.unit.runs.record_approval.test_recording_packages import described
from tests.unit.subjects.packages.test_planning_packages import APPROVAL, RULES, Account, a_view, on_targets


class TestTheBytes:
    other = replace(OBJECT, version_id="v2")
    found = (audit_item(PACKAGE_ARN, APPROVAL), a_view(), *on_targets())

    def codes(self, answer: dict[str, Any]) -> list[str]:
        return [finding["code"] for finding in answer["record"]["findings"] if finding["severity"] == "block"]

    def test_are_looked_at_once_before_a_stage_is_let_in(self, environment: Environment) -> None:
        account = Account(environment, audit_item(PACKAGE_ARN, APPROVAL))
        assert self.codes(account.plan()) == []
        assert account.s3.operations == ["ListObjectVersions", "GetBucketEncryption", "GetBucketAcl", "GetBucketPolicy"]
        assert [who for who, _ in account.members.entered] == [DEV, DEV, PROD, DEV, DEV, DEV]

    def test_let_nobody_in_where_they_are_others_than_was_approved(self, environment: Environment) -> None:
        policies: dict[str, Answer] = {"ListObjectVersions": listed(self.other)}
        answer = Account(environment, audit_item(PACKAGE_ARN, APPROVAL), policies=policies).plan()
        assert (self.codes(answer), answer["changes"], answer["report"]) == (["BytesChanged"], [], True)

    def test_close_by_hand_what_was_opened_on_others(self, environment: Environment) -> None:
        policies: dict[str, Answer] = {"ListObjectVersions": listed(self.other)}
        answer = Account(environment, *self.found, policies=policies).plan(Mode.MANUAL)
        assert self.codes(answer) == ["BytesChanged"]
        assert [change["kind"] for change in answer["changes"]] == ["CloseTarget"] * 4

    def test_stay_open_on_others_where_the_rules_say_ask(self, environment: Environment) -> None:
        rules = package_rules(buckets=RULES.buckets, after_change=AfterChange.ASK)
        policies: dict[str, Answer] = {"ListObjectVersions": listed(self.other)}
        answer = Account(environment, *self.found, policies=policies, rules=rules).plan(Mode.MANUAL)
        assert "CloseTarget" not in [change["kind"] for change in answer["changes"]]
        assert "BytesChanged" in [finding["code"] for finding in answer["record"]["findings"]]

    def test_close_what_could_not_be_decrypted_anyway(self, environment: Environment) -> None:
        policies: dict[str, Answer] = {"GetBucketEncryption": encrypted("aws:kms")}
        answer = Account(environment, *self.found, policies=policies).plan(Mode.MANUAL)
        assert self.codes(answer) == ["DefaultKey"]
        assert [change["kind"] for change in answer["changes"]] == ["CloseTarget"] * 4

    def test_are_nobodys_business_while_nothing_is_let_in(self, environment: Environment) -> None:
        rejected = {**described(), "ModelApprovalStatus": "Rejected"}
        account = Account(environment, *self.found, package=rejected)
        account.plan(Mode.MANUAL)
        assert "ListObjectVersions" not in account.s3.operations

    def test_go_on_record_with_an_approval_that_sagemaker_itself_names(self, environment: Environment) -> None:
        """A package that an approver has created as approved."""
        answer = Account(environment, package=described(None, created=0.6)).plan()
        (record,) = answer["record"]["records"]
        assert from_json(AuditRecord, record).fingerprints == ARTIFACTS.fingerprints

    def test_in_a_bucket_that_nobody_knows_are_not_the_only_thing_said(self, environment: Environment) -> None:
        unknown = replace(APPROVAL, fingerprints=None, not_fingerprinted="the bucket wasn't known")
        account = Account(environment, audit_item(PACKAGE_ARN, unknown), rules=package_rules(buckets=()))
        assert self.codes(account.plan()) == ["BytesUnknown", "BucketUnknown"]
        assert account.s3.operations == []

    @pytest.mark.parametrize(
        ("image", "digest", "requested"),
        [
            (IMAGE, None, 1),
            pytest.param(IMAGE, f"sha256:{'a' * 64}", 0, id="SageMaker gives its digest"),
            pytest.param(AWS_IMAGE, None, 0, id="of another account"),
            pytest.param(f"{IMAGE.partition(':')[0]}@sha256:{'a' * 64}", None, 0, id="named by its digest"),
        ],
    )
    def test_of_an_image_are_asked_of_its_registry_where_nobody_else_says(
        self, environment: Environment, image: str, digest: str | None, requested: int
    ) -> None:
        container = {"Image": image, **({"ImageDigest": digest} if digest else {})}
        package = {**described(), "InferenceSpecification": {"Containers": [container]}}
        found = model_packages.observe(
            Scripted("sagemaker", DescribeModelPackage=package).client, the_package_subject()
        )
        assert found is not None
        account = Account(environment)
        reader = ArtifactReader(rules=RULES, environment=environment, members=account.members.way_in())
        images = reader.observe(the_package_subject(), found, encryption=False).images
        assert [(each.uri, each.digest) for each in images] == [(IMAGE, "sha256:tagged")] * requested
        assert len(account.members.entered) == requested
