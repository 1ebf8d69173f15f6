"""A plan asks Organizations about approvers' accounts where their word lets somebody in, and no oftener."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from stagegate.approvals.principals import Actor
from stagegate.aws.environment import Environment
from stagegate.core.errors import ThrottledError
from stagegate.ledger import items
from stagegate.plans.mode import Mode
from stagegate.rules.model import Approvers
from stagegate.runs.plan import plan_subject
from stagegate.subjects.cards.observe import content_hash
from stagegate.subjects.context import Planner
from tests.support.builders import (
    APPROVED,
    APPROVER,
    APPROVER_ROLE,
    CARD_ARN,
    CREATED,
    DEV,
    GOVERNANCE,
    NOON,
    OPENS,
    PROD,
    TEST,
    a_record,
    asked_about,
    at,
    share_arn,
    some_rules,
)
from tests.support.ledger import kept_items, reads
from tests.support.members import ScriptedMembers
from tests.support.plan_request import plan_request
from tests.support.scripted import Answer, Scripted, refusal

CONTENT = {"intended_uses": {"risk_rating": "High"}}
IN_DEV = Actor(arn=f"arn:aws:sts::{DEV}:assumed-role/Approver/dee", role_arn=f"arn:aws:iam::{DEV}:role/Approver")
IN_TEST = Actor(arn=f"arn:aws:sts::{TEST}:assumed-role/Approver/tess", role_arn=f"arn:aws:iam::{TEST}:role/Approver")
PRINCIPALS = (APPROVER_ROLE, str(IN_DEV.role_arn), str(IN_TEST.role_arn))
ACTIVE: Answer = {"Account": {"State": "ACTIVE"}}
GONE = refusal("AccountNotFoundException", "no such account")
DENIED = refusal("AccessDeniedException", "you don't have permissions")


class Governance:
    """A card in status Approved, by somebody, and the organization that its approver may have left.

    `gated` are the stages that need approvers, `open_` those that are open on the first approval.
    """

    def __init__(
        self,
        environment: Environment,
        *approvers: Actor,
        open_: str = "",
        gated: str = "prod",
        accounts: Mapping[str, Answer] | None = None,
        organization: str | None = "o-stagegate01",
        state: dict[str, str] | None = None,
    ) -> None:
        answers = {GOVERNANCE: ACTIVE, DEV: ACTIVE, TEST: ACTIVE, **(accounts or {})}

        def describe(request: Any) -> Any:
            answer = answers[request["AccountId"]]
            if isinstance(answer, Exception):
                raise answer
            return answer

        self.organizations = Scripted(
            "organizations",
            ListPoliciesForTarget={"Policies": []},
            DescribeAccount=describe,
            ListAccounts={"Accounts": [{"Id": account} for account in (GOVERNANCE, DEV, TEST, PROD)]},
        )
        self.answers = answers
        records = [
            a_record(actor=actor, seconds=second, content=content_hash(CONTENT))
            for second, actor in enumerate(approvers)
        ]
        rules = some_rules(
            approvers=[Approvers(stage=stage, principals=PRINCIPALS) for stage in gated.split()],
            organization=organization,
            # Outside an organization a stage that may only read would have its roles' boundaries looked at.
            opens={APPROVED: tuple(replace(each, write=each.write or not organization) for each in OPENS[APPROVED])},
        )
        stages = {"dev": DEV, "test": TEST, "prod": PROD}
        grants = [
            {
                "stage": stage,
                "accounts": [stages[stage]],
                "write": stage == "dev",
                "permission": "AWSRAMPermissionSageMakerModelCards",
                "since": items.text_of(NOON),
                "share_arn": share_arn(f"{stage}-0"),
                **({"approval": records[0].id} if stage in gated.split() else {}),
            }
            for stage in open_.split()
        ]
        view = items.item(items.view_key(CARD_ARN), items.VIEW, {"grants": grants, "planner_state": state or {}})
        stored = reads(*kept_items(CARD_ARN, *asked_about(records), *records), view)
        card = {
            "ModelCardArn": CARD_ARN,
            "ModelCardName": "churn",
            "ModelCardVersion": 1,
            "Content": json.dumps(CONTENT),
            "ModelCardStatus": "Approved",
            "CreationTime": CREATED,
            "CreatedBy": {},
            "LastModifiedTime": at(len(approvers) - 0.6),
        }
        self.planner = Planner(
            environment=environment,
            rules=rules,
            sagemaker=Scripted("sagemaker", DescribeModelCard=card).client,
            ram=Scripted(
                "ram",
                GetResourceShares={"resourceShares": []},
                GetResourceShareAssociations={
                    "resourceShareAssociations": [
                        {"resourceShareArn": share_arn(f"{stage}-0"), "status": "ASSOCIATED"} for stage in open_.split()
                    ]
                },
            ).client,
            organizations=self.organizations.client,
            dynamodb=Scripted("dynamodb", **stored, PutItem={}).client,
            members=ScriptedMembers().way_in(),
        )

    def plan(self, mode: Mode = Mode.EVENT, sweep: str = "") -> dict[str, Any]:
        return plan_subject(self.planner, plan_request(CARD_ARN, mode, sweep=sweep))

    def about(self) -> list[str]:
        """The accounts that were asked about, in order."""
        return [request["AccountId"] for request in self.organizations.of("DescribeAccount")]


def opened(plan: dict[str, Any]) -> set[str]:
    return {grant["stage"] for grant in plan["access_after"]}


def codes(plan: dict[str, Any]) -> dict[str, str]:
    return {found["code"]: found["stage"] for found in plan["record"]["findings"]}


def test_the_governance_account_is_not_asked_about(environment: Environment) -> None:
    account = Governance(environment, APPROVER)
    assert opened(account.plan()) == {"dev", "test", "prod"}
    assert opened(account.plan(Mode.MANUAL)) == {"dev", "test", "prod"}
    assert account.about() == []


def test_outside_an_organization_nobody_is_asked(environment: Environment) -> None:
    account = Governance(environment, IN_DEV, organization=None)
    assert "prod" in opened(account.plan())
    assert account.about() == []


def test_a_run_that_opens_asks_once_for_all_stages(environment: Environment) -> None:
    account = Governance(environment, IN_DEV, gated="test prod")
    plan = account.plan()
    assert opened(plan) == {"dev", "test", "prod"}
    assert account.about() == [DEV]
    assert "ApproverOutside" not in codes(plan)


def test_an_event_with_nothing_to_open_asks_nobody(environment: Environment) -> None:
    account = Governance(environment, IN_DEV, open_="dev test prod", accounts={DEV: GONE})
    assert opened(account.plan()) == {"dev", "test", "prod"}
    assert account.about() == []


@pytest.mark.parametrize("theirs", [GONE, DENIED, {"Account": {"State": "CLOSED"}}])
@pytest.mark.parametrize("mode", Mode)
def test_an_approver_of_an_account_that_has_left_opens_nothing(
    environment: Environment, mode: Mode, theirs: Answer
) -> None:
    account = Governance(environment, IN_DEV, accounts={DEV: theirs})
    plan = account.plan(mode)
    assert opened(plan) == {"dev", "test"}
    assert codes(plan)["ApproverOutside"] == "prod"
    assert "NotAnApprover" not in codes(plan)
    assert PROD not in json.dumps(plan["changes"])


@pytest.mark.parametrize("mode", [Mode.SWEEP, Mode.MANUAL])
def test_what_is_open_on_its_word_closes_with_the_next_sweep(environment: Environment, mode: Mode) -> None:
    account = Governance(environment, IN_DEV, open_="dev test prod", accounts={DEV: GONE})
    plan = account.plan(mode)
    assert opened(plan) == {"dev", "test"}
    assert codes(plan)["ApproverOutside"] == "prod"


def test_what_is_open_closes_with_the_run_that_finds_out(environment: Environment) -> None:
    account = Governance(environment, IN_DEV, open_="dev test", gated="test prod", accounts={DEV: GONE})
    plan = account.plan()
    assert opened(plan) == {"dev"}
    assert {found["stage"] for found in plan["record"]["findings"] if found["code"] == "ApproverOutside"} == {
        "test",
        "prod",
    }


def test_another_approver_s_word_counts_and_is_asked_about_too(environment: Environment) -> None:
    account = Governance(environment, IN_TEST, IN_DEV, accounts={DEV: GONE})
    plan = account.plan()
    assert opened(plan) == {"dev", "test", "prod"}
    assert "ApproverOutside" not in codes(plan)
    assert account.about() == [DEV, GOVERNANCE, TEST]
    account = Governance(environment, IN_TEST, IN_DEV, accounts={DEV: GONE, TEST: GONE})
    assert opened(account.plan()) == {"dev", "test"}


def test_what_stays_open_on_another_word_is_asked_about(environment: Environment) -> None:
    account = Governance(environment, IN_TEST, IN_DEV, open_="dev test prod", accounts={DEV: GONE})
    plan = account.plan()
    assert opened(plan) == {"dev", "test", "prod"}
    assert [grant["approval"] for grant in plan["access_after"] if grant["stage"] == "prod"] == ["Approved-tess-0"]
    assert account.about() == [DEV, GOVERNANCE]


def test_the_plans_of_a_sweep_ask_once_and_the_next_sweep_anew(environment: Environment) -> None:
    account = Governance(environment, IN_DEV, open_="dev test prod")
    for _ in range(3):
        assert "prod" in opened(account.plan(Mode.SWEEP, "one"))
    assert account.about() == [DEV]
    account.answers[DEV] = GONE
    assert "prod" not in opened(account.plan(Mode.SWEEP, "two"))


def test_what_is_about_to_open_is_asked_about_anew_in_a_sweep(environment: Environment) -> None:
    shut, open_ = Governance(environment, IN_DEV), Governance(environment, IN_DEV, open_="dev test prod")
    shared = replace(shut.planner, told_in_sweep=open_.planner.told_in_sweep)
    open_.plan(Mode.SWEEP, "one")
    shut.answers[DEV] = GONE
    plan = plan_subject(shared, plan_request(CARD_ARN, Mode.SWEEP, sweep="one"))
    assert "prod" not in opened(plan)


def test_where_the_question_is_refused_it_opens_and_says_so(environment: Environment) -> None:
    account = Governance(environment, IN_DEV, accounts={DEV: DENIED, GOVERNANCE: DENIED})
    plan = account.plan()
    assert opened(plan) == {"dev", "test", "prod"}
    assert codes(plan)["MembershipUnknown"] == "prod"
    assert plan["outcome"] == "changes"


def test_what_it_was_told_then_is_kept_and_a_sweep_tells_nothing_new(environment: Environment) -> None:
    refused = {DEV: DENIED, GOVERNANCE: DENIED}
    state = Governance(environment, IN_DEV, accounts=refused).plan()["record"]["planner_state"]
    later = Governance(environment, IN_DEV, open_="dev test prod", accounts=refused, state=state)
    assert codes(later.plan())["MembershipUnknown"] == "prod"
    assert codes(later.plan(Mode.SWEEP, "one"))["MembershipUnknown"] == "prod"
    never_told = Governance(environment, IN_DEV, open_="dev test prod", accounts=refused)
    assert "MembershipUnknown" not in codes(never_told.plan(Mode.SWEEP, "one"))
    inside = Governance(environment, IN_DEV, open_="dev test prod", state=state)
    assert "MembershipUnknown" not in codes(inside.plan(Mode.SWEEP, "one"))


def test_a_passing_error_keeps_shut_what_would_open_and_open_what_is_open(environment: Environment) -> None:
    busy = {DEV: refusal("TooManyRequestsException")}
    with pytest.raises(ThrottledError):
        Governance(environment, IN_DEV, accounts=busy).plan()
    assert "prod" in opened(Governance(environment, IN_DEV, open_="dev test prod", accounts=busy).plan(Mode.MANUAL))
