"""What `sam deploy` of one environment takes, from samconfig.toml."""

from pathlib import Path

import pytest

from tools.deploy import samconfig

FILE = """
[default.global.parameters]
stack_name = "stagegate"
[default.deploy.parameters]
parameter_overrides = ["MemberAccounts=1, 2", "SweepSchedule=rate(12 hours)", 'ApproverEmail="a@example.org"']
[prod.deploy.parameters]
stack_name = "stagegate-prod"
parameter_overrides = "Prefix=sg LogRetentionDays=30"
[nameless.deploy.parameters]
parameter_overrides = []
[odd.deploy.parameters]
stack_name = "odd"
parameter_overrides = ["Prefix"]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "samconfig.toml"
    found.write_text(FILE)
    return found


def test_a_table_has_the_name_of_the_stack_and_the_parameters(path: Path) -> None:
    found = samconfig.read(path, "default")
    assert found.stack == "stagegate"
    assert found.parameters == {
        "MemberAccounts": "1, 2",
        "SweepSchedule": "rate(12 hours)",
        "ApproverEmail": "a@example.org",
    }


def test_parameters_may_stand_in_one_text(path: Path) -> None:
    assert samconfig.read(path, "prod").parameters == {"Prefix": "sg", "LogRetentionDays": "30"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("prd", r"ENV: found 'prd'; allowed, of .*: default, nameless, odd, prod"),
        ("nameless", r"nameless\.global\.parameters\.stack_name: found nothing; allowed: the name of the stack"),
        ("odd", r"odd\.deploy\.parameters\.parameter_overrides: found 'Prefix'; allowed: \"NAME=VALUE\""),
    ],
)
def test_what_is_wrong_is_named(path: Path, name: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        samconfig.read(path, name)


@pytest.mark.parametrize("text", [None, "[default"])
def test_a_file_that_cant_be_read_is_named(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "other.toml"
    if text:
        path.write_text(text)
    with pytest.raises(ValueError, match=r"CONFIG: found '.*other\.toml'.*allowed: the path of a samconfig\.toml"):
        samconfig.read(path, "default")
