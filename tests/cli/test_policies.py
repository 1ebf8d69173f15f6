"""Each person's policy lets them do what it is for, and no statement of it is without need."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.people import OWNER
from stagegate_cli import codes, executions
from stagegate_cli.connection import connect
from tests.cli.command import Command, somebody
from tests.support.builders import GOVERNANCE
from tests.support.fixtures import CardEnvironment

CARD = "Customer-Churn-Model-Card"
LOOKS = [
    ["status", "--hours", "2000"],
    ["access"],
    ["why", "ModelOperator", "read", CARD],
    ["history", CARD],
    ["verify"],
]
DOES = [["plan", CARD], ["run", CARD], ["sweep", "--plan"]]
FINE = (codes.OK, codes.WAITS)


@pytest.fixture(scope="module", autouse=True)
def _story(environment: CardEnvironment) -> None:
    does, actions = environment.does, environment.actions
    does(actions.creates("Draft"))
    does(actions.fills_in(actions.writer(), "filled in"))
    does(actions.sets(OWNER, "PendingReview"))
    environment.admin("lambda").invoke(FunctionName="stagegate-evidence", Payload=b"{}")


def printed(stagegate: Command, person: str) -> dict[str, Any]:
    ran = stagegate("policy", person)
    assert ran.code == codes.OK
    found: dict[str, Any] = json.loads(ran.out)
    return found


def refused(stagegate: Command, profile: str, commands: list[list[str]]) -> list[str]:
    """The commands that AWS refuses a call of."""
    ran = {command[0]: stagegate(*command, profile=profile) for command in commands}
    return [name for name, each in ran.items() if "was refused" in each.err]


@pytest.mark.parametrize(("person", "commands"), [("reader", LOOKS), ("operator", [*LOOKS, *DOES])])
def test_a_policy_is_enough(
    stagegate: Command, environment: CardEnvironment, profiles: Path, person: str, commands: list[list[str]]
) -> None:
    with somebody(environment, profiles, printed(stagegate, person), person) as profile:
        assert refused(stagegate, profile, commands) == []


def test_a_reader_may_not_start_anything(stagegate: Command, environment: CardEnvironment, profiles: Path) -> None:
    with somebody(environment, profiles, printed(stagegate, "reader"), "reader") as profile:
        assert refused(stagegate, profile, DOES) == ["plan", "run", "sweep"]


def test_an_approver_needs_no_more_than_that(stagegate: Command, environment: CardEnvironment, profiles: Path) -> None:
    """Who isn't on the list is told so: by then everything was read. The call itself is in test_deciding.py."""
    document = printed(stagegate, "approver")
    with somebody(environment, profiles, document, "approving") as profile:
        ran = stagegate("decide", CARD, "approve", "--yes", profile=profile)
    assert "who isn't asked" in ran.err
    for left_out, less in _each_less(document):
        with somebody(environment, profiles, less, "approving") as profile:
            ran = stagegate("decide", CARD, "approve", "--yes", profile=profile)
        assert ("was refused" in ran.err) is (left_out not in NOT_HERE), left_out


NOT_HERE = (
    "DecideOnCards sagemaker:UpdateModelCard",
    *(f"DecideOnPackages sagemaker:{call}ModelPackage" for call in ("Describe", "Update")),
    f"DecideOnPackages arn:aws:sagemaker:us-east-1:{GOVERNANCE}:model-package/*",
    f"ReadDirectory arn:aws:dynamodb:us-east-1:{GOVERNANCE}:table/stagegate-ledger",
    "SayWhyOfCards sagemaker:AddTags",
    f"SayWhyOfCards arn:aws:sagemaker:us-east-1:{GOVERNANCE}:model-card/*",
)
"""What takes somebody who is on the list, a package, and a reason."""
TRIED_BY = {
    "ReadLedger": ["history"],
    "ReadDirectory": ["access", "plan"],
    "FindDeployedRules": ["access"],
    "ReadDeployedRules": ["access"],
    "ReadExecutions": ["status", "run"],
    "FindEvidence": ["verify"],
    "ListEvidence": ["verify"],
    "ReadEvidence": ["verify"],
    "StartExecutions": ["run", "sweep"],
}


def test_no_part_of_an_operators_policy_is_without_need(
    stagegate: Command, environment: CardEnvironment, profiles: Path
) -> None:
    """Each action and each resource of each statement: without one, some command is refused."""
    environment.admin("stepfunctions").start_execution(
        stateMachineArn=environment.organization.outputs["ImportStateMachine"], input="{}"
    )
    environment.organization.settle()
    known = {command[0]: command for command in [*LOOKS, *DOES]}
    for left_out, less in _each_less(printed(stagegate, "operator")):
        sid = left_out.partition(" ")[0]
        if sid == "FollowExecutions":  # progress, for whoever looks at a terminal
            continue
        tried = [known[name] for name in TRIED_BY.get(sid, ["status"]) if name in known]
        with somebody(environment, profiles, less, "operator") as profile:
            assert refused(stagegate, profile, tried), left_out


def test_progress_is_nothing_that_a_run_hangs_on(
    stagegate: Command, environment: CardEnvironment, profiles: Path
) -> None:
    with somebody(environment, profiles, printed(stagegate, "reader"), "reader"):
        stagegate("status", profile="reader")
        connection = connect("reader", None, "stagegate")
        assert executions.step(connection, f"{connection.machine('govern')}:x") == "under way"


def _each_less(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    statements = document["Statement"]
    for at, statement in enumerate(statements):
        for key in ("Action", "Resource"):
            for one in statement[key]:
                rest = [each for each in statement[key] if each != one]
                others = [*statements[:at], *([{**statement, key: rest}] if rest else []), *statements[at + 1 :]]
                yield f"{statement['Sid']} {one}", {**document, "Statement": others}
