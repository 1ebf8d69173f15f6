"""Who is in the units of the rules: asked once a sweep, kept for a while where nobody can ask, and then closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from stagegate.core.arns import subject_of
from stagegate.core.errors import ThrottledError
from stagegate.ledger import units as ledger
from stagegate.rules.audiences import Audience, AudienceStage
from stagegate.rules.model import Rules, Stage
from stagegate.rules.narrowed.for_subject import for_subject
from stagegate.rules.narrowed.units import unsettled
from stagegate.subjects.context import Planner
from stagegate.subjects.observe_units import settled
from tests.support.builders import CARD_ARN, DEV, GOVERNANCE, PROD, TEST, some_rules

UNIT, BELOW, OTHER = "ou-ab12-11111111", "ou-ab12-22222222", "ou-ab12-33333333"
MANAGEMENT, STRANGER = "999900001111", "666677778888"


@dataclass
class Organizations:
    """Units with their accounts and the units below; and how often it was asked."""

    accounts: dict[str, list[str]]
    below: Mapping[str, Sequence[str]] = field(default_factory=dict)
    closed: Sequence[str] = ()
    refuses: str = ""
    asked: int = 0

    def get_paginator(self, _operation: str) -> "Organizations":
        return self

    def paginate(self, ParentId: str) -> list[dict[str, Any]]:  # noqa: N803  boto3's name
        self.asked += 1
        if self.refuses or ParentId not in self.accounts:
            code = self.refuses or "ParentNotFoundException"
            raise ClientError({"Error": {"Code": code, "Message": ""}}, "List")
        return [
            {
                "Accounts": [
                    {
                        "Id": account,
                        "Arn": f"arn:aws:organizations::{MANAGEMENT}:account/o-x/{account}",
                        "Status": "SUSPENDED" if account in self.closed else "ACTIVE",
                    }
                    for account in self.accounts[ParentId]
                ],
                "OrganizationalUnits": [{"Id": unit} for unit in self.below.get(ParentId, ())],
            }
        ]


@dataclass
class Table:
    """One item, and what somebody else writes before the next write."""

    item: dict[str, Any] | None = None
    meanwhile: dict[str, Any] | None = None

    def get_item(self, **_request: Any) -> dict[str, Any]:
        return {"Item": self.item} if self.item else {}

    def put_item(self, *, Item: dict[str, Any], **request: Any) -> None:  # noqa: N803  boto3's name
        if self.meanwhile:
            self.item, self.meanwhile = self.meanwhile, None
        before = request.get("ExpressionAttributeValues")
        if before and self.item and [before[":sweep"], before[":units"]] != [self.item["sweep"], self.item["units"]]:
            raise ClientError({"Error": {"Code": "ConditionalCheckFailedException", "Message": ""}}, "PutItem")
        self.item = Item


def rules(*units: str) -> Rules:
    return replace(some_rules(), stages=(Stage(name="dev", accounts=(DEV,), units=units),))


def a_planner(organizations: Organizations, table: Table, found: Rules) -> Planner:
    here = SimpleNamespace(table="ledger", account=GOVERNANCE)
    return Planner(
        environment=cast("Any", here),
        rules=found,
        sagemaker=cast("Any", None),
        ram=cast("Any", None),
        organizations=cast("Any", organizations),
        dynamodb=cast("Any", table),
        members=cast("Any", None),
    )


def accounts(found: Rules) -> tuple[str, ...]:
    return found.stage("dev").accounts


def test_without_units_nobody_is_asked() -> None:
    organizations = Organizations({})
    found = rules()
    assert settled(a_planner(organizations, Table(), found), "s1") is found
    assert organizations.asked == 0


def test_units_below_count_and_closed_accounts_and_the_management_account_dont() -> None:
    organizations = Organizations(
        {UNIT: [TEST, MANAGEMENT], BELOW: [PROD, "121212121212"]}, {UNIT: [BELOW]}, ["121212121212"]
    )
    found = settled(a_planner(organizations, Table(), rules(UNIT)), "s1")
    assert accounts(found) == (DEV, TEST, PROD)
    assert unsettled(found) == ()


def test_an_accounts_move_counts_from_the_next_sweep_on() -> None:
    organizations, table = Organizations({UNIT: [TEST]}), Table()
    planner = a_planner(organizations, table, rules(UNIT))
    assert accounts(settled(planner, "s1")) == (DEV, TEST)
    organizations.accounts[UNIT] = [PROD]
    asked = organizations.asked
    assert accounts(settled(a_planner(organizations, table, rules(UNIT)), "")) == (DEV, TEST)
    assert accounts(settled(a_planner(organizations, table, rules(UNIT)), "s1")) == (DEV, TEST)
    assert organizations.asked == asked, "runs between go by the record, and so do the other plans of a sweep"
    assert accounts(settled(planner, "s2")) == (DEV, PROD)
    assert accounts(settled(a_planner(organizations, table, rules(UNIT)), "")) == (DEV, PROD)


def test_a_run_asks_about_a_unit_that_is_on_no_record() -> None:
    organizations, table = Organizations({UNIT: [TEST], OTHER: [PROD]}), Table()
    assert accounts(settled(a_planner(organizations, table, rules(UNIT)), "")) == (DEV, TEST)
    assert accounts(settled(a_planner(organizations, table, rules(UNIT, OTHER)), "")) == (DEV, TEST, PROD)


def test_a_unit_that_is_gone_has_nobody() -> None:
    organizations, table = Organizations({UNIT: [TEST]}), Table()
    settled(a_planner(organizations, table, rules(UNIT)), "s1")
    del organizations.accounts[UNIT]
    found = settled(a_planner(organizations, table, rules(UNIT)), "s2")
    assert (accounts(found), unsettled(found)) == ((DEV,), ())


@pytest.mark.parametrize("code", ["AccessDeniedException", "TooManyRequestsException"])
def test_where_nobody_can_ask_a_unit_keeps_its_accounts_for_some_sweeps_and_then_closes(code: str) -> None:
    organizations, table = Organizations({UNIT: [TEST]}), Table()
    settled(a_planner(organizations, table, rules(UNIT)), "s0")
    organizations.refuses = code
    most = rules().sweep.close_after_blind_sweeps
    for number in range(1, most):
        assert accounts(settled(a_planner(organizations, table, rules(UNIT)), f"s{number}")) == (DEV, TEST)
    found = settled(a_planner(organizations, table, rules(UNIT)), f"s{most}")
    assert accounts(found) == (DEV,)
    assert [each.code for each in unsettled(found)] == ["UnitUnknown"]
    organizations.refuses = ""
    assert accounts(settled(a_planner(organizations, table, rules(UNIT)), "later")) == (DEV, TEST)


def test_a_unit_of_which_nothing_was_ever_heard_opens_nothing_and_says_so() -> None:
    found = settled(a_planner(Organizations({}, refuses="AccessDeniedException"), Table(), rules(UNIT)), "s1")
    assert accounts(found) == (DEV,)
    assert [(each.code, each.stage) for each in unsettled(found)] == [("UnitUnknown", "dev")]


@pytest.mark.parametrize("sweep", ["", "s1"])
def test_a_unit_of_which_nothing_is_known_yet_is_asked_about_again_where_that_may_help(sweep: str) -> None:
    """To go on without it would close what is open there."""
    organizations = Organizations({}, refuses="TooManyRequestsException")
    with pytest.raises(ThrottledError):
        settled(a_planner(organizations, Table(), rules(UNIT)), sweep)


def test_what_one_plan_of_a_sweep_could_not_hear_doesnt_take_the_place_of_what_another_has_heard() -> None:
    table, heard = Table(), Table()
    settled(a_planner(Organizations({UNIT: [TEST]}), table, rules(UNIT)), "s1")
    settled(a_planner(Organizations({UNIT: [PROD]}), heard, rules(UNIT)), "s2")
    table.meanwhile = heard.item
    refused = Organizations({}, refuses="AccessDeniedException")
    assert accounts(settled(a_planner(refused, table, rules(UNIT)), "s2")) == (DEV, PROD)
    assert table.item == heard.item


def test_what_a_plan_has_heard_takes_the_place_of_what_another_could_not_hear() -> None:
    table, unheard = Table(), Table()
    for each in (table, unheard):
        settled(a_planner(Organizations({UNIT: [TEST]}), each, rules(UNIT)), "s1")
    settled(a_planner(Organizations({}, refuses="AccessDeniedException"), unheard, rules(UNIT)), "s2")
    table.meanwhile = unheard.item
    assert accounts(settled(a_planner(Organizations({UNIT: [PROD]}), table, rules(UNIT)), "s2")) == (DEV, PROD)
    assert ledger.read(cast("Any", table), "ledger").units[UNIT].unheard == 0


def test_an_older_sweep_counts_as_no_further_one_that_could_not_ask() -> None:
    older, newer = "2026-03-02T120000-0a1b2c3d", "2026-03-02T180000-00000000"
    organizations, table = Organizations({UNIT: [TEST]}), Table()
    settled(a_planner(organizations, table, rules(UNIT)), newer)
    organizations.refuses, before = "AccessDeniedException", table.item
    for sweep in (older, newer, older):
        assert accounts(settled(a_planner(organizations, table, rules(UNIT)), sweep)) == (DEV, TEST)
    assert table.item == before


def test_every_account_of_a_unit_counts_though_nothing_else_names_it() -> None:
    found = settled(a_planner(Organizations({UNIT: [TEST, STRANGER, GOVERNANCE]}), Table(), rules(UNIT)), "s1")
    assert (accounts(found), unsettled(found)) == ((DEV, TEST, STRANGER), ())


def test_a_unit_that_contains_the_governance_account_is_settled() -> None:
    found = settled(a_planner(Organizations({UNIT: [TEST, GOVERNANCE]}), Table(), rules(UNIT)), "s1")
    assert (accounts(found), unsettled(found)) == ((DEV, TEST), ())


def test_an_audiences_units_are_its_own() -> None:
    audience = Audience(name="team", cards=("*",), stages=(AudienceStage(stage="dev", units=(UNIT,)),))
    whole = replace(rules(), audiences=(audience,))
    found = settled(a_planner(Organizations({UNIT: [TEST]}), Table(), whole), "s1")
    assert accounts(for_subject(found, subject_of(CARD_ARN))) == (TEST,)


@pytest.mark.parametrize(
    "organizations", [Organizations({UNIT: []}), Organizations({}), Organizations({}, refuses="AccessDeniedException")]
)
def test_an_audience_whose_units_have_nobody_doesnt_get_the_stages_own_accounts(organizations: Organizations) -> None:
    audience = Audience(name="team", cards=("*",), stages=(AudienceStage(stage="dev", units=(UNIT,)),))
    found = settled(a_planner(organizations, Table(), replace(rules(), audiences=(audience,))), "s1")
    card = for_subject(found, subject_of(CARD_ARN))
    assert accounts(card) == ()
    assert not any(access.stage == "dev" for rule in card.cards.status.values() for access in rule.opens)


def test_without_audiences_a_stage_whose_units_have_nobody_is_opened_by_nothing() -> None:
    whole = replace(some_rules(), stages=(Stage(name="dev", units=(UNIT,)), *some_rules().stages[1:]))
    found = for_subject(settled(a_planner(Organizations({UNIT: []}), Table(), whole), "s1"), subject_of(CARD_ARN))
    assert found.audience == "", "its shares keep their names"
    opened = {access.stage for rule in found.cards.status.values() for access in rule.opens}
    assert opened == {stage.name for stage in whole.stages[1:]} & {
        access.stage for rule in whole.cards.status.values() for access in rule.opens
    }


def test_what_is_on_record_is_read_back() -> None:
    table = Table()
    said = ledger.Units(units={UNIT: ledger.Unit(accounts=(DEV,), unheard=2)}, sweep="s1")
    ledger.write(cast("Any", table), "ledger", said)
    assert ledger.read(cast("Any", table), "ledger") == said
    assert ledger.read(cast("Any", Table()), "ledger") == ledger.Units(units={})
