"""Who of the rules' accounts isn't in the organization: asked once a sweep, and nothing opens for them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from stagegate.core.arns import subject_of
from stagegate.ledger import units as ledger
from stagegate.rules.audiences import Audience, AudienceStage
from stagegate.rules.model import Organization, Rules, Stage
from stagegate.rules.narrowed.for_subject import for_subject
from stagegate.rules.narrowed.outsiders import without_outsiders
from stagegate.rules.narrowed.units import unsettled
from stagegate.subjects.context import Planner
from stagegate.subjects.observe_outsiders import outsiders
from tests.support.builders import CARD_ARN, DEV, GOVERNANCE, PROD, TEST, some_rules

INSIDE = Organization(id="o-stagegate01")


@dataclass
class Organizations:
    """The accounts that it has, those that it lists, and how often it was asked for the list."""

    accounts: set[str]
    listed: set[str] | None = None
    refuses: str = ""
    before: Sequence[str] = ()
    asked: int = 0
    described: list[str] = field(default_factory=list)

    def get_paginator(self, _operation: str) -> "Organizations":
        return self

    def paginate(self) -> Iterator[dict[str, Any]]:
        self.asked += 1
        if self.refuses:
            raise ClientError({"Error": {"Code": self.refuses, "Message": ""}}, "ListAccounts")
        yield from ({"Accounts": [{"Id": each}]} for each in self.before)
        yield from [
            {"Accounts": [{"Id": each}]} for each in sorted(self.accounts if self.listed is None else self.listed)
        ]

    def describe_account(self, AccountId: str) -> dict[str, Any]:  # noqa: N803  boto3's name
        self.described.append(AccountId)
        if AccountId not in self.accounts:
            raise ClientError({"Error": {"Code": "AccountNotFoundException", "Message": ""}}, "DescribeAccount")
        return {"Account": {"State": "ACTIVE"}}


@dataclass
class Table:
    """One item, whose condition holds unless a later sweep has written it."""

    item: dict[str, Any] = field(default_factory=dict)

    def batch_get_item(self, **_request: Any) -> dict[str, Any]:
        return {"Responses": {"ledger": [self.item] if self.item else []}}

    def put_item(self, *, Item: dict[str, Any], **request: Any) -> None:  # noqa: N803  boto3's name
        assert "OR sweep <= :sweep OR begins_with(sweep, :second)" in request["ConditionExpression"]
        values = {name: value["S"] for name, value in request["ExpressionAttributeValues"].items()}
        before = self.item["sweep"]["S"] if self.item else ""
        if before > values[":sweep"] and not before.startswith(values[":second"]):
            raise ClientError({"Error": {"Code": "ConditionalCheckFailedException", "Message": ""}}, "PutItem")
        self.item = Item


def rules(organization: Organization = INSIDE) -> Rules:
    stages = (Stage(name="dev", accounts=(DEV, TEST)), Stage(name="prod", accounts=(PROD,)))
    return replace(some_rules(), organization=organization, stages=stages)


def a_planner(organizations: Organizations, table: Table, found: Rules | None = None) -> Planner:
    here = SimpleNamespace(table="ledger", account=GOVERNANCE)
    return Planner(
        environment=cast("Any", here),
        rules=found or rules(),
        sagemaker=cast("Any", None),
        ram=cast("Any", None),
        organizations=cast("Any", organizations),
        dynamodb=cast("Any", table),
        members=cast("Any", None),
    )


def outside(planner: Planner, sweep: str) -> set[str]:
    found = outsiders(planner, sweep)
    assert found is not None
    return set(found)


class TestWhoIsOutside:
    def test_is_asked_by_the_first_plan_of_a_sweep_and_not_by_runs(self) -> None:
        organizations, table = Organizations({GOVERNANCE, DEV, TEST}), Table()
        assert outsiders(a_planner(organizations, table), "") is None
        assert organizations.asked == 0
        first = a_planner(organizations, table)
        assert outside(first, "s1") == outside(first, "s1") == {PROD}
        assert outside(a_planner(organizations, table), "s1") == {PROD}, "another process reads what it recorded"
        assert organizations.asked == 1
        organizations.accounts = {GOVERNANCE, DEV, PROD}
        assert outside(first, "s2") == {TEST}

    def test_is_asked_by_each_of_two_sweeps_that_begin_in_one_second(self) -> None:
        organizations, table = Organizations({GOVERNANCE, DEV, TEST}), Table()
        assert outside(a_planner(organizations, table), "2026-03-02T120000-f") == {PROD}
        organizations.accounts.add(PROD)
        assert outside(a_planner(organizations, table), "2026-03-02T120000-0") == set()
        assert ledger.read_outsiders(cast("Any", table), "ledger").accounts == set()

    def test_is_nobody_outside_an_organization(self) -> None:
        organizations = Organizations(set())
        planner = a_planner(organizations, Table(), rules(Organization()))
        assert outside(planner, "s1") == outside(planner, "") == set()
        assert organizations.asked == 0

    def test_isnt_said_by_a_list_that_is_behind(self) -> None:
        organizations = Organizations({GOVERNANCE, DEV, TEST, PROD}, listed={GOVERNANCE, DEV, TEST})
        assert outside(a_planner(organizations, Table()), "s1") == set()

    def test_isnt_known_where_nobody_answers_about_our_own_account_either(self) -> None:
        organizations = Organizations(set())
        assert outside(a_planner(organizations, Table()), "s1") == set()

    @pytest.mark.parametrize("refuses", ["AccessDeniedException", "TooManyRequestsException"])
    def test_stays_outside_where_organizations_does_not_answer(self, refuses: str) -> None:
        table = Table()
        assert outside(a_planner(Organizations({GOVERNANCE, DEV, TEST}), table), "s1") == {PROD}
        assert outside(a_planner(Organizations(set(), refuses=refuses), table), "s2") == {PROD}

    @pytest.mark.parametrize("pages", [1, 60])
    def test_is_asked_about_one_by_one_beyond_the_first_pages(self, pages: int) -> None:
        organizations = Organizations({GOVERNANCE, DEV, TEST, PROD}, before=[f"{n:012}" for n in range(pages)])
        assert outside(a_planner(organizations, Table()), "s1") == set()
        assert organizations.described == ([] if pages == 1 else [DEV, TEST, PROD])

    def test_is_said_by_the_later_of_two_sweeps(self) -> None:
        table = Table()
        outsiders(a_planner(Organizations({GOVERNANCE, DEV, TEST}), table), "s2")
        earlier = ledger.Outsiders(accounts=frozenset(), sweep="s1")
        ledger.write_outsiders(cast("Any", table), "ledger", earlier)
        assert ledger.read_outsiders(cast("Any", table), "ledger").accounts == {PROD}


NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("id_", "expected"),
    [
        ("2026-03-02T115900-0a1b2c3d", True),
        ("2026-03-02T120030-0a1b2c3d", True),
        ("2026-03-02T120130-0a1b2c3d", False),
        ("9999-12-31T235959-00000000", False),
        ("2026-13-02T115900-0a1b2c3d", False),
        ("9", False),
        ("", False),
    ],
)
def test_an_id_of_the_future_or_of_no_time_is_no_sweep(id_: str, *, expected: bool) -> None:
    assert ledger.is_sweep(id_, NOW) is expected


class TestTheRulesWithoutThem:
    def test_open_nothing_for_them_and_say_so(self) -> None:
        found = for_subject(without_outsiders(rules(), {PROD, TEST}), subject_of(CARD_ARN))
        assert {stage.name: stage.accounts for stage in found.stages} == {"dev": (DEV,), "prod": ()}
        said = [(each.code, each.stage, each.detail.split()[1]) for each in unsettled(found)]
        assert said == [("AccountOutside", "dev", TEST), ("AccountOutside", "prod", PROD)]

    def test_are_the_same_where_everybody_is_inside(self) -> None:
        found = rules()
        assert without_outsiders(found, ()) is found

    def test_leave_an_audience_without_account_nobody_and_not_the_accounts_of_all(self) -> None:
        own = Audience(name="churn", cards=("*",), stages=(AudienceStage(stage="dev", accounts=(TEST,)),))
        found = without_outsiders(replace(rules(), audiences=(own,)), {TEST})
        mine = for_subject(found, subject_of(CARD_ARN))
        assert mine.stage("dev").accounts == ()
        assert [each.code for each in unsettled(mine)] == ["AccountOutside"]
