"""What `make consumer-policy` prints, and what it says to arguments that can't be meant."""

import json
from pathlib import Path

import pytest

from stagegate.consumers.policy import consumer_policy
from stagegate.rules.load import load
from tools.consumer_policy import SETTINGS, main

GOVERNANCE, PROD, DEV = "111122223333", "444455556666", "222233334444"
ID = "the governance account's id, 12 digits"


@pytest.mark.parametrize("partition", [["--partition", "aws-us-gov"], []])
def test_it_prints_the_policy_of_the_stage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], partition: list[str]
) -> None:
    settings = tmp_path / "governance.toml"
    settings.write_text(SETTINGS.read_text().replace("arn:aws:", "arn:aws-us-gov:"))
    requested = ["prod", GOVERNANCE, "--for", PROD, "--settings", str(settings), "--region", "us-gov-west-1"]
    assert main([*requested, *partition]) == 0
    expected = consumer_policy(
        load(settings),
        "prod",
        partition="aws-us-gov",
        region="us-gov-west-1",
        governance_account=GOVERNANCE,
        account=PROD,
    )
    assert json.loads(capsys.readouterr().out) == expected


def test_rules_of_another_partition_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prod", GOVERNANCE, "--region", "cn-north-1"]) == 1
    assert "of the partition aws; allowed: names of aws-cn, where this is deployed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["", GOVERNANCE], "STAGE: found nothing; allowed: dev, test, prod"),
        (["production", GOVERNANCE], "STAGE: found 'production'; allowed: dev, test, prod"),
        (["prod", ""], f"ACCOUNT: found nothing; allowed: {ID}"),
        (["prod", "xyz"], f"ACCOUNT: found 'xyz'; allowed: {ID}"),
        (["prod", f"{GOVERNANCE}4"], f"ACCOUNT: found '{GOVERNANCE}4'; allowed: {ID}"),
        (["prod", PROD], f"ACCOUNT: found '{PROD}', an account of prod; allowed: {ID}"),
        (["prod", GOVERNANCE, "--for", DEV], f"--for: found '{DEV}'; allowed: an account of prod: {PROD}"),
        (["prod", GOVERNANCE, "--for", ""], f"--for: found nothing; allowed: an account of prod: {PROD}"),
        (["prod", GOVERNANCE, "--region", "europe"], "--region: found 'europe'; allowed: a Region as \"eu-west-1\""),
        (["prod", GOVERNANCE, "--partition", "AWS"], "--partition: found 'AWS'; allowed: a partition as \"aws\""),
        (["prod", GOVERNANCE, "--settings", "no.toml"], "no.toml: can't be read"),
    ],
)
def test_what_cant_be_meant_is_one_error(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 1
    found = capsys.readouterr()
    assert found.out == ""
    assert found.err.startswith(said)
    assert found.err.count("\n") == 1


def test_a_stage_to_which_nothing_opens_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = tmp_path / "governance.toml"
    idle = '[[stages]]\nname = "idle"\naccounts = ["777788889999"]\n\n[cards]\n'
    settings.write_text(SETTINGS.read_text().replace("[cards]\n", idle, 1))
    assert main(["idle", GOVERNANCE, "--settings", str(settings)]) == 1
    assert capsys.readouterr().err.startswith("STAGE: found 'idle', to which the rules open nothing; allowed: another")
