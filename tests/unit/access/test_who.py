"""Who can use what, by what is recorded and the roles of the rules."""

from dataclasses import replace

import pytest

from stagegate.access.model import Entry, SubjectRecord, recorded_subject
from stagegate.access.who import Asked, access_of, selected
from stagegate.plans.grants import Grant
from stagegate.rules.audiences import Audience, AudienceStage
from stagegate.rules.imports import Registration
from stagegate.rules.model import PackageRules, PrincipalScope
from tests.support.builders import CARD_ARN, DEV, GOVERNANCE, NOON, PROD, TEST, a_grant, some_rules
from tests.support.packages import GROUP_ARN, PACKAGE_ARN, STAGES

RULES = some_rules(stages=STAGES)
BUCKET_TARGET = f"bucket-policy/{DEV}/us-east-1/model-artifacts-dev"


def recorded(arn: str, *grants: Grant) -> SubjectRecord:
    now = Entry(at=NOON, execution="run", outcome="changes", status="Approved", grants=grants)
    return SubjectRecord(subject=recorded_subject(arn), now=now)


CARD = recorded(CARD_ARN, a_grant("dev", DEV, write=True), a_grant("prod", PROD, TEST, approval="r1"))
PACKAGE = recorded(PACKAGE_ARN, replace(a_grant("prod", PROD), share_arn=None, target=BUCKET_TARGET))
ALL = (*access_of(CARD, RULES), *access_of(PACKAGE, RULES))


def test_each_account_of_a_grant_has_a_row() -> None:
    assert [(a.stage, a.account, a.can, a.roles, a.surface, a.approval) for a in access_of(CARD, RULES)] == [
        ("dev", DEV, "read and write", (), "resource share", None),
        ("prod", PROD, "read", (), "resource share", "r1"),
        ("prod", TEST, "read", (), "resource share", "r1"),
    ]


def test_a_grant_on_a_target_says_which_and_what_it_is_for() -> None:
    (access,) = access_of(PACKAGE, RULES)
    assert (access.can, access.surface, access.through) == ("deploy", "bucket policy", BUCKET_TARGET)


def test_nothing_recorded_is_nobody_and_a_guardrail_lets_nobody_in() -> None:
    assert access_of(SubjectRecord(subject=recorded_subject(CARD_ARN)), RULES) == ()
    assert access_of(recorded("guardrail/studio", a_grant("studio", DEV)), RULES) == ()


def test_roles_arent_known_without_rules_nor_of_a_stage_that_is_gone() -> None:
    assert {access.roles for access in access_of(CARD)} == {()}
    gone = recorded(CARD_ARN, a_grant("staging", DEV))
    assert access_of(gone, RULES)[0].roles == ()


def test_roles_are_those_of_the_models_own_audience() -> None:
    own = AudienceStage(stage="prod", roles=("FraudOperator",))
    rules = replace(RULES, audiences=(Audience(name="fraud", groups=("ch*",), stages=(own,)),))
    assert [access.roles for access in access_of(PACKAGE, rules)] == [("FraudOperator",)]


def test_a_share_of_a_card_or_a_hub_is_with_the_whole_account_so_that_any_role_is_meant() -> None:
    hub = recorded(CARD_ARN.replace(":model-card/", ":hub/"), a_grant("prod", PROD))
    for record in (CARD, hub):
        found = access_of(record, RULES)
        assert {access.roles for access in found} == {()}
        assert selected(found, Asked(role=f"arn:aws:iam::{PROD}:role/SomebodyElse"))


def test_of_packages_that_open_to_whole_accounts_any_role_is_meant() -> None:
    rules = replace(RULES, packages=PackageRules(status={}, principals=PrincipalScope.ACCOUNT))
    (access,) = access_of(PACKAGE, rules)
    assert access.roles == ()
    assert selected([access], Asked(role="Whoever")) == (access,)


def test_registering_has_the_roles_that_its_own_rules_name() -> None:
    rules = replace(RULES, registrations=(Registration(stage="dev", groups=("ch*",), roles=("Trainer",)),))
    (access,) = access_of(recorded(GROUP_ARN, a_grant("dev", DEV)), rules)
    assert (access.can, access.roles) == ("register", ("Trainer",))


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        (Asked(), 4),
        (Asked(model="churn"), 4),  # the card, and the package of the group of that name
        (Asked(model="CHURN/3"), 1),
        (Asked(model="CHURN"), 1),  # a card's name is to the letter
        (Asked(model=CARD_ARN), 3),
        (Asked(model="chur"), 0),
        (Asked(account=PROD), 2),
        (Asked(account=GOVERNANCE), 0),
        (Asked(role="ModelOperator"), 4),
        (Asked(role="Nobody"), 3),  # the card's
        (Asked(role=f"arn:aws:iam::{TEST}:role/team/ModelOperator"), 1),
        (Asked(role=f"arn:aws:iam::{TEST}:role/ModelOperator", account=PROD), 0),
        (Asked(audience="fraud"), 0),
    ],
)
def test_rows_are_selected(asked: Asked, rows: int) -> None:
    assert len(selected(ALL, asked)) == rows


def test_an_audience_is_the_one_that_it_was_opened_for() -> None:
    rows = access_of(recorded(CARD_ARN, replace(a_grant("dev", DEV), audience="fraud")), RULES)
    assert selected(rows, Asked(audience="fraud")) == rows
