"""How many approvers a list needs, and whether it has as many people."""

from pathlib import Path

import pytest

from stagegate.core.errors import SettingsError
from stagegate.rules.checks.approvers import few
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
