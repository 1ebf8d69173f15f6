"""Withdrawn, the rules open nothing and deny nothing; what is open is still known by them."""

from dataclasses import replace
from pathlib import Path

import pytest

from stagegate.core.errors import SettingsError
from stagegate.core.statuses import CardStatus, PackageStatus
from stagegate.rules.hubs import HubState
from stagegate.rules.imports import Import, Registration, Retention
from stagegate.rules.load import load
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.withdrawn import withdrawn
from tests.support.guardrails import CANVAS
from tests.support.hubs import hub_rules
from tests.support.packages import package_rules
from tests.support.shipped import SHIPPED

KEPT = Import(groups=("churn",), stage="prod", when_rejected=Retention.KEEP)
EVERYTHING = replace(
    package_rules(),
    registrations=(Registration(stage="dev", groups=("*",)),),
    guardrails=(CANVAS,),
    hubs=(hub_rules(),),
    imports=(KEPT,),
)


@pytest.mark.parametrize("rules", [EVERYTHING, replace(EVERYTHING, packages=None)])
def test_nobody_is_let_at_anything_and_nobody_is_asked(rules: Rules) -> None:
    assert any(rules.cards.status[status].opens for status in CardStatus)
    closed = withdrawn(rules)
    assert closed.is_withdrawn
    assert not rules.is_withdrawn
    for card in CardStatus:
        assert not closed.cards.status[card].opens
        assert not closed.cards.status[card].ask_approvers
    for package in PackageStatus:
        assert closed.opened_by("churn", package) == ()
        assert closed.packages is None or not closed.packages.status[package].ask_approvers
    assert (closed.registrations, closed.guardrails) == ((), ())
    assert [hub.state for hub in closed.hubs] == [HubState.ABSENT]


def test_what_is_open_is_still_known_by_them() -> None:
    assert EVERYTHING.opened_by("churn", PackageStatus.APPROVED)
    closed = withdrawn(EVERYTHING)
    assert closed.stages == EVERYTHING.stages
    assert closed.import_of("prod", "churn") == KEPT
    assert withdrawn(replace(EVERYTHING, paused=True)).paused


def test_repositories_are_looked_at_still() -> None:
    named = ("222233334444.dkr.ecr.us-east-1.amazonaws.com/team/serving",)
    rules = replace(EVERYTHING, registrations=(Registration(stage="dev", groups=("*",), repositories=named),))
    assert withdrawn(rules).registrations == ()
    assert withdrawn(rules).repository_addresses == rules.repository_addresses == named


def test_no_file_says_so_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "governance.toml"
    path.write_text("is_withdrawn = true\n" + SHIPPED)
    with pytest.raises(SettingsError, match="is_withdrawn: found an unknown key"):
        load(path)
