"""What opens can be used: before a stage is let in, its roles are looked up and others' policies are read."""

import json
from dataclasses import replace
from typing import Any

import pytest

from stagegate.aws.environment import Environment
from stagegate.ledger import items
from stagegate.plans.mode import Mode
from stagegate.rules.guardrails import Access, Guardrail, GuardrailKind
from stagegate.rules.model import Rules, Stage
from tests.support.builders import DEV, GOVERNANCE, PROD
from tests.support.denies import MAYBE, NO, SHAPES, YES, Shape
from tests.support.ledger import kept_items
from tests.support.packages import BUCKET, KEY, OPERATOR, PACKAGE_ARN, STAGES, package_rules
from tests.support.scripted import Answer, refusal
from tests.unit.subjects.packages.test_planning_packages import (
    APPROVAL,
    ASKED,
    ON_BUCKETS,
    RULES,
    Account,
    a_view,
    on_targets,
)

FOUND = tuple(kept_items(PACKAGE_ARN, *ASKED, APPROVAL))
OPEN = (*FOUND, a_view(), *on_targets())
BELOW = f"arn:aws:iam::{PROD}:role/service-role/ModelOperator"
SOMEBODYS = {
    "Sid": "OnlyThroughOurEndpoint",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": f"arn:aws:s3:::{BUCKET}/*",
    "Condition": {"StringNotEquals": {"aws:PrincipalAccount": [DEV, GOVERNANCE]}},
}
"""`cases/somebodys-deny.json`, on this bucket."""


def policy(*statements: dict[str, Any], version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": list(statements)})


def on_bucket(*statements: dict[str, Any], version: str = "2012-10-17") -> dict[str, Answer]:
    return {"GetBucketPolicy": {"Policy": policy(*statements, version=version)}}


def findings(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["severity"], each["code"]) for each in answer["record"]["findings"] if each["code"] in CODES]


CODES = (
    "BucketRestricted",
    "DefaultKey",
    "DocumentFull",
    "ForeignDeny",
    "ForeignDenyPossible",
    "KeyUnusable",
    "RoleMissing",
    "RolesUnseen",
    "TargetUnseen",
)


def details(answer: dict[str, Any]) -> str:
    return " ".join(each["detail"] for each in answer["record"]["findings"])


def with_roles(*roles: str) -> Rules:
    stages = [replace(stage, roles=roles) if stage.name == "prod" else stage for stage in STAGES]
    return replace(package_rules(buckets=RULES.buckets), stages=tuple(stages))


def recorded(record: dict[str, Any]) -> dict[str, Any]:
    """What is read of a run that has put this on record."""
    return items.item(
        items.view_key(PACKAGE_ARN),
        items.VIEW,
        {
            "grants": [{**grant, "since": items.text_of(APPROVAL.at)} for grant in record["grants"]],
            "planner_state": record["planner_state"],
            "last_notified_digest": record["last_notified_digest"],
        },
    )


class TestADenyOfOthers:
    @pytest.mark.parametrize("found", [FOUND, OPEN], ids=["not open", "open"])
    @pytest.mark.parametrize("mode", [Mode.MANUAL, Mode.SWEEP])
    def test_that_refuses_blocks_and_is_named(self, environment: Environment, found: Any, mode: Mode) -> None:
        answer = Account(environment, *found, policies=on_bucket(SOMEBODYS)).plan(mode)
        assert findings(answer) == [("block", "ForeignDeny")]
        assert f"Statement OnlyThroughOurEndpoint in the policy of bucket {BUCKET} of {DEV}" in details(answer)
        assert {change["kind"] for change in answer["changes"]} <= {"CloseTarget"}
        assert answer["record"]["grants"] == []

    def test_blocks_an_events_run_before_anything_opens(self, environment: Environment) -> None:
        answer = Account(environment, *FOUND, policies=on_bucket(SOMEBODYS)).plan()
        assert (findings(answer), answer["changes"], answer["outcome"]) == ([("block", "ForeignDeny")], [], "blocked")

    @pytest.mark.parametrize("shape", [each for each in SHAPES if not each.bounded], ids=lambda shape: shape.name)
    def test_has_the_answer_of_its_shape(self, environment: Environment, shape: Shape) -> None:
        answer = Account(environment, *FOUND, policies=on_bucket(shape.deny, version=shape.version)).plan()
        expected = {NO: [], MAYBE: [("warn", "ForeignDenyPossible")], YES: [("block", "ForeignDeny")]}
        assert findings(answer) == expected[shape.answer]
        assert bool(answer["changes"]) == (shape.answer is not YES)

    def test_with_not_principal_hits_a_role_that_has_a_boundary(self, environment: Environment) -> None:
        deny = {**SOMEBODYS, "NotPrincipal": {"AWS": [OPERATOR, PROD]}, "Condition": {}}
        del deny["Principal"]
        without = Account(environment, *FOUND, policies=on_bucket(deny)).plan()
        assert findings(without) == [("warn", "ForeignDenyPossible")]
        assert "every principal that has a permissions boundary" in details(without)
        guardrail = Guardrail(name="x", by=GuardrailKind.BOUNDARY, roles=(OPERATOR,), public_hub=Access.DENY)
        rules = replace(RULES, guardrails=(guardrail,))
        assert findings(Account(environment, *FOUND, policies=on_bucket(deny), rules=rules).plan()) == [
            ("block", "ForeignDeny")
        ]

    def test_on_the_key_the_repository_and_the_group_counts_as_well(self, environment: Environment) -> None:
        for name, member, deny in (
            ("GetKeyPolicy", "Policy", {"Action": "kms:Decrypt", "Resource": "*"}),
            ("GetRepositoryPolicy", "policyText", {"Action": "ecr:*"}),
            ("GetModelPackageGroupPolicy", "ResourcePolicy", {"Action": "sagemaker:Describe*", "Resource": "*"}),
        ):
            text = policy({"Sid": "Theirs", "Effect": "Deny", "Principal": {"AWS": PROD}, **deny})
            answer = Account(environment, *FOUND, policies={name: {member: text}}).plan()
            assert findings(answer) == [("block", "ForeignDeny")], name
            assert answer["changes"] == []

    def test_of_one_role_of_two_is_said_and_closes_nothing(self, environment: Environment) -> None:
        deny = {**SOMEBODYS, "Principal": {"AWS": OPERATOR}, "Condition": {}}
        other = f"arn:aws:iam::{PROD}:role/Other"
        answer = Account(
            environment,
            *FOUND,
            policies=on_bucket(deny),
            rules=with_roles("ModelOperator", "Other"),
            roles=(OPERATOR, other),
        ).plan()
        assert findings(answer) == [("warn", "ForeignDeny")]
        assert OPERATOR in details(answer)
        assert answer["changes"]

    def test_that_was_found_is_known_to_a_run_that_does_not_look(self, environment: Environment) -> None:
        deny = {**SOMEBODYS, "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}
        opened = Account(environment, *FOUND, policies=on_bucket(deny)).plan()["record"]
        told = recorded(opened)
        quiet = Account(environment, *FOUND, told, *on_targets())
        answer = quiet.plan()
        assert (answer["report"], answer["changes"], quiet.members.entered) == (False, [], [])
        assert findings(answer) == [("warn", "ForeignDenyPossible")]

    def test_that_leaves_no_room_closes_nothing_and_is_told(self, environment: Environment) -> None:
        long = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{DEV}:root"},
            "Action": "s3:ListBucket",
            "Resource": f"arn:aws:s3:::{BUCKET}",
            "Condition": {"StringEquals": {"s3:prefix": "9" * 20_000}},
        }
        answer = Account(environment, *OPEN, policies=on_bucket(long)).plan(Mode.SWEEP)
        assert ("block", "DocumentFull") in findings(answer)
        assert ("warn", "TargetUnseen") not in findings(answer)
        assert not [change for change in answer["changes"] if change["closes"]]

    def test_in_a_policy_that_cannot_be_read_is_nothing_that_keeps_a_stage_out(self, environment: Environment) -> None:
        answer = Account(environment, *FOUND, policies={"GetKeyPolicy": refusal("AccessDeniedException")}).plan()
        assert findings(answer) == [("warn", "TargetUnseen")]
        assert len(answer["changes"]) == 4


PUBLIC = {"Sid": "Everybody", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
OUR_ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-stagegate01"}}


class TestAPublicAccessBlock:
    @pytest.mark.parametrize("setting", ["RestrictPublicBuckets", "BlockPublicPolicy"])
    def test_on_a_bucket_whose_policy_is_public_opens_nothing(self, environment: Environment, setting: str) -> None:
        block: dict[str, Answer] = {"GetPublicAccessBlock": {"PublicAccessBlockConfiguration": {setting: True}}}
        answer = Account(environment, *FOUND, policies=on_bucket(PUBLIC) | block).plan()
        assert (findings(answer), answer["changes"]) == ([("block", "BucketRestricted")], [])
        assert f"Statement Everybody in the policy of bucket {BUCKET}" in details(answer)
        assert setting in details(answer)

    @pytest.mark.parametrize(
        "block",
        [
            {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True, "RestrictPublicBuckets": False}},
            refusal("NoSuchPublicAccessBlockConfiguration"),
        ],
    )
    def test_that_does_not_restrict_it_is_no_matter(self, environment: Environment, block: Answer) -> None:
        policies = on_bucket(PUBLIC) | {"GetPublicAccessBlock": block}
        answer = Account(environment, *FOUND, policies=policies).plan()
        assert (findings(answer), len(answer["changes"])) == ([], 4)

    def test_is_not_asked_for_where_the_policy_names_whom_it_lets_in(self, environment: Environment) -> None:
        account = Account(environment, *FOUND, policies=on_bucket({**PUBLIC, "Condition": OUR_ORGANIZATION}))
        assert len(account.plan()["changes"]) == 4
        assert "GetPublicAccessBlock" not in account.s3.operations


@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion", "PendingImport", "Unavailable"])
def test_a_key_that_cannot_be_used_opens_nothing(environment: Environment, state: str) -> None:
    key: dict[str, Answer] = {"DescribeKey": {"KeyMetadata": {"KeyId": KEY.rpartition("/")[2], "KeyState": state}}}
    answer = Account(environment, *FOUND, policies=key).plan()
    assert (findings(answer), answer["changes"]) == ([("block", "KeyUnusable")], [])
    assert state in details(answer)


def test_a_key_that_aws_manages_opens_nothing_and_is_explained(environment: Environment) -> None:
    """Its ARN looks like any other's."""
    metadata = {"KeyId": KEY.rpartition("/")[2], "KeyState": "Enabled", "KeyManager": "AWS"}
    answer = Account(environment, *FOUND, policies={"DescribeKey": {"KeyMetadata": metadata}}).plan()
    assert (findings(answer), answer["changes"]) == ([("block", "DefaultKey")], [])
    assert "no other account can be let use it" in details(answer)


class TestARoleOfAStage:
    def test_that_is_nowhere_is_a_finding_and_the_others_open(self, environment: Environment) -> None:
        account = Account(
            environment,
            *FOUND,
            rules=with_roles("ModelOperator", "Nobody"),
        )
        answer = account.plan()
        assert findings(answer) == [("warn", "RoleMissing")]
        assert "role/Nobody for prod" in details(answer)
        assert "Nobody" not in json.dumps(answer["changes"])
        assert len(answer["changes"]) == 4

    def test_that_lies_below_a_path_says_how_to_name_it(self, environment: Environment) -> None:
        account = Account(environment, *FOUND, roles=(BELOW,))
        answer = account.plan()
        assert (findings(answer), answer["changes"]) == ([("block", "RoleMissing")], [])
        assert 'write "service-role/ModelOperator"' in details(answer)

    @pytest.mark.parametrize("name", ["service-role/ModelOperator", "/service-role/ModelOperator", BELOW])
    def test_can_be_named_with_its_path_or_its_arn(self, environment: Environment, name: str) -> None:
        account = Account(environment, *FOUND, rules=with_roles(name), roles=(BELOW,))
        answer = account.plan()
        assert (findings(answer), len(answer["changes"])) == ([], 4)
        assert BELOW in json.dumps(answer["changes"])

    def test_in_other_letters_than_iams_is_another(self, environment: Environment) -> None:
        account = Account(environment, *FOUND, rules=with_roles("modeloperator"), roles=(OPERATOR,))
        assert findings(account.plan()) == [("block", "RoleMissing")]

    def test_in_an_account_that_cannot_be_looked_into_opens_and_says_so(self, environment: Environment) -> None:
        answer = Account(environment, *FOUND, roles=refusal("AccessDenied")).plan()
        assert (findings(answer), len(answer["changes"])) == ([("warn", "RolesUnseen")], 4)

    def test_of_one_account_is_no_matter_of_another(self, environment: Environment) -> None:
        two = "555566667777"
        stage = Stage(name="prod", accounts=(PROD, two), roles=("ModelOperator",))
        rules = replace(package_rules(buckets=RULES.buckets), stages=(*STAGES[:2], stage))
        answer = Account(environment, *FOUND, rules=rules).plan()
        assert findings(answer) == [("warn", "RoleMissing")], "IAM answers with the role of the other account"
        assert two not in json.dumps([change["change"]["statements"] for change in answer["changes"]])

    def test_that_is_missing_costs_a_run_without_news_nothing(self, environment: Environment) -> None:
        rules = with_roles("ModelOperator", "Nobody")
        record = Account(environment, *FOUND, rules=rules).plan()["record"]
        told = recorded(record)
        quiet = Account(environment, *FOUND, told, *on_targets(), rules=rules)
        answer = quiet.plan()
        assert (answer["report"], answer["changes"], quiet.members.entered) == (False, [], [])


class TestABucketThatRefuses:
    """S3 says the same of another account's bucket and of one's own that a policy closes."""

    REFUSES: dict[str, Answer] = dict.fromkeys(ON_BUCKETS, refusal("AccessDenied"))

    @pytest.mark.parametrize("code", ["AccessDenied", "NoSuchBucket"])
    @pytest.mark.parametrize("mode", [Mode.MANUAL, Mode.SWEEP])
    def test_that_the_account_has_no_more_closes(self, environment: Environment, code: str, mode: Mode) -> None:
        refuses: dict[str, Answer] = {**dict.fromkeys(ON_BUCKETS, refusal(code)), "ListBuckets": {"Buckets": []}}
        answer = Account(environment, *OPEN, policies=refuses).plan(mode)
        codes = [each["code"] for each in answer["record"]["findings"]]
        assert codes.count("BucketGone") == 1
        assert f"{DEV} has no bucket {BUCKET} any more" in details(answer)
        assert [change["kind"] for change in answer["changes"]] == ["CloseTarget"] * 4
        assert (answer["unseen"], answer["record"]["blind"]) == ([], {})

    def test_opens_nothing_for_an_event(self, environment: Environment) -> None:
        answer = Account(environment, *FOUND, policies=self.REFUSES | {"ListBuckets": {"Buckets": []}}).plan()
        assert (answer["changes"], answer["outcome"]) == ([], "blocked")

    @pytest.mark.parametrize("buckets", [{"Buckets": [{"Name": BUCKET}]}, refusal("AccessDenied")])
    def test_and_is_the_accounts_or_nobody_knows_could_not_be_looked_at(
        self, environment: Environment, buckets: Answer
    ) -> None:
        answer = Account(environment, *OPEN, policies=self.REFUSES | {"ListBuckets": buckets}).plan(Mode.SWEEP)
        assert "BucketGone" not in {each["code"] for each in answer["record"]["findings"]}
        assert answer["unseen"]
        assert "CloseTarget" not in {change["kind"] for change in answer["changes"]}
