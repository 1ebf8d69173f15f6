"""How many approvers a list needs, whether it has as many people, and what may be asked of metrics."""

from pathlib import Path

import pytest

from stagegate.core.errors import SettingsError
from stagegate.rules.checks.gates import few
from stagegate.rules.load import load
from tests.support.shipped import SHIPPED

LISTED = 'principals = ["arn:aws:iam::111122223333:role/ModelApprover"]'
ROLE, USER = "arn:aws:iam::111122223333:role/", "arn:aws:iam::111122223333:user/"
SSO = f"{ROLE}aws-reserved/sso.amazonaws.com/AWSReservedSSO_Approvers_0123456789abcdef"


@pytest.mark.parametrize(
    ("principals", "warns"),
    [
        ([f"{ROLE}ModelApprover"], True),
        ([f"{ROLE}ModelApprover", f"{ROLE}RiskOfficer"], False),
        ([f"{USER}alice", f"{ROLE}ModelApprover"], False),
        ([SSO], False),
    ],
)
def test_one_role_is_warned_of_where_two_people_have_to_approve(
    tmp_path: Path, principals: list[str], *, warns: bool
) -> None:
    path = tmp_path / "governance.toml"
    path.write_text(SHIPPED.replace(LISTED, f"needed = 2\nprincipals = {principals}"))
    lines = few(load(path))
    assert [line.partition(",")[0] for line in lines] == (["warning: prod needs 2 approvers"] if warns else [])


def test_what_another_entry_lists_for_the_risk_counts_too(tmp_path: Path) -> None:
    path = tmp_path / "governance.toml"
    entry = f'needed = 2\nprincipals = ["{USER}alice"]'
    text = SHIPPED.replace(LISTED, entry).replace('risks = ["High", "Medium", "Low", "Unknown"]', "")
    more = f'\n[[approvers]]\nstage = "prod"\nprincipals = ["{USER}bob"]\nrisks = ["High"]\n'
    path.write_text(text + more)
    with pytest.raises(SettingsError, match="found 2, and 1 of the list for risk Medium"):
        load(path)
    path.write_text(text + more.replace('risks = ["High"]\n', ""))
    assert few(load(path)) == []


METRICS = 'roles = ["ModelOperator"]'


@pytest.mark.parametrize(
    ("metrics", "refused"),
    [
        ("[]", "metrics: found an empty array; allowed: at least one element"),
        ('[{ name = "auc" }]', 'metrics[0]: found neither "at_least" nor "at_most"; allowed: one of them, or both'),
        ('[{ name = "auc", at_least = nan }]', "metrics[0].at_least: found nan; allowed: a finite number"),
        ('[{ name = "auc", at_most = -inf }]', "metrics[0].at_most: found -inf; allowed: a finite number"),
        ('[{ name = "auc", at_most = true }]', "metrics[0].at_most: found true; allowed: a finite number"),
        ('[{ name = "auc", at_most = "1" }]', 'metrics[0].at_most: found "1"; allowed: a finite number'),
        (
            '[{ name = "auc", at_least = 1, at_most = 0.5 }]',
            "metrics[0].at_least: found 1, and at_most 0.5; allowed: at most as much as at_most",
        ),
        (
            '[{ name = "auc", at_least = 0.5 }, { name = "auc", at_most = 1 }]',
            'metrics[1].name: found "auc" a second time; allowed: each once',
        ),
        ("[{ at_least = 0.5 }]", "metrics[0].name: found nothing; allowed: a string"),
        ('[{ name = "", at_least = 0.5 }]', 'metrics[0].name: found ""; allowed: 1 to 255 characters in one line'),
    ],
)
def test_metrics_that_say_nothing_are_refused(tmp_path: Path, metrics: str, refused: str) -> None:
    path = tmp_path / "governance.toml"
    path.write_text(SHIPPED.replace(METRICS, f"{METRICS}\nmetrics = {metrics}"))
    with pytest.raises(SettingsError) as caught:
        load(path)
    assert [line.partition(": stages[2].")[2] for line in str(caught.value).splitlines()] == [refused]


def test_metrics_are_bounds_by_name(tmp_path: Path) -> None:
    path = tmp_path / "governance.toml"
    asked = '[{ name = "auc", at_least = 0.9, at_most = 1 }, { name = "log loss", at_most = 0.25 }]'
    path.write_text(SHIPPED.replace(METRICS, f"{METRICS}\nmetrics = {asked}"))
    auc, loss = load(path).stage("prod").metrics
    assert (str(auc), str(loss)) == ("auc of at least 0.9 and at most 1", "log loss of at most 0.25")
    assert [auc.lets(value) for value in (0.89, 0.9, 1, 1.01)] == [False, True, True, False]


def test_a_package_that_needs_no_card_could_have_no_metrics(tmp_path: Path) -> None:
    path = tmp_path / "governance.toml"
    text = SHIPPED.replace(METRICS, f'{METRICS}\nmetrics = [{{ name = "auc", at_least = 0.9 }}]')
    path.write_text(text.replace('card = "required"', 'card = "ignored"'))
    with pytest.raises(SettingsError, match="a package takes those of its card"):
        load(path)
    for card in ("required", "if_linked"):
        path.write_text(text.replace('card = "required"', f'card = "{card}"'))
        assert load(path).stage("prod").metrics
