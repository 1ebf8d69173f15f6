"""Every parameter has a value that CloudFormation takes, and is said aloud."""

from pathlib import Path

import pytest
from samcli.cli.types import CfnParameterOverridesType
from samcli.yamlhelper import yaml_parse

from tools.deploy.command import sam_deploy
from tools.deploy.parameters import resolve

ROOT = Path(__file__).parents[4]

TEMPLATE = yaml_parse((ROOT / "template.yaml").read_text())
GIVEN = {"MemberAccounts": "210987654321, 310987654321"}


def test_what_isnt_given_is_deployed_with_its_default_and_not_with_what_it_was() -> None:
    found = resolve(TEMPLATE, GIVEN)
    assert found.problems == ()
    assert found.values.keys() == TEMPLATE["Parameters"].keys()
    assert (found.values["ArtifactBuckets"], found.values["LogRetentionDays"]) == ("", "365")


def test_blanks_in_a_list_go() -> None:
    assert resolve(TEMPLATE, GIVEN).values["MemberAccounts"] == "210987654321,310987654321"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MemberAccount", "1", "MemberAccount: found no such parameter; allowed: ApproverEmail, "),
        ("MemberAccounts", "210987654321,31098765432", "MemberAccounts: found '31098765432'; allowed: account ids"),
        ("MemberAccounts", "210987654321,", "MemberAccounts: found ''; allowed: account ids of 12 digits"),
        ("LogRetentionDays", "31", "LogRetentionDays: found '31'; allowed: 30, 90"),
        ("OrganizationId", "stagegate", "OrganizationId: found 'stagegate'; allowed: an organization's id, or nothing"),
        ("SweepSchedule", "12 hours", "SweepSchedule: found '12 hours'; allowed: a schedule expression"),
        ("ApproverEmail", 'a"@example.org', "ApproverEmail: found 'a\"@example.org'; allowed: an e-mail address"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_else_is(name: str, value: str, said: str) -> None:
    (problem,) = resolve(TEMPLATE, GIVEN | {name: value}).problems
    assert problem.startswith(said)


def test_a_parameter_without_a_default_has_to_be_given() -> None:
    (problem,) = resolve({"Parameters": {"Account": {"Type": "String", "Description": "an account"}}}, {}).problems
    assert problem.startswith("Account: found nothing; allowed: an account")


def test_sam_reads_back_every_value_as_it_is() -> None:
    values = resolve(TEMPLATE, GIVEN | {"SweepSchedule": "cron(0 */6 * * ? *)"}).values
    command = sam_deploy("samconfig.toml", "prod", "eu-west-1", values)
    overrides = command[command.index("--parameter-overrides") + 1 :]
    assert CfnParameterOverridesType().convert(tuple(overrides), None, None) == values
    assert {"--no-fail-on-empty-changeset", "eu-west-1"} <= set(command)
