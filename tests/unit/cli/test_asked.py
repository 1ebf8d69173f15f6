"""What `access` may be asked for: a name that nobody knows is refused, since nothing would be open to it."""

from dataclasses import replace
from typing import Any

import pytest

from stagegate.access.model import Entry, SubjectRecord, recorded_subject
from stagegate.access.who import Asked
from stagegate_cli import codes
from stagegate_cli.asked import known
from stagegate_cli.connection import Connection
from stagegate_cli.problems import Problem
from tests.support.builders import CARD_ARN, DEV, NOON, PROD, a_grant, some_rules
from tests.support.packages import GROUP_ARN, PACKAGE_ARN, STAGES

RULES = some_rules(stages=STAGES)
LEFT = "565656565656"
OPENED = Entry(
    at=NOON,
    execution="run",
    outcome="changes",
    status="Approved",
    grants=(replace(a_grant("old", LEFT), audience="fraud"),),
)
RECORDS = [
    SubjectRecord(subject=recorded_subject(CARD_ARN), history=(OPENED,)),
    SubjectRecord(subject=recorded_subject(PACKAGE_ARN)),
    SubjectRecord(subject=recorded_subject(GROUP_ARN)),
]
_, _, _, REGION, OWNER, _ = CARD_ARN.split(":", 5)
HOME = Connection(session=None, account=OWNER, caller="", partition="aws", region=REGION, prefix="stagegate")


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({}, {}),
        ({"model": "churn"}, {}),
        ({"model": "CHURN/3"}, {}),
        ({"model": "model-card/churn"}, {"model": CARD_ARN}),
        ({"model": "package/churn/3"}, {"model": PACKAGE_ARN}),
        ({"model": "model-package-group/churn"}, {"model": GROUP_ARN}),
        ({"account": DEV}, {}),
        ({"account": LEFT}, {}),  # it had access once
        ({"audience": "fraud"}, {}),
        ({"role": "ModelOperator"}, {}),
        ({"role": f"arn:aws:iam::{PROD}:role/team/SomebodyElse"}, {}),
        ({"role": f"{PROD}/SomebodyElse"}, {"role": f"arn:aws:iam::{PROD}:role/SomebodyElse"}),
    ],
)
def test_what_the_rules_or_the_ledger_know_may_be_asked_for(said: dict[str, str], found: dict[str, str]) -> None:
    assert known(Asked(**said), RULES, RECORDS, HOME) == Asked(**{**said, **found})


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({"model": "churm"}, "--model: found 'churm'; allowed: the name of a recorded subject, as"),
        ({"model": "model-card/other"}, "--model: found 'model-card/other'; allowed: an ARN"),
        ({"account": "999999999999"}, "--account: found '999999999999'; allowed: an account that the rules or the"),
        ({"audience": "risk"}, "--audience: found 'risk'; allowed: fraud"),
        ({"role": "ModelOperater"}, "--role: found 'ModelOperater'; allowed: a role of the rules ("),
        ({"role": "arn:aws:iam::999999999999:role/ModelOperator"}, "allowed: a role of an account that the rules"),
        ({"role": "arn:aws:iam::12:user/ann"}, "allowed: a role of the rules"),
    ],
)
def test_what_nobody_knows_is_refused(said: dict[str, Any], what: str) -> None:
    with pytest.raises(Problem) as raised:
        known(Asked(**said), RULES, RECORDS, HOME)
    assert what in raised.value.text
    assert raised.value.code == codes.USAGE
