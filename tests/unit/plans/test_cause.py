"""Why something is to close: what a subject asks for itself is told from what only a deployment does."""

from dataclasses import replace
from typing import Any

import pytest

from stagegate.approvals.entitlement import Entitled
from stagegate.core.findings import blocked, warned
from stagegate.links.recorded import CARDS, OWN
from stagegate.plans.cause import asks_itself
from stagegate.plans.plan import Plan
from stagegate.surfaces.shares.changes import CloseShare
from tests.support.builders import CARD_ARN, a_grant, some_rules
from tests.support.world import World

BY = "layer:8 with rules 1"
BEFORE = "layer:7 with rules 1"
CLOSE = CloseShare(stage="dev", subject_arn=CARD_ARN, share_arn="arn:share")


def made(*, approval: str | None = "event-1", **record: Any) -> Plan:
    """A plan that closes, of a card that is as a release before has recorded it, and open on an approval."""
    plan = World().plan(some_rules(), Entitled())
    plan = replace(plan, decision=replace(plan.decision, changes=(CLOSE,)), record=replace(plan.record, findings=()))
    found = plan.record
    view = replace(
        plan.before,
        grants=(a_grant("dev", approval=approval),),
        status=found.status,
        version=found.version,
        content_hash=found.content_hash,
        records=0,
        by=BEFORE,
    )
    return replace(plan, before=view, record=replace(found, **record))


def asks(plan: Plan, *, is_unfinished: bool = False, has_approvals: bool = True) -> bool:
    return asks_itself(plan, by=BY, is_unfinished=is_unfinished, has_approvals=has_approvals)


def test_a_subject_that_is_as_it_was_asks_for_nothing() -> None:
    assert not asks(made())


@pytest.mark.parametrize(
    "record", [{"status": "Archived"}, {"version": 99}, {"content_hash": "another"}, {"records": 1}], ids=str
)
def test_one_that_has_changed_since_it_was_recorded_asks_itself(record: dict[str, Any]) -> None:
    assert asks(made(**record))
    assert not asks(made(**record), has_approvals=False), "what a hub has, and where it is, the rules say"


def test_a_package_whose_own_card_names_another_card_since_asks_itself() -> None:
    plan = made(planner_state={CARDS: "[]", OWN: "another"})
    for before, is_asked in (({CARDS: "[]", OWN: "one"}, True), ({CARDS: "[]"}, True), ({}, False)):
        assert asks(replace(plan, before=replace(plan.before, planner_state=before))) is is_asked
    same = replace(plan.before, planner_state=plan.record.planner_state)
    assert not asks(replace(plan, before=same))


@pytest.mark.parametrize("record", [{"version": 99}, {"content_hash": "another"}, {"records": 1}], ids=str)
def test_what_no_approval_rests_on_may_have_changed_and_nobody_had_to_record_it(record: dict[str, Any]) -> None:
    assert not asks(made(approval=None, **record))
    assert asks(made(approval=None, status="Archived"))


def test_one_that_is_gone_asks_itself_whatever_kind_it_is() -> None:
    plan = made()
    assert asks(replace(plan, decision=replace(plan.decision, status="Deleted")), has_approvals=False)
    assert not asks(replace(plan, decision=replace(plan.decision, status="Withdrawn")), has_approvals=False)


def test_other_bytes_ask_themselves_where_they_close_something() -> None:
    assert asks(made(findings=(blocked("BytesChanged", "x", "dev"),)))
    assert not asks(made(findings=(warned("BytesChanged", "x", "dev"),)))
    assert not asks(made(findings=(blocked("NotAnApprover", "x", "dev"),))), "approvers are named by the rules"


def test_a_run_that_did_not_end_well_is_made_good_for() -> None:
    assert asks(made(), is_unfinished=True)


def test_what_this_very_release_has_recorded_by_these_rules_is_not_for_them_to_close() -> None:
    plan = made()
    assert asks(replace(plan, before=replace(plan.before, by=BY)))
    assert not asks_itself(
        replace(plan, before=replace(plan.before, by="")), by="", is_unfinished=False, has_approvals=True
    )


def test_nothing_is_asked_for_that_only_opens() -> None:
    plan = made(status="Archived")
    assert not asks(replace(plan, decision=replace(plan.decision, changes=())), is_unfinished=True)


def test_what_0_2_0_has_recorded_says_nothing_of_approvals() -> None:
    plan = made(records=3)
    assert not asks(replace(plan, before=replace(plan.before, records=None)))
