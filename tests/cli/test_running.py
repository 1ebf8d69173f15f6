"""`plan`, `run`, `sweep` and `status`, as a card goes from its owner to an approver."""

import pytest

from demo.people import APPROVER, OWNER
from stagegate_cli import codes
from stagegate_cli.commands.run import RunResult
from stagegate_cli.commands.status import Status
from stagegate_cli.commands.sweep import SweepResult
from tests.cli.command import Command, is_golden
from tests.support.fixtures import CardEnvironment

CARD = "Customer-Churn-Model-Card"
NO_SWEEP = "2026-12-01T010237-87cf14c9"


@pytest.fixture(scope="module", autouse=True)
def _story(environment: CardEnvironment) -> None:
    does, actions = environment.does, environment.actions
    does(actions.creates("Draft"))
    does(actions.fills_in(actions.writer(), "filled in"))
    does(actions.sets(OWNER, "PendingReview"))


def test_a_plan_shows_who_has_access_and_changes_nothing(stagegate: Command, environment: CardEnvironment) -> None:
    before = environment.items()
    ran = stagegate("plan", CARD)
    is_golden("plan", ran.out)
    assert (ran.code, ran.err) == (codes.OK, "")
    assert environment.items() == before


def test_the_message_of_a_plan_is_shown_on_request(stagegate: Command) -> None:
    said = stagegate("plan", CARD, "--json").json(RunResult)["message"]
    shown = stagegate("plan", CARD, "--message").out
    assert all(f"  | {line}" in shown for line in said.splitlines() if line)


def test_json_says_all_of_it_in_its_shape(stagegate: Command, environment: CardEnvironment) -> None:
    ran = stagegate("plan", CARD, "--json")
    said = ran.json(RunResult)
    assert (said["subject"], said["mode"], said["outcome"]) == (environment.actions.arn, "plan", "unchanged")
    assert [each["stage"] for each in said["access"]] == ["dev", "test"]


@pytest.mark.parametrize("named", [CARD, f"card/{CARD}", f"model-card/{CARD}"])
def test_a_subject_has_several_names(stagegate: Command, environment: CardEnvironment, named: str) -> None:
    assert stagegate("run", named, "--json").json(RunResult)["subject"] == environment.actions.arn


def test_a_finding_that_blocks_is_shown_and_is_exit_code_3(stagegate: Command, environment: CardEnvironment) -> None:
    environment.does(environment.actions.sets(OWNER, "Approved"))
    ran = stagegate("run", CARD)
    is_golden("run-blocked", ran.out)
    assert ran.code == codes.WAITS


def test_what_an_approver_let_in_says_by_whom(stagegate: Command, environment: CardEnvironment) -> None:
    environment.does(environment.actions.sets(APPROVER, "Approved"))
    ran = stagegate("run", CARD)
    is_golden("run-approved", ran.out)
    assert ran.code == codes.OK


def test_a_sweep_finds_nothing_then(stagegate: Command) -> None:
    ran = stagegate("sweep")
    is_golden("sweep", ran.out)
    assert ran.code == codes.OK
    assert stagegate("sweep", "--plan", "--json").json(SweepResult)["outcome"] == "nothing"


def test_what_withdrawing_would_close_is_only_shown_and_takes_the_accounts_id(
    stagegate: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = stagegate("sweep", "--withdraw", "--json")
    sweep = ran.json(SweepResult)["sweep"]
    ran = stagegate("sweep", "--withdraw")
    assert ran.code == codes.OK
    assert "3 grants open, of which 3 would close" in " ".join(ran.out.split())
    assert stagegate("plan", CARD, "--json").json(RunResult)["outcome"] == "unchanged"
    monkeypatch.setattr("typer.prompt", lambda *_, **__: "y")
    gone_on = stagegate("sweep", "--go-on", sweep)
    assert gone_on.code == codes.USAGE
    assert "EVERYTHING that it has opened closes" in gone_on.err
    assert "The account: found 'y'; allowed: 111122223333; nothing was started" in gone_on.err
    assert stagegate("plan", CARD, "--json").json(RunResult)["outcome"] == "unchanged"


def test_the_status_is_one_page(stagegate: Command) -> None:
    ran = stagegate("status")
    is_golden("status", ran.out)
    assert ran.code == codes.OK


def test_a_failure_is_named_in_the_status(stagegate: Command, environment: CardEnvironment) -> None:
    environment.organization.fail("sagemaker", "DescribeModelCard", "AccessDeniedException", times=1)
    failed = stagegate("run", CARD)
    is_golden("run-failed", failed.out)
    assert failed.code == codes.FAILED
    ran = stagegate("status")
    is_golden("status-failed", ran.out)
    said = stagegate("status", "--json").json(Status)
    assert [each["subject"] for each in said["failures"]] == [environment.actions.arn]


def test_alarms_that_stand_are_exit_code_1(stagegate: Command, environment: CardEnvironment) -> None:
    alarm = {"AlarmName": "stagegate-still-open", "StateReason": "a test"}
    environment.admin("cloudwatch").set_alarm_state(**alarm, StateValue="ALARM")
    ran = stagegate("status")
    environment.admin("cloudwatch").set_alarm_state(**alarm, StateValue="OK")
    assert "stagegate-still-open since" in ran.out
    assert ran.code == codes.FAILED


@pytest.mark.parametrize(
    ("arguments", "profile", "code", "said"),
    [
        (["plan", "nothing-like-it"], "governance", codes.USAGE, "SUBJECT: found 'nothing-like-it'; allowed: an ARN, "),
        (["plan", "Customer-Churn-Model"], "governance", codes.USAGE, f"as model-card/{CARD}"),
        (["plan", "card/-x"], "governance", codes.USAGE, "SUBJECT: found"),
        (["plan", "arn:aws:s3:::bucket"], "governance", codes.USAGE, "SUBJECT: found 'arn:aws:s3:::bucket'; allowed"),
        (["plan", CARD], "dev", codes.FAILED, "`stagegate policy reader`"),
        (
            ["plan", CARD, "--prefix", "other"],
            "governance",
            codes.FAILED,
            "found no stack with the prefix other in account",
        ),
        (["plan", CARD, "--prefix", "UPPER"], "governance", codes.USAGE, "--prefix: found 'UPPER'; allowed: 3 to 20"),
        (["plan", CARD, "--profile", "nobody"], None, codes.USAGE, "--profile: found 'nobody'; allowed: approver, dev"),
        (["plan", CARD], None, codes.USAGE, "--region: found ''; allowed"),
        (["plan", CARD, "--region", "nowhere"], None, codes.USAGE, "--region: found 'nowhere'; allowed"),
        (["sweep", "--go-on", "x"], "governance", codes.USAGE, "--go-on: found 'x'; allowed: the id of a sweep"),
        (["sweep", "--go-on", NO_SWEEP], "governance", codes.USAGE, f"--go-on: found '{NO_SWEEP}'; allowed: the id of"),
        (["sweep", "--go-on", NO_SWEEP, "--json"], "governance", codes.USAGE, "allowed: --json with --yes"),
        (["sweep", "--plan", "--withdraw"], "governance", codes.USAGE, "found more than one; allowed: one of them"),
        (["run", "model-card/nothing-like-it"], "governance", codes.USAGE, "SUBJECT: found 'model-card/nothing"),
        (["plan"], "governance", codes.USAGE, "Missing argument 'SUBJECT'"),
        (["plan", CARD, "--jsn"], "governance", codes.USAGE, "No such option: --jsn"),
        (["paln"], "governance", codes.USAGE, "No such command 'paln'"),
    ],
)
def test_what_is_wrong_is_one_error_that_says_what_to_do(
    stagegate: Command, arguments: list[str], profile: str | None, code: int, said: str
) -> None:
    ran = stagegate(*arguments, profile=profile)
    assert ran.code == code
    assert ran.out == ""
    assert said in ran.err
    assert "Traceback" not in ran.err
