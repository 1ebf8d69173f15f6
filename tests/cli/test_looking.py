"""`access`, `why` and `history`: of a card that an approver has let into prod, now and before."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from demo.people import APPROVER, OWNER
from stagegate.access.who import Asked
from stagegate.rules.load import load
from stagegate_cli import codes
from stagegate_cli.commands.access import AccessResult, access
from stagegate_cli.commands.history import History
from stagegate_cli.commands.report import Reported
from stagegate_cli.commands.why import Why
from stagegate_cli.connection import connect
from tests.cli.command import Command, is_golden
from tests.support.builders import PROD
from tests.support.fixtures import SHIPPED, CardEnvironment

CARD = "Customer-Churn-Model-Card"
ROLE = f"arn:aws:iam::{PROD}:role/ModelOperator"


@pytest.fixture(scope="module", autouse=True)
def _story(environment: CardEnvironment) -> None:
    does, actions = environment.does, environment.actions
    does(actions.creates("Draft"))
    does(actions.fills_in(actions.writer(), "filled in"))
    does(actions.sets(OWNER, "PendingReview"))


def stages(ran_json: dict[str, list[dict[str, str]]]) -> list[str]:
    return [row["stage"] for row in ran_json["rows"]]


def test_the_first_link_that_does_not_hold_is_the_last_that_is_shown(stagegate: Command) -> None:
    ran = stagegate("why", "ModelOperator", "read", CARD)
    is_golden("why-not", ran.out)
    assert ran.code == codes.FAILED
    said = stagegate("why", ROLE, "sagemaker:DescribeModelCard", CARD, "--json").json(Why)
    assert [link["holds"] for link in said["links"]][-1] is False
    assert (said["allowed"], said["open"]) == (False, False)


def test_an_approval_that_is_missing_is_named_with_who_may_give_it(
    stagegate: Command, environment: CardEnvironment
) -> None:
    environment.does(environment.actions.sets(OWNER, "Approved"))
    link = stagegate("why", ROLE, "read", CARD, "--json").json(Why)["links"][-1]
    assert link["asks"] == "Was it approved?"
    assert "role/ModelApprover" in link["says"]
    assert "NotAnApprover" in link["says"]


def test_who_can_use_what_says_on_whose_approval(stagegate: Command, environment: CardEnvironment) -> None:
    environment.does(environment.actions.sets(APPROVER, "Approved"))
    ran = stagegate("access")
    is_golden("access", ran.out)
    assert ran.code == codes.OK
    said = stagegate("access", "--role", ROLE, "--json").json(AccessResult)
    (row,) = said["rows"]
    assert (row["stage"], row["account"], row["can"]) == ("prod", PROD, "read")
    assert "ModelApprover" in row["approved_by"]


def test_every_link_is_shown_where_all_hold(stagegate: Command) -> None:
    ran = stagegate("why", "ModelOperator", "read", CARD)
    is_golden("why", ran.out)
    assert ran.code == codes.OK


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--model", CARD], ["dev", "test", "prod"]),
        (["--account", PROD], ["prod"]),
        (["--model", f"model-card/{CARD}"], ["dev", "test", "prod"]),
        (["--role", f"{PROD}/SomebodyElse"], ["prod"]),
        (["--rules", str(SHIPPED)], ["dev", "test", "prod"]),
    ],
)
def test_access_is_filtered(stagegate: Command, arguments: list[str], found: list[str]) -> None:
    assert stages(stagegate("access", "--json", *arguments).json(AccessResult)) == found


def test_access_before_anything_was_recorded_says_that_it_is_not_known(stagegate: Command) -> None:
    ran = stagegate("access", "--as-of", "2020-03-31")
    assert "Nothing is open, as of 2020-03-31 23:59:59 UTC" in ran.out
    assert "what was open before Stagegate governed it isn't known" in " ".join(ran.out.split())


def test_access_as_of_an_earlier_time_is_what_it_was(stagegate: Command, profiles: Path) -> None:
    """Asked by its function: the sandbox's time runs ahead of the clock by which the command refuses the future."""
    opened = max(row["since"] for row in stagegate("access", "--json").json(AccessResult)["rows"])
    before = datetime.fromisoformat(opened) - timedelta(seconds=1)
    found = access(connect("governance", None, "stagegate"), load(SHIPPED), Asked(), before)
    assert [row.stage for row in found.rows] == ["dev", "test"]


def test_history_has_runs_statuses_and_questions(stagegate: Command) -> None:
    said = stagegate("history", CARD, "--json", "--limit", "100").json(History)
    assert {event["happening"] for event in said["events"]} == {"run", "status", "edit", "question"}
    assert said["left_out"] == 0
    short = stagegate("history", CARD, "--limit", "2")
    assert "older events left out: --limit shows more" in short.out
    changes = stagegate("history", CARD, "--changes", "--json").json(History)["events"]
    assert all(event["changes_access"] for event in changes if event["happening"] == "run")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["access", "--account", "12"], "--account: found '12'; allowed: an account id, 12 digits"),
        (["access", "--account", "999999999999"], "--account: found '999999999999'; allowed: an account that the"),
        (["access", "--role", "ModelOperater"], "--role: found 'ModelOperater'; allowed: a role of the rules (Model"),
        (["access", "--role", "999999999999/ModelOperator"], "--role: found '999999999999/ModelOperator'; allowed: a"),
        (["access", "--audience", "nobody"], "--audience: found 'nobody'; allowed: none"),
        (["access", "--model", CARD[:-1]], f"allowed: the name of a recorded subject, as model-card/{CARD}"),
        (["access", "--model", "model-card/none"], "--model: found 'model-card/none'; allowed: an ARN"),
        (["access", "--as-of", "yesterday"], "--as-of: found 'yesterday'; allowed: \"2026-03-31\" for the end"),
        (["access", "--as-of", "2999-01-01"], "--as-of: found '2999-01-01'; allowed: a time before now"),
        (["access", "--rules", "none.toml"], "none.toml: can't be read: No such file or directory"),
        (["why", "Nobody", "read", CARD], "ROLE: found 'Nobody'; allowed: the ARN of a role, ACCOUNT/NAME, or a name"),
        (["why", "ModelOperator", "deploy", CARD], "ACTION: found 'deploy'; allowed: of a model card: read, write"),
        (["history", "none"], "SUBJECT: found 'none'; allowed"),
    ],
)
def test_what_is_wrong_is_said(stagegate: Command, arguments: list[str], said: str) -> None:
    ran = stagegate(*arguments)
    assert (ran.code, ran.out) == (codes.USAGE, "")
    assert said in ran.err


def test_that_nobody_could_look_is_no_answer(stagegate: Command) -> None:
    ran = stagegate("why", "ModelOperator", "read", CARD, "--prefix", "another")
    assert (ran.code, ran.out) == (codes.UNSEEN, "")
    assert "found no stack with the prefix another" in ran.err


def test_what_is_open_and_should_not_be_is_said(stagegate: Command, tmp_path: Path) -> None:
    """By rules that open less than was opened: the ledger's word of what is open counts, too."""
    text = SHIPPED.read_text(encoding="utf-8")
    assert ', { stage = "prod" }]' in text
    less = tmp_path / "less.toml"
    less.write_text(text.replace(', { stage = "prod" }]', "]"))
    ran = stagegate("why", "ModelOperator", "read", CARD, "--rules", str(less))
    assert "may not, and still can, read" in ran.out
    assert ran.code == codes.FAILED


@pytest.mark.parametrize(("form", "begins"), [("html", "<!doctype html>"), ("json", "{"), ("csv", "")])
def test_the_report_is_written_in_each_form(stagegate: Command, tmp_path: Path, form: str, begins: str) -> None:
    file = tmp_path / f"report.{form}"
    said = stagegate("report", "--format", form, "--output", str(file), "--json").json(Reported)
    assert (said["file"], said["form"], said["models"]) == (str(file), form, 1)
    written = file.read_text(encoding="utf-8")
    assert written.lower().startswith(begins)
    assert CARD in written


def test_a_report_that_cannot_be_written_says_so(stagegate: Command, tmp_path: Path) -> None:
    ran = stagegate("report", "--output", str(tmp_path / "no" / "report.html"))
    assert ran.code == codes.USAGE
    assert "--output: " in ran.err
    assert "No such file or directory" in ran.err


def test_a_stages_half_is_printed_without_asking_anybody(stagegate: Command) -> None:
    ran = stagegate("consumer-policy", "prod", "111122223333", "--rules", str(SHIPPED), profile=None)
    assert json.loads(ran.out)["Version"] == "2012-10-17"
    wrong = stagegate("consumer-policy", "production", "111122223333", "--rules", str(SHIPPED), profile=None)
    assert (wrong.code, wrong.out) == (codes.USAGE, "")
    assert "STAGE: found 'production'; allowed: dev, test, prod" in wrong.err
