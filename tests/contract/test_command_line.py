"""The command's page says what its help says, its commands keep to their rooms, and `--help` answers at once."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from samtranslator.yaml_helper import yaml_parse

from stagegate_cli.app import COMMANDS
from stagegate_cli.doctor.members import ALWAYS, SOMETIMES
from stagegate_cli.printed import PRINTED
from stagegate_cli.shapes import drawn, schema
from tools import command_reference

ROOT = Path(__file__).parents[2]
CLI = ROOT / "cli" / "stagegate_cli"
PATH = os.pathsep.join([str(ROOT / "cli"), str(ROOT / "layers" / "stagegate" / "python")])
NAMES = [command_reference.name_of(each) for each in COMMANDS]
LONGEST = 300
COLUMNS = 80
FORBIDDEN = {"demo", "moto", "sandbox", "soak", "tests", "tools"}
HEAVY = ("boto3", "botocore", "rich", "stagegate.rules")
"""What no help needs: each takes a tenth of a second or more."""


def test_the_page_is_what_the_commands_say() -> None:
    assert command_reference.PAGE.read_text(encoding="utf-8") == command_reference.page(), "make command-reference"


@pytest.mark.parametrize("name", NAMES)
def test_help_teaches_by_examples_and_fits(name: str) -> None:
    said = command_reference.help_of(name)
    assert f"  stagegate {name}" in said
    assert [line for line in said.splitlines() if len(line) > COLUMNS] == []


def test_every_command_that_prints_json_has_a_shape() -> None:
    with_json = {name for name in NAMES if "--json" in command_reference.help_of(name)}
    assert with_json == set(PRINTED)
    for shape in PRINTED.values():
        assert schema(shape)["type"] == "object"
        assert drawn(shape).startswith("{")


def imported(path: Path) -> set[str]:
    """The top names that a file imports."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names}


def test_the_command_needs_nothing_that_is_not_installed_with_it() -> None:
    """The package has itself and the product's: a clone's tools, sandbox and tests aren't there."""
    found = {path.name: imported(path) & FORBIDDEN for path in CLI.rglob("*.py")}
    assert len(found) > 15
    assert {name: names for name, names in found.items() if names} == {}


def test_no_file_of_the_command_is_long() -> None:
    lines = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in CLI.rglob("*.py")}
    assert {name: count for name, count in lines.items() if count > LONGEST} == {}


@pytest.mark.parametrize("arguments", [["--help"], *([name, "--help"] for name in NAMES)], ids=" ".join)
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys; from stagegate_cli.app import main; main(sys.argv[1:]);"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-P", "-c", code, *arguments],
        env={"PYTHONPATH": PATH, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Usage: stagegate" in ran.stdout
    assert ran.stderr.strip() == "[]"


def test_the_doctor_knows_the_roles_of_the_member_stack() -> None:
    template = yaml_parse((ROOT / "member-template.yaml").read_text(encoding="utf-8"))["Resources"]
    roles = {name: each for name, each in template.items() if each["Type"] == "AWS::IAM::Role"}
    named = {
        each["Properties"]["RoleName"]["Fn::Sub"].removeprefix("${Prefix}-member-"): each for each in roles.values()
    }
    assert {name for name, each in named.items() if "Condition" not in each} == set(ALWAYS)
    assert {name for name, each in named.items() if "Condition" in each} == set(SOMETIMES)
