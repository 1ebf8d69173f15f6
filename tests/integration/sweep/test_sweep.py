"""What no event has told of is found by the sweep, and put right; what would close too much is asked about first."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.stagegate.organization import ROOT
from tests.support.handed import handed
from tests.support.sweeps import LIMITS, NOTHING, SweepEnvironment, output, settings, sweeping

FEW = (LIMITS, "ask_above_grants = 2\nask_above_percent = 20")
DENY = """{"Version": "2012-10-17", "Statement": [
    {"Sid": "No", "Effect": "Deny", "Action": "sagemaker:DescribeModelCard", "Resource": "CARD"}]}"""
SIX_HOURS = 6 * 3600
SHARED_EARLY = (
    'opens = [{ stage = "dev", write = true }]',
    'opens = [{ stage = "dev", write = true }, { stage = "test", write = true }]',
)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SweepEnvironment]:
    with sweeping(settings(tmp_path_factory.mktemp("settings"), FEW)) as opened:
        yield opened


@pytest.fixture(autouse=True)
def steady(environment: SweepEnvironment) -> Iterator[None]:
    """One card is open for dev and for nobody else, and afterwards none is."""
    environment.creates("steady")
    yield
    environment.deletes_all()
    assert shared(environment) == []


def shared(environment: SweepEnvironment) -> list[str]:
    """The ARN of each card, once for each share that it is in."""
    found = environment.admin("ram").get_resource_share_associations(associationType="RESOURCE")[
        "resourceShareAssociations"
    ]
    return [each["associatedEntity"] for each in found if each["status"] == "ASSOCIATED"]


def test_a_sweep_finds_nothing_where_every_event_has_arrived(environment: SweepEnvironment) -> None:
    runs = len(environment.runs("GovernStateMachine"))
    totals = output(environment.sweeps())["totals"]
    assert (totals["drifting"], totals["failed"], totals["open"]) == (0, 0, 1)
    assert len(environment.runs("GovernStateMachine")) == runs


def test_a_lost_event_is_made_up_for_on_schedule(environment: SweepEnvironment) -> None:
    environment.loses("steady", "Archived")
    assert environment.seen_by_dev("steady")
    sweeps = len(environment.runs())
    environment.organization.clock.advance(SIX_HOURS + 1)
    assert environment.organization.settle(60)
    assert [run.status for run in environment.runs()[sweeps:]] == ["SUCCEEDED"]
    assert not environment.seen_by_dev("steady")
    environment.loses("steady", "Draft")
    output(environment.sweeps())
    assert environment.seen_by_dev("steady")


def test_a_card_that_nobody_heard_of_opens(environment: SweepEnvironment) -> None:
    with environment.unheard():
        environment.admin("sagemaker").create_model_card(ModelCardName="new", Content="{}", ModelCardStatus="Draft")
    assert not environment.seen_by_dev("new")
    assert output(environment.sweeps())["totals"]["opens"] == 1
    assert environment.seen_by_dev("new")


def test_a_card_that_was_deleted_unheard_leaves_its_share(environment: SweepEnvironment) -> None:
    environment.creates("gone")
    with environment.unheard():
        environment.admin("sagemaker").delete_model_card(ModelCardName="gone")
    assert environment.arn("gone") in shared(environment)
    assert output(environment.sweeps())["totals"]["closes"] == 1
    assert environment.arn("gone") not in shared(environment)
    assert output(environment.sweeps())["totals"]["drifting"] == 0


def test_what_somebody_took_out_of_a_share_comes_back(environment: SweepEnvironment) -> None:
    ram = environment.admin("ram")
    (share,) = ram.get_resource_shares(resourceOwner="SELF", resourceShareStatus="ACTIVE")["resourceShares"]
    ram.disassociate_resource_share(
        resourceShareArn=share["resourceShareArn"], resourceArns=[environment.arn("steady")]
    )
    assert environment.organization.settle()
    assert not environment.seen_by_dev("steady")
    output(environment.sweeps())
    assert environment.seen_by_dev("steady")


def test_a_group_that_nobody_heard_of_opens_and_its_statements_come_back(environment: SweepEnvironment) -> None:
    sagemaker = environment.admin("sagemaker")
    with environment.unheard():
        sagemaker.create_model_package_group(ModelPackageGroupName="group")
    totals = output(environment.sweeps())["totals"]
    assert (totals["opens"], totals["closes"]) == (1, 0)
    opened = sagemaker.get_model_package_group_policy(ModelPackageGroupName="group")
    sagemaker.delete_model_package_group_policy(ModelPackageGroupName="group")
    output(environment.sweeps())
    again = sagemaker.get_model_package_group_policy(ModelPackageGroupName="group")
    assert again["ResourcePolicy"] == opened["ResourcePolicy"]
    sagemaker.delete_model_package_group(ModelPackageGroupName="group")
    assert environment.organization.settle()


def test_what_a_run_was_asked_and_has_not_done_is_done(environment: SweepEnvironment) -> None:
    """As after a run whose claim ran out: it had been asked a fourth time, and nobody was there any more."""
    table = environment.organization.outputs["LedgerTable"]
    key = {"pk": {"S": f"SUBJECT#{environment.arn('steady')}"}, "sk": {"S": "CLAIM"}}
    environment.admin("dynamodb").update_item(
        TableName=table,
        Key=key,
        UpdateExpression="ADD wanted :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
    assert output(environment.sweeps())["totals"]["drifting"] == 1
    claim = environment.admin("dynamodb").get_item(TableName=table, Key=key)["Item"]
    assert claim["wanted"] == claim["done"]


def test_a_subject_that_cannot_be_planned_is_named_and_stops_no_other(environment: SweepEnvironment) -> None:
    environment.creates("unreadable")
    environment.loses("steady", "Archived")
    iam, denied = environment.admin("iam"), {"RoleName": "stagegate-plan", "PolicyName": "denied"}
    iam.put_role_policy(**denied, PolicyDocument=DENY.replace("CARD", environment.arn("unreadable")))
    messages = len(environment.organization.outbox)
    run = environment.sweeps()
    iam.delete_role_policy(**denied)
    assert (run.status, run.error) == ("FAILED", "SubjectsNotPlannedError")
    assert (
        f"{environment.arn('unreadable')}: RefusedError: read {environment.arn('unreadable')}: DescribeModelCard"
        in str(run.cause)
    )
    assert said(environment, messages, f"{environment.arn('unreadable')}: RefusedError")
    assert environment.alarm("-sweeps-failed") == "ALARM"
    assert not environment.seen_by_dev("steady")


def test_a_sweep_that_would_close_most_asks_first(environment: SweepEnvironment) -> None:
    names = ["one", "two", "three", "four"]
    environment.creates(*names)
    for name in names:
        environment.loses(name, "Archived")
    run = environment.sweeps()
    assert (run.status, run.error) == ("FAILED", "TooMuchWouldCloseError")
    assert all(environment.seen_by_dev(name) for name in names)
    (requested,) = [
        message for message in environment.organization.outbox if "a sweep would" in (message.subject or "")
    ]
    assert "would close 4 of" in str(requested.subject)
    output(environment.sweeps(what_goes_on(requested.text)))
    assert not any(environment.seen_by_dev(name) for name in names)


def test_a_dry_run_shows_and_changes_nothing(environment: SweepEnvironment) -> None:
    environment.loses("steady", "Archived")
    messages = len(environment.organization.outbox)
    shown = output(environment.sweeps({"mode": "plan"}))
    assert f"- {environment.arn('steady')}: closes 1, opens 0" in shown["message"]
    assert environment.seen_by_dev("steady")
    assert len(environment.organization.outbox) == messages
    output(environment.sweeps())


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"mode": "aply"}, 'input: found {"mode":"aply"}; allowed'),
        ({"sweep": "2026-03-02T120000-00000000"}, "sweep: found '2026-03-02T120000-00000000'; allowed"),
        ({"force": True}, 'input: found {"force":true}; allowed'),
    ],
)
def test_what_cannot_be_read_is_refused(environment: SweepEnvironment, given: dict[str, object], why: str) -> None:
    messages = len(environment.organization.outbox)
    run = environment.sweeps(given)
    assert (run.status, run.error) == ("FAILED", "InputError")
    assert why in str(run.cause)
    assert said(environment, messages, why)


def test_what_subjects_ask_for_closes_after_a_deployment_and_what_the_rules_would_close_is_reported(
    environment: SweepEnvironment, tmp_path: Path
) -> None:
    environment.creates("kept")
    environment.loses("steady", "Archived")
    messages = len(environment.organization.outbox)
    closed_to_drafts = (SHARED_EARLY[0], "opens = []")
    environment.organization.update_settings(settings(tmp_path, FEW, closed_to_drafts))
    assert environment.organization.settle(60)
    assert not environment.seen_by_dev("steady"), "no rule has archived it"
    assert environment.seen_by_dev("kept"), "it is as it was; only the rules are others"
    (report,) = [each for each in environment.organization.outbox[messages:] if "sweep" in str(each.subject)]
    assert "1 subjects ask for it themselves, and are seen to now" in report.text
    assert environment.runs()[-1].status == "SUCCEEDED"
    output(environment.sweeps(what_goes_on(report.text)))
    assert not environment.seen_by_dev("kept"), "somebody has said yes"
    environment.organization.update_settings(settings(tmp_path, FEW))
    output(environment.sweeps())
    assert environment.seen_by_dev("kept")


def test_paused_keeps_what_subjects_ask_for_open_too_and_says_so(environment: SweepEnvironment, tmp_path: Path) -> None:
    environment.loses("steady", "Archived")
    messages = len(environment.organization.outbox)
    environment.organization.update_settings(settings(tmp_path, FEW, ("paused = false", "paused = true")))
    assert environment.organization.settle(60)
    assert environment.seen_by_dev("steady")
    assert any("Open, and to be closed: 1 places." in each.text for each in environment.organization.outbox[messages:])
    environment.organization.update_settings(settings(tmp_path, FEW))
    assert environment.organization.settle(60)
    assert not environment.seen_by_dev("steady"), "the sweep after the deployment that ends the pause closes it"


def test_after_a_change_of_rules_it_reports_and_waits(environment: SweepEnvironment, tmp_path: Path) -> None:
    messages = len(environment.organization.outbox)
    environment.organization.update_settings(settings(tmp_path, FEW, SHARED_EARLY))
    (report,) = environment.organization.outbox[messages:]
    assert report.subject == "DRIFT a sweep would close 0 and open 1 grants"
    assert len(shared(environment)) == 1
    output(environment.sweeps(what_goes_on(report.text)))
    assert len(shared(environment)) == 2
    assert output(environment.sweeps())["totals"]["drifting"] == 0
    environment.organization.update_settings(settings(tmp_path, FEW))
    output(environment.sweeps())
    assert len(shared(environment)) == 1


@pytest.mark.parametrize("name", ["deployed", "sweep_manual", "sweep_manual_plan", "sweep_due"])
def test_the_example_inputs_are_read(environment: SweepEnvironment, name: str) -> None:
    output(environment.sweeps(json.loads((ROOT / "events" / f"{name}.json").read_text())))


def test_a_long_sweep_goes_on_in_another_execution(environment: SweepEnvironment) -> None:
    before = len(environment.runs())
    requested = {"sweep": "2026-03-02T120000-0a1b2c3d", "trigger": "person", "pages": 9, "totals": NOTHING}
    requested["by"] = handed(environment.organization, {})["by"]
    output(environment.sweeps({"goes_on": {"phase": "look", "page": 10, "cursor": None, "results": [], **requested}}))
    first, second = environment.runs()[before:]
    assert output(first)["outcome"] == "goes on in another execution"
    assert output(second)["totals"]["subjects"] > 1
    assert second.name == "2026-03-02T120000-0a1b2c3d-look-11"


def test_what_another_release_has_counted_is_refused_by_name(environment: SweepEnvironment) -> None:
    """As 0.2.0 hands over, which says no release."""
    requested = {"sweep": "2026-03-02T120000-0a1b2c3e", "trigger": "person", "pages": 9, "totals": NOTHING}
    given = {"goes_on": {"phase": "look", "page": 10, "cursor": None, "results": [], **requested}}
    run = environment.sweeps(given)
    assert (run.status, run.error) == ("FAILED", "PlannedByAnotherReleaseError")


def test_a_long_start_goes_on_in_another_execution(environment: SweepEnvironment) -> None:
    before = len(environment.runs())
    environment.creates("new")
    environment.loses("steady", "Archived")
    environment.loses("new", "Archived")
    for number, name in ((1, "steady"), (2, "new")):
        environment.admin("dynamodb").put_item(
            TableName=environment.organization.outputs["LedgerTable"], Item=page(environment, number, name)
        )
    requested = {
        "sweep": "2026-03-02T120000-0a1b2c3d",
        "trigger": "person",
        "pages": 9,
        "totals": NOTHING,
        "failures": "",
    }
    output(environment.sweeps({"goes_on": {"phase": "start", "page": 0, **requested}}))
    assert [output(run).get("outcome") for run in environment.runs()[before:]] == ["goes on in another execution", None]
    assert not environment.seen_by_dev("steady")
    assert not environment.seen_by_dev("new")


def said(environment: SweepEnvironment, since: int, what: str) -> bool:
    """Whether a message since then says it."""
    return any(what in message.text for message in environment.organization.outbox[since:])


def what_goes_on(text: str) -> dict[str, str]:
    """The input that a message tells its reader to start a sweep with."""
    found: dict[str, str] = json.loads(text.partition("--input '")[2].partition("'")[0])
    return found


def page(environment: SweepEnvironment, number: int, name: str) -> dict[str, object]:
    drift = {"subject": {"S": environment.arn(name)}, "closes": {"N": "1"}, "opens": {"N": "0"}}
    return {
        "pk": {"S": "SWEEP#2026-03-02T120000-0a1b2c3d"},
        "sk": {"S": f"PAGE#{number:06}"},
        "drifting": {"L": [{"M": drift}]},
        "failed": {"L": []},
    }


def test_a_failure_is_told_in_words(environment: SweepEnvironment) -> None:
    unknown = "2026-01-01T000000-00000000"
    assert environment.sweeps({"sweep": unknown}).error == "InputError"
    (heard,) = [
        message.text for message in environment.organization.outbox if f"Sweep {unknown} has failed" in message.text
    ]
    assert f"InputError\n\nsweep: found '{unknown}'; allowed: the id of a sweep that has found something\n\n" in heard


def test_a_day_without_a_sweep_raises_the_alarm(environment: SweepEnvironment) -> None:
    """Somebody has switched the schedule off: nothing fails, and nothing is looked at."""
    output(environment.sweeps())
    assert environment.alarm("-no-sweep") == "OK"
    events = environment.admin("events")
    (schedule,) = [rule["Name"] for rule in events.list_rules()["Rules"] if "looked at again" in rule["Description"]]
    events.disable_rule(Name=schedule)
    environment.organization.clock.advance(90_000)
    assert environment.organization.settle()
    assert environment.alarm("-no-sweep") == "ALARM"
