"""Planning looks at as much as it needs, and says what there is to do in JSON."""

import json
from dataclasses import replace
from typing import Any

import pytest

from stagegate.aws.environment import Environment
from stagegate.core.card_link import CardLink
from stagegate.core.errors import InputError, SettingsError, UnknownSubjectError
from stagegate.ledger import items
from stagegate.ledger import read as subjects
from stagegate.plans.grants import View
from stagegate.plans.mode import Mode
from stagegate.rules.checks import stack
from stagegate.rules.model import Approvers, Rules
from stagegate.runs.plan import plan_subject
from stagegate.subjects.cards.observe import content_hash
from stagegate.subjects.context import Planner
from tests.support.builders import (
    CARD_ARN,
    CREATED,
    DEV,
    GOVERNANCE,
    PROD,
    TEST,
    a_grant,
    a_record,
    a_stage,
    asked_about,
    at,
    share_arn,
    some_rules,
)
from tests.support.ledger import kept_items, reads
from tests.support.members import ScriptedMembers
from tests.support.packages import package_rules
from tests.support.plan_request import plan_request
from tests.support.scripted import Answer, Scripted, refusal

RULES = some_rules()
NO_SHARES: dict[str, Answer] = {
    "GetResourceShares": {"resourceShares": []},
    "GetResourceShareAssociations": {"resourceShareAssociations": []},
}


def a_view(*grants: Any, last_notified_digest: str = "") -> dict[str, Any]:
    stored = [
        {
            "stage": grant.stage,
            "accounts": list(grant.accounts),
            "write": grant.write,
            "permission": grant.permission,
            "since": items.text_of(grant.since),
            "share_arn": grant.share_arn,
        }
        for grant in grants
    ]
    return items.item(
        items.view_key(CARD_ARN), items.VIEW, {"grants": stored, "last_notified_digest": last_notified_digest}
    )


def described(status: str, modified: float = 0.4) -> dict[str, Any]:
    return {
        "ModelCardArn": CARD_ARN,
        "ModelCardName": "churn",
        "ModelCardVersion": 1,
        "Content": json.dumps({"intended_uses": {"risk_rating": "High"}}),
        "ModelCardStatus": status,
        "CreationTime": CREATED,
        "CreatedBy": {},
        "LastModifiedTime": at(modified),
    }


class Account:
    """One governance account, as far as planning looks at it."""

    def __init__(
        self,
        environment: Environment,
        *found: dict[str, Any],
        card: Answer | None = None,
        ram: dict[str, Answer] | None = None,
        rules: Rules = RULES,
    ) -> None:
        self.sagemaker = Scripted("sagemaker", DescribeModelCard=card or described("Draft"))
        self.ram = Scripted("ram", **(ram or NO_SHARES))
        self.organizations = Scripted("organizations", ListPoliciesForTarget={"Policies": []})
        self.dynamodb = Scripted("dynamodb", **reads(*found))
        self.planner = Planner(
            environment=environment,
            rules=rules,
            sagemaker=self.sagemaker.client,
            ram=self.ram.client,
            organizations=self.organizations.client,
            dynamodb=self.dynamodb.client,
            members=ScriptedMembers().way_in(),
        )

    def plan(self, arn: str = CARD_ARN, mode: Mode = Mode.EVENT) -> dict[str, Any]:
        answer = plan_subject(self.planner, plan_request(arn, mode))
        assert json.loads(json.dumps(answer)) == answer
        return answer


IN_DEV: dict[str, Answer] = {
    **NO_SHARES,
    "GetResourceShareAssociations": {
        "resourceShareAssociations": [{"resourceShareArn": share_arn("dev-0"), "status": "ASSOCIATED"}]
    },
}
DEV_GRANT = a_grant("dev", DEV, write=True)


IS_WITHDRAWN = items.item(items.WITHDRAWAL, items.CURRENT, {"sweep": "the-id"})


@pytest.mark.parametrize("mode", Mode)
def test_withdrawn_what_is_open_closes_and_says_why(environment: Environment, mode: Mode) -> None:
    account = Account(environment, IS_WITHDRAWN, a_view(DEV_GRANT))
    answer = account.plan(mode=mode)
    assert answer["record"]["grants"] == []
    assert [found["code"] for found in answer["record"]["findings"]] == ["StagegateWithdrawn"]


@pytest.mark.parametrize("mode", Mode)
def test_withdrawn_nothing_opens_and_nobody_is_told_of_it(environment: Environment, mode: Mode) -> None:
    assert Account(environment).plan(mode=mode)["changes"], "it would open"
    answer = Account(environment, IS_WITHDRAWN).plan(mode=mode)
    assert (answer["changes"], answer["would"], answer["notify"]) == ([], [], False)


@pytest.mark.parametrize("says", [False, True])
def test_a_sweep_says_itself_whether_it_is_withdrawn(environment: Environment, *, says: bool) -> None:
    account = Account(environment)
    request = plan_request(CARD_ARN, Mode.SWEEP, withdrawn=says)
    assert bool(plan_subject(account.planner, request)["would"]) is not says
    read = [key for call in account.dynamodb.of("BatchGetItem") for key in call["RequestItems"]["ledger"]["Keys"]]
    assert items.WITHDRAWAL not in {key["pk"]["S"] for key in read}


def test_a_new_card_is_opened_for_its_stage(environment: Environment) -> None:
    answer = Account(environment).plan()
    (change,) = answer["changes"]
    assert (change["surface"], change["kind"]) == ("share", "OpenShare")
    assert change["change"]["subject_arn"] == CARD_ARN
    assert (answer["outcome"], answer["report"], answer["verify"]) == ("changes", True, True)
    assert answer["lines"] == [f"open dev ({DEV}) with AWSRAMPermissionSageMakerModelCards"]
    assert (answer["record"]["subject"]["arn"], answer["verify"]) == (CARD_ARN, True)
    assert answer["grant_counts"] == {"open": 0, "closes": 0, "opens": 1, "to_close": 0}
    assert answer["message"]["subject"] == "OPENED churn: dev (Draft)"


def test_an_event_about_nothing_new_looks_at_the_record_the_card_and_its_associations(
    environment: Environment,
) -> None:
    account = Account(environment, a_view(DEV_GRANT), ram=IN_DEV)
    assert account.plan()["outcome"] == "unchanged"
    assert account.ram.operations == ["GetResourceShareAssociations"]
    assert account.organizations.calls == []


NO_CARD = refusal("ResourceNotFound")


def test_a_person_who_names_a_card_that_isnt_there_is_told(environment: Environment) -> None:
    account = Account(environment, card=NO_CARD)
    for _ in range(2):
        answer = account.plan(mode=Mode.MANUAL)
        assert [finding["code"] for finding in answer["record"]["findings"]] == ["NoSuchSubject"]
        assert (answer["outcome"], answer["notify"], answer["changes"]) == ("blocked", True, [])
        assert answer["record"]["last_notified_digest"] == "", "a sweep has nothing to take back"
    assert "There is no card churn" in answer["message"]["text"]


def test_so_is_one_who_names_no_guardrail_of_the_rules(environment: Environment) -> None:
    answer = Account(environment).plan("guardrail/canvsa", Mode.MANUAL)
    assert [finding["code"] for finding in answer["record"]["findings"]] == ["NotInRules"]


@pytest.mark.parametrize("mode", [Mode.EVENT, Mode.SWEEP])
def test_an_event_and_a_sweep_say_nothing_of_it(environment: Environment, mode: Mode) -> None:
    answer = Account(environment, card=NO_CARD).plan(mode=mode)
    assert (answer["outcome"], answer["record"]["findings"]) == ("unchanged", [])


def test_a_deleted_card_that_is_on_record_is_no_misspelled_one(environment: Environment) -> None:
    answer = Account(environment, *kept_items(CARD_ARN, a_record()), card=NO_CARD).plan(mode=Mode.MANUAL)
    assert (answer["outcome"], answer["record"]["findings"]) == ("unchanged", [])


@pytest.mark.parametrize(("began", "looks"), [("me", False), ("a run that failed", True)])
def test_the_run_after_one_that_did_not_end_well_looks_at_everything(
    environment: Environment, began: str, *, looks: bool
) -> None:
    claim = items.item(items.subject_key(CARD_ARN), items.CLAIM, {"holder": "me", "wanted": 2, "began": began})
    account = Account(environment, a_view(DEV_GRANT), claim, ram=IN_DEV)
    account.plan()
    assert ("GetResourceShares" in account.ram.operations) is looks


def test_a_manual_run_looks_at_everything(environment: Environment) -> None:
    account = Account(environment, a_view(DEV_GRANT), ram=IN_DEV)
    account.plan(mode=Mode.MANUAL)
    assert "GetResourceShares" in account.ram.operations
    assert account.organizations.of("ListPoliciesForTarget") == [{"TargetId": DEV, "Filter": "SERVICE_CONTROL_POLICY"}]


def test_a_fence_is_looked_for_wherever_one_is_needed(environment: Environment) -> None:
    account = Account(environment, card=described("PendingReview"))
    answer = account.plan()
    assert [request["TargetId"] for request in account.organizations.of("ListPoliciesForTarget")] == [TEST]
    assert [change["kind"] for change in answer["changes"]] == ["DenyWrites", "OpenShare", "OpenShare"]


def test_what_is_on_record_opens_the_gate(environment: Environment) -> None:

    approval = a_record(content=content_hash({"intended_uses": {"risk_rating": "High"}}))
    account = Account(
        environment, *kept_items(CARD_ARN, *asked_about([approval]), approval), card=described("Approved")
    )
    assert PROD in json.dumps(account.plan()["changes"])


def test_a_deleted_card_is_closed(environment: Environment) -> None:
    shares = {
        **IN_DEV,
        "GetResourceShares": {
            "resourceShares": [
                {
                    "resourceShareArn": share_arn("dev-0"),
                    "allowExternalPrincipals": False,
                    "tags": [{"key": "stagegate:stage", "value": "dev"}],
                }
            ]
        },
    }
    account = Account(environment, a_view(DEV_GRANT), card=refusal("ResourceNotFound"), ram=shares)
    answer = account.plan()
    assert answer["lines"] == ["close dev: take the card out of its share"]
    assert answer["record"]["status"] == "Deleted"


def test_a_members_card_is_refused_without_a_look(environment: Environment) -> None:
    account = Account(environment)
    answer = account.plan(CARD_ARN.replace(GOVERNANCE, DEV))
    assert (answer["outcome"], answer["changes"]) == ("blocked", [])
    assert account.sagemaker.calls == account.ram.calls == []


def test_a_card_of_another_region_is_refused(environment: Environment) -> None:
    with pytest.raises(InputError, match="found a model card of Region eu-west-1; allowed: one of us-east-1"):
        Account(environment).plan(CARD_ARN.replace("us-east-1", "eu-west-1"))


def test_a_card_of_another_partition_is_refused(environment: Environment) -> None:
    with pytest.raises(InputError, match="found an ARN of the partition aws-cn; allowed: aws, where this stack runs"):
        Account(environment).plan(CARD_ARN.replace("arn:aws:", "arn:aws-cn:"))


def test_what_is_no_card_is_refused(environment: Environment) -> None:
    with pytest.raises(UnknownSubjectError):
        Account(environment).plan("churn")


def test_nothing_is_written(environment: Environment) -> None:
    account = Account(environment, card=described("PendingReview"))
    account.plan(mode=Mode.MANUAL)
    calls = (
        account.sagemaker.operations + account.ram.operations + account.organizations.operations
    ) + account.dynamodb.operations
    assert {name for name in calls if not name.startswith(("BatchGet", "Describe", "Get", "List", "Query"))} == set()


class TestTheStacksAccounts:
    def test_are_where_the_stages_are(self, environment: Environment) -> None:
        stack.check(RULES, environment)

    def test_are_others_than_the_governance_account(self, environment: Environment) -> None:
        rules = some_rules(stages=[a_stage("dev", DEV, "999988887777"), a_stage("test", GOVERNANCE)], opens={})
        with pytest.raises(SettingsError) as error:
            stack.check(rules, environment)
        assert str(error.value).splitlines() == [
            f"stages.test.accounts: found {GOVERNANCE}; allowed: an account other than the governance account, which"
            " owns the cards and sees them anyway",
        ]

    @pytest.mark.parametrize(
        ("principal", "problem"),
        [
            (f"arn:aws:iam::{GOVERNANCE}:role/stagegate-record", "a role of Stagegate; allowed: people's roles"),
            (
                f"arn:aws:sts::{DEV}:assumed-role/stagegate-member-observe/x",
                "a role of Stagegate; allowed: people's roles",
            ),
            (
                "arn:aws:iam::999988887777:role/Approver",
                f"allowed: somebody of {GOVERNANCE}, the governance account, or of an account that a stage, a bucket, a"
                " repository, a guardrail or organization.accounts names",
            ),
        ],
    )
    def test_are_whose_calls_are_heard_of(self, environment: Environment, principal: str, problem: str) -> None:
        with pytest.raises(SettingsError) as error:
            stack.check(some_rules(approvers=[Approvers(stage="prod", principals=(principal,))]), environment)
        assert str(error.value).startswith(f"approvers.prod.principals: found {principal}")
        assert str(error.value).endswith(problem)


def test_a_view_is_read_back(environment: Environment) -> None:
    """The stored form above is the one that the ledger reads."""

    dynamodb = Scripted("dynamodb", **reads(a_view(DEV_GRANT, last_notified_digest="x")))
    recorded = subjects.read(dynamodb.client, environment.table, CARD_ARN, subjects.Reading(execution="me"))
    assert recorded.view == View(grants=(DEV_GRANT,), last_notified_digest="x")


@pytest.mark.parametrize(
    ("link", "began", "starts"),
    [
        (CardLink.REQUIRED, "a run that failed", True),
        (CardLink.REQUIRED, "me", False),
        (None, "a run that failed", False),
    ],
)
def test_a_run_of_a_card_that_didnt_end_well_is_made_good_for_to_its_packages(
    environment: Environment, link: CardLink | None, began: str, *, starts: bool
) -> None:
    """It may have taken its word back, as for a card that is deleted, and not have started them."""
    rules = package_rules()
    assert rules.packages
    rules = replace(rules, packages=replace(rules.packages, card=link))
    claim = items.item(items.subject_key(CARD_ARN), items.CLAIM, {"holder": "me", "wanted": 2, "began": began})
    gone = refusal("ResourceNotFound", "it is gone")
    account = Account(environment, a_view(), claim, card=gone, rules=rules)
    assert account.plan()["starts"] is starts
