"""A file that passes a quota of AWS by itself is refused, with the arithmetic."""

import json
from pathlib import Path

import pytest

from stagegate.core.errors import SettingsError
from stagegate.iam.encoding import encoded
from stagegate.iam.merge import merge_shortest
from stagegate.iam.statements import statement_for
from stagegate.rules.load import load
from stagegate.rules.names import role_arns
from tests.support.shipped import SHIPPED, by_approval_alone, changed

PROD = 'accounts = ["444455556666"]\nroles = ["ModelOperator"]'


def accounts(count: int) -> str:
    return ", ".join(f'"{number:012d}"' for number in range(100, 100 + count))


def refusal(folder: Path, text: str) -> str:
    path = folder / "governance.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load(path)
    return str(caught.value)


def with_prod(count: int, roles: str = '"ModelOperator"') -> str:
    """Prod alone deploys packages, in so many accounts."""
    return changed((PROD, f"accounts = [{accounts(count)}]\nroles = [{roles}]"), text=by_approval_alone())


def test_a_package_that_could_not_name_its_accounts_and_roles_once_is_refused(tmp_path: Path) -> None:
    """An account's id takes 15 characters with its quotes and comma, and the one name of all their roles 36."""
    path = tmp_path / "governance.toml"
    path.write_text(with_prod((20_480 - 36) // 15))
    load(path)
    found = refusal(tmp_path, with_prod((20_480 - 36) // 15 + 1))
    assert "found 1,363 accounts and 1 names of roles, which take 20,481 characters to name once" in found
    assert "allowed: 20,480 characters, a package group's policy" in found


def test_what_a_package_is_refused_for_could_not_be_written(tmp_path: Path) -> None:
    """The encoding that documents have takes no fewer characters for the accounts and names that are counted."""
    path = tmp_path / "governance.toml"
    path.write_text(with_prod(600, '"ModelOperator", "team/Other"'))
    (stage,) = [each for each in load(path).stages if each.name == "prod"]
    statements = [
        statement_for(
            account, role_arns(stage.roles, account, "aws"), partition="aws", actions=["sagemaker:X"], resources=["*"]
        )
        for account in stage.accounts
    ]
    written = sum(len(json.dumps(encoded(each), separators=(",", ":"))) for each in merge_shortest(statements))
    counted = 600 * 15 + sum(len(f'"arn:aws:iam::*:role/{name}",') for name in ("ModelOperator", "team/Other"))
    assert counted <= written <= counted + 300


def test_audiences_are_counted_apart(tmp_path: Path) -> None:
    teams = "".join(
        f'\n[[audiences]]\nname = "t{team}"\ncards = ["t{team}-*"]\ngroups = ["t{team}-*"]\n'
        f'[[audiences.stages]]\nstage = "prod"\naccounts = [{accounts(300)}]\n'
        for team in range(50)
    )
    path = tmp_path / "governance.toml"
    path.write_text(SHIPPED + teams)
    assert len(load(path).audiences) == 50, "fifty teams with 300 accounts are an ordinary file"


def test_a_share_takes_so_many_accounts(tmp_path: Path) -> None:
    found = refusal(tmp_path, with_prod(5_001))
    assert "stages[2].accounts: found 5,001 accounts; allowed: 5,000, the principals that RAM takes into one" in found


def test_all_shares_take_so_many_accounts(tmp_path: Path) -> None:
    teams = "".join(
        f'\n[[audiences]]\nname = "t{team}"\ncards = ["t{team}-*"]\ngroups = ["t{team}-*"]\n'
        f'[[audiences.stages]]\nstage = "dev"\naccounts = [{accounts(5_000)}]\n'
        for team in range(5)
    )
    found = refusal(tmp_path, SHIPPED + teams)
    assert "audiences: found 25,010 accounts, counting each for every audience and stage that has it" in found


def test_an_account_takes_so_many_policies_of_the_organization(tmp_path: Path) -> None:
    guardrails = "".join(
        f'\n[[guardrails]]\nname = "g{number}"\nby = "scp"\naccounts = ["444455556666"]\npublic_hub = "deny"\n'
        for number in range(4)
    )
    found = refusal(tmp_path, SHIPPED + guardrails)
    assert "guardrails: found 4 guardrails by scp on 444455556666; allowed: 3: Organizations takes 5 policies" in found
