"""The commands that the documentation and the tools print are ones that make and AWS take, as far as that can be known
without an account: the target and its variables, the service, the operation and its options.
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from botocore.session import get_session

from stagegate.rules.load import load
from tools.deploy import member_stacks
from tools.deploy.members import Governance
from tools.deploy.retained import Retained, ways_to_delete

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
GLOBAL = {"cli-input-json", "max-items", "no-paginate", "output", "page-size", "profile", "query", "region"}
"""Options of the command line itself ("Command line options", AWS CLI user guide)."""
CALLED = {"s3api": "s3"}
"""Services that the AWS CLI calls otherwise than botocore."""
OWN = {
    ("cloudformation", "deploy"): "a command of the AWS CLI, which makes and carries out a change set",
    ("cloudformation", "wait"): "a command of the AWS CLI, which asks again and again",
}
"""Commands that are no operation of a service, each with what it is."""


def blocks(text: str) -> Iterator[str]:
    """The commands of a page's blocks of bash, lines that go on joined."""
    for block in re.findall(r"^```bash\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield from re.sub(r"\\\n\s*", "", block).splitlines()


def commands(lines: Iterator[str] | list[str]) -> Iterator[list[str]]:
    """The words of each command, comments left out."""
    for line in lines:
        if words := shlex.split(line, comments=True):
            yield words


def printed() -> list[str]:
    """What the tools print for member stacks, and of what stays."""
    rules = load(ROOT / "layers" / "settings" / "governance.toml")
    governance = Governance(account="111122223333", region="eu-west-1")
    stays = [
        Retained("Ledger", "AWS::DynamoDB::Table", "stagegate-ledger"),
        Retained("Key", "AWS::KMS::Key", "1234"),
        Retained("Logs", "AWS::Logs::LogGroup", "/aws/lambda/stagegate-plan"),
        Retained("EvidencePolicy", "AWS::S3::BucketPolicy", "stagegate-evidence-1"),
    ]
    found = [*ways_to_delete(stays, "eu-west-1")]
    for in_set in (False, True):
        found += member_stacks.deletion(governance, {"222233334444": rules}, in_set=in_set)
    return re.sub(r"\\\n\s*", "", "\n".join(found)).splitlines()


def problem_of(words: list[str]) -> str:
    """What AWS wouldn't take of a command, "" for none."""
    words = words[3:] if words[1] == "--profile" else words[1:]
    service, operation, *rest = words
    service = CALLED.get(service, service)
    if (service, operation) in OWN:
        return ""
    try:
        model = get_session().get_service_model(service)
    except UnknownServiceError:
        return f"no service {service}"
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in operations:
        return f"no operation {operation}"
    shape = model.operation_model(operations[operation]).input_shape
    taken = {xform_name(name, "-") for name in shape.members} if shape else set()
    given = {word.removeprefix("--").partition("=")[0] for word in rest if word.startswith("--")}
    unknown = {each for each in given if each.removeprefix("no-") not in taken | GLOBAL and each not in taken | GLOBAL}
    return f"no option {', '.join(sorted(unknown))}" if unknown else ""


PRINTED = [(page.name, words) for page in PAGES for words in commands(blocks(page.read_text()))]
PRINTED += [("tools", words) for words in commands(printed())]
AWS = [(page, words) for page, words in PRINTED if words[0] == "aws"]
MAKE = [(page, words) for page, words in PRINTED if words[0] == "make"]


def test_there_are_commands_of_both_kinds() -> None:
    assert {"remove.md", "deploy.md", "runbook.md", "tools"} <= {page for page, _ in AWS}
    assert {"remove.md", "deploy.md"} <= {page for page, _ in MAKE}


@pytest.mark.parametrize("page", sorted({page for page, _ in AWS}))
def test_aws_has_the_operation_with_these_options(page: str) -> None:
    problems = {" ".join(words): problem_of(words) for of, words in AWS if of == page}
    assert {command: problem for command, problem in problems.items() if problem} == {}


@pytest.mark.parametrize("page", sorted({page for page, _ in MAKE}))
def test_make_has_the_target_with_these_variables(page: str) -> None:
    targets = dict(re.findall(r"^([a-z-]+):.*?## (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for words in (words for of, words in MAKE if of == page):
        target, *given = words[1:]
        for name in (variable.partition("=")[0] for variable in given):
            assert re.search(rf"\b{name}\b", targets[target]), f"{target} has no {name}"


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("aws dynamodb delete-tabel --table-name x", "no operation delete-tabel"),
        ("aws dynamodb delete-table --name x", "no option name"),
        ("aws dynamo delete-table", "no service dynamo"),
        ("aws dynamodb update-table --table-name x --no-deletion-protection-enabled --region eu-west-1", ""),
    ],
)
def test_a_wrong_command_is_found(command: str, problem: str) -> None:
    assert problem_of(command.split()) == problem
