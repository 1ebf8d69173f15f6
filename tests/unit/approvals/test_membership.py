"""Whoever is outside the organization is no approver, and a stage without another one keeps its gate."""

from dataclasses import replace

import pytest

from stagegate.approvals.entitlement import Entitled
from stagegate.approvals.membership import Membership, accounts_behind, shut_out, without
from stagegate.approvals.principals import Actor
from stagegate.core.findings import blocked
from stagegate.rules.model import Approvers, Rules
from stagegate.subjects.cards.entitle import entitle
from tests.support.builders import (
    APPROVER,
    APPROVER_ROLE,
    DEV,
    GOVERNANCE,
    PROD,
    TEST,
    a_card,
    a_record,
    asked_about,
    at,
    some_rules,
)

IN_TEST = Actor(arn=f"arn:aws:sts::{TEST}:assumed-role/Approver/tess", role_arn=f"arn:aws:iam::{TEST}:role/Approver")
BOTH = (Approvers(stage="prod", principals=(APPROVER_ROLE, f"arn:aws:iam::{TEST}:role/Approver")),)
LEFT = Membership(is_inside=False, why="it is CLOSED")


def entitled(rules: Rules, *actors: Actor) -> Entitled:
    records = [a_record(actor=actor, seconds=second) for second, actor in enumerate(actors)]
    return entitle(rules, a_card(), records, questions=asked_about(records), now=at(60))


def stages(found: Entitled) -> list[str]:
    return [each.stage for each in found.entitlements]


def test_without_its_last_approver_a_stage_keeps_its_gate() -> None:
    rules = some_rules(approvers=(Approvers(stage="prod", principals=(f"arn:aws:iam::{TEST}:role/Approver",)),))
    assert stages(entitled(rules, IN_TEST)) == ["dev", "test", "prod"]
    assert stages(entitled(without(rules, {TEST}), IN_TEST)) == ["dev", "test"]


def test_the_approval_of_somebody_inside_stands_beside_the_one_of_somebody_outside() -> None:
    rules = some_rules(approvers=BOTH)
    prod = entitled(without(rules, {TEST}), APPROVER, IN_TEST).entitlements[-1]
    assert (prod.stage, prod.approval and prod.approval.actor) == ("prod", APPROVER)


def test_of_several_approvers_each_ones_account_is_behind_the_stage() -> None:
    rules = some_rules(approvers=[replace(each, needed=2) for each in BOTH])
    found = entitled(rules, IN_TEST, APPROVER)
    assert accounts_behind(rules, found.entitlements[-1]) == {GOVERNANCE, TEST}
    left = entitled(without(rules, {TEST}), IN_TEST, APPROVER)
    assert stages(left) == ["dev", "test"]
    (finding,) = shut_out(left, [(found.entitlements[-1], TEST, LEFT)]).findings
    assert finding.code == "ApproverOutside"
    assert finding.detail.startswith(IN_TEST.arn), "the first of the two, and not who completed it"


@pytest.mark.parametrize(
    ("principal", "actor"),
    [
        (f"arn:aws:iam::{TEST}:role/Approver", IN_TEST),
        (IN_TEST.arn, IN_TEST),
        (f"arn:aws:iam::{TEST}:user/tess", Actor(arn=f"arn:aws:iam::{TEST}:user/tess")),
        (
            f"arn:aws:sagemaker:us-east-1:{TEST}:user-profile/d-1/tess",
            Actor(arn=f"arn:aws:sagemaker:us-east-1:{TEST}:user-profile/d-1/tess"),
        ),
    ],
)
def test_the_account_is_that_of_the_principal_whom_the_rules_name(principal: str, actor: Actor) -> None:
    others = (f"arn:aws:iam::{DEV}:role/Approver", f"arn:aws:iam::{PROD}:role/Approver")
    rules = some_rules(approvers=(Approvers(stage="prod", principals=(principal, *others)),))
    assert [accounts_behind(rules, each) for each in entitled(rules, actor).entitlements] == [set(), set(), {TEST}]


def test_who_is_outside_is_said_once_in_place_of_what_is_said_of_nobody() -> None:
    rules = some_rules(approvers=BOTH)
    (_, _, prod) = entitled(rules, IN_TEST).entitlements
    shut = shut_out(entitled(without(rules, {TEST}), IN_TEST), [(prod, TEST, LEFT)])
    (finding,) = shut.findings
    assert (finding.code, finding.severity.value, finding.stage) == ("ApproverOutside", "block", "prod")
    assert f"account {TEST} isn't in the organization: it is CLOSED" in finding.detail
    assert "assumed-role/Approver/tess" in finding.detail


def test_what_is_found_of_other_stages_stays() -> None:
    (_, _, prod) = entitled(some_rules(approvers=BOTH), IN_TEST).entitlements
    other = blocked("SectionsMissing", "…", "test")
    assert [each.code for each in shut_out(Entitled(findings=(other,)), [(prod, TEST, LEFT)]).findings] == [
        "SectionsMissing",
        "ApproverOutside",
    ]


def test_a_stage_that_another_approver_lets_in_is_not_shut_out() -> None:
    rules = some_rules(approvers=BOTH)
    (_, _, prod) = entitled(rules, IN_TEST).entitlements
    let_in = entitled(without(rules, {TEST}), APPROVER, IN_TEST)
    assert shut_out(let_in, [(prod, TEST, LEFT)]) == let_in
    assert GOVERNANCE in str(let_in.entitlements[-1].approval)
