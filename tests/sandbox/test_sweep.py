"""What no event has told of is found by the sweep, and put right; what would close too much is asked about first."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.stagegate.organization import ROOT
from tests.support.sweeps import LIMITS, NOTHING, Swept, output, settings, swept

FEW = (LIMITS, "ask_above_grants = 2\nask_above_percent = 20")
DENY = """{"Version": "2012-10-17", "Statement": [
    {"Sid": "No", "Effect": "Deny", "Action": "sagemaker:DescribeModelCard", "Resource": "CARD"}]}"""
SIX_HOURS = 6 * 3600
SHARED_EARLY = (
    'opens = [{ stage = "dev", write = true }]',
    'opens = [{ stage = "dev", write = true }, { stage = "test" }]',
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swept]:
    with swept(settings(tmp_path_factory.mktemp("settings"), FEW)) as opened:
        yield opened


@pytest.fixture(autouse=True)
def steady(place: Swept) -> Iterator[None]:
    """One card is open for dev and for nobody else, and afterwards none is."""
    place.creates("steady")
    yield
    place.deletes_all()
    assert shared(place) == []


def shared(place: Swept) -> list[str]:
    """The ARN of each card, once for each share that it is in."""
    found = place.admin("ram").get_resource_share_associations(associationType="RESOURCE")["resourceShareAssociations"]
    return [each["associatedEntity"] for each in found if each["status"] == "ASSOCIATED"]


def test_a_sweep_finds_nothing_where_every_event_has_arrived(place: Swept) -> None:
    runs = len(place.runs("GovernStateMachine"))
    totals = output(place.sweeps())["totals"]
    assert (totals["drifting"], totals["failed"], totals["open"]) == (0, 0, 1)
    assert len(place.runs("GovernStateMachine")) == runs


def test_a_lost_event_is_made_up_for_on_schedule(place: Swept) -> None:
    place.loses("steady", "Archived")
    assert place.seen_by_dev("steady")
    sweeps = len(place.runs())
    place.organization.clock.advance(SIX_HOURS + 1)
    assert place.organization.settle(60)
    assert [run.status for run in place.runs()[sweeps:]] == ["SUCCEEDED"]
    assert not place.seen_by_dev("steady")
    place.loses("steady", "Draft")
    output(place.sweeps())
    assert place.seen_by_dev("steady")


def test_a_card_that_nobody_heard_of_opens(place: Swept) -> None:
    with place.unheard():
        place.admin("sagemaker").create_model_card(ModelCardName="new", Content="{}", ModelCardStatus="Draft")
    assert not place.seen_by_dev("new")
    assert output(place.sweeps())["totals"]["opens"] == 1
    assert place.seen_by_dev("new")


def test_a_card_that_was_deleted_unheard_leaves_its_share(place: Swept) -> None:
    place.creates("gone")
    with place.unheard():
        place.admin("sagemaker").delete_model_card(ModelCardName="gone")
    assert place.arn("gone") in shared(place)
    assert output(place.sweeps())["totals"]["closes"] == 1
    assert place.arn("gone") not in shared(place)
    assert output(place.sweeps())["totals"]["drifting"] == 0


def test_what_somebody_took_out_of_a_share_comes_back(place: Swept) -> None:
    ram = place.admin("ram")
    (share,) = ram.get_resource_shares(resourceOwner="SELF", resourceShareStatus="ACTIVE")["resourceShares"]
    ram.disassociate_resource_share(resourceShareArn=share["resourceShareArn"], resourceArns=[place.arn("steady")])
    assert place.organization.settle()
    assert not place.seen_by_dev("steady")
    output(place.sweeps())
    assert place.seen_by_dev("steady")


def test_a_group_that_nobody_heard_of_opens_and_its_statements_come_back(place: Swept) -> None:
    sagemaker = place.admin("sagemaker")
    with place.unheard():
        sagemaker.create_model_package_group(ModelPackageGroupName="group")
    totals = output(place.sweeps())["totals"]
    assert (totals["opens"], totals["closes"]) == (1, 0)
    opened = sagemaker.get_model_package_group_policy(ModelPackageGroupName="group")
    sagemaker.delete_model_package_group_policy(ModelPackageGroupName="group")
    output(place.sweeps())
    again = sagemaker.get_model_package_group_policy(ModelPackageGroupName="group")
    assert again["ResourcePolicy"] == opened["ResourcePolicy"]
    sagemaker.delete_model_package_group(ModelPackageGroupName="group")
    assert place.organization.settle()


def test_what_a_run_was_asked_and_has_not_done_is_done(place: Swept) -> None:
    """As after a run whose claim ran out: it had been asked a fourth time, and nobody was there any more."""
    table = place.organization.outputs["LedgerTable"]
    key = {"pk": {"S": f"SUBJECT#{place.arn('steady')}"}, "sk": {"S": "CLAIM"}}
    place.admin("dynamodb").update_item(
        TableName=table,
        Key=key,
        UpdateExpression="ADD wanted :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
    assert output(place.sweeps())["totals"]["drifting"] == 1
    claim = place.admin("dynamodb").get_item(TableName=table, Key=key)["Item"]
    assert claim["wanted"] == claim["done"]


def test_a_subject_that_cannot_be_planned_is_named_and_stops_no_other(place: Swept) -> None:
    place.creates("unreadable")
    place.loses("steady", "Archived")
    iam, denied = place.admin("iam"), {"RoleName": "stagegate-plan", "PolicyName": "denied"}
    iam.put_role_policy(**denied, PolicyDocument=DENY.replace("CARD", place.arn("unreadable")))
    messages = len(place.organization.outbox)
    run = place.sweeps()
    iam.delete_role_policy(**denied)
    assert (run.status, run.error) == ("FAILED", "SubjectsNotPlannedError")
    assert f"{place.arn('unreadable')}: RefusedError: read {place.arn('unreadable')}: DescribeModelCard" in str(
        run.cause
    )
    assert said(place, messages, f"{place.arn('unreadable')}: RefusedError")
    assert place.alarm("-sweeps-failed") == "ALARM"
    assert not place.seen_by_dev("steady")


def test_a_sweep_that_would_close_most_asks_first(place: Swept) -> None:
    names = ["one", "two", "three", "four"]
    place.creates(*names)
    for name in names:
        place.loses(name, "Archived")
    run = place.sweeps()
    assert (run.status, run.error) == ("FAILED", "TooMuchWouldCloseError")
    assert all(place.seen_by_dev(name) for name in names)
    (requested,) = [message for message in place.organization.outbox if "a sweep would" in (message.subject or "")]
    assert "would close 4 of" in str(requested.subject)
    output(place.sweeps(what_goes_on(requested.text)))
    assert not any(place.seen_by_dev(name) for name in names)


def test_a_dry_run_shows_and_changes_nothing(place: Swept) -> None:
    place.loses("steady", "Archived")
    messages = len(place.organization.outbox)
    shown = output(place.sweeps({"mode": "plan"}))
    assert f"- {place.arn('steady')}: closes 1, opens 0" in shown["message"]
    assert place.seen_by_dev("steady")
    assert len(place.organization.outbox) == messages
    output(place.sweeps())


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"mode": "aply"}, 'input: found {"mode":"aply"}; allowed'),
        ({"sweep": "2026-03-02T120000-00000000"}, "sweep: found '2026-03-02T120000-00000000'; allowed"),
        ({"force": True}, 'input: found {"force":true}; allowed'),
    ],
)
def test_what_cannot_be_read_is_refused(place: Swept, given: dict[str, object], why: str) -> None:
    messages = len(place.organization.outbox)
    run = place.sweeps(given)
    assert (run.status, run.error) == ("FAILED", "InputError")
    assert why in str(run.cause)
    assert said(place, messages, why)


def test_after_a_change_of_rules_it_reports_and_waits(place: Swept, tmp_path: Path) -> None:
    messages = len(place.organization.outbox)
    place.organization.update_settings(settings(tmp_path, FEW, SHARED_EARLY))
    (report,) = place.organization.outbox[messages:]
    assert report.subject == "A sweep would close 0 and open 1 grants"
    assert len(shared(place)) == 1
    output(place.sweeps(what_goes_on(report.text)))
    assert len(shared(place)) == 2
    assert output(place.sweeps())["totals"]["drifting"] == 0
    place.organization.update_settings(settings(tmp_path, FEW))
    output(place.sweeps())
    assert len(shared(place)) == 1


@pytest.mark.parametrize("name", ["deployed", "sweep_by_hand", "sweep_by_hand_plan", "sweep_due"])
def test_the_example_inputs_are_read(place: Swept, name: str) -> None:
    output(place.sweeps(json.loads((ROOT / "events" / f"{name}.json").read_text())))


def test_a_long_sweep_goes_on_in_another_execution(place: Swept) -> None:
    before = len(place.runs())
    requested = {"sweep": "2026-03-02T120000-0a1b2c3d", "trigger": "person", "pages": 9, "totals": NOTHING}
    output(place.sweeps({"goes_on": {"phase": "look", "page": 10, "cursor": None, "results": [], **requested}}))
    first, second = place.runs()[before:]
    assert output(first)["outcome"] == "goes on in another execution"
    assert output(second)["totals"]["subjects"] > 1
    assert second.name == "2026-03-02T120000-0a1b2c3d-look-11"


def test_a_long_start_goes_on_in_another_execution(place: Swept) -> None:
    before = len(place.runs())
    place.creates("new")
    place.loses("steady", "Archived")
    place.loses("new", "Archived")
    for number, name in ((1, "steady"), (2, "new")):
        place.admin("dynamodb").put_item(
            TableName=place.organization.outputs["LedgerTable"], Item=page(place, number, name)
        )
    requested = {
        "sweep": "2026-03-02T120000-0a1b2c3d",
        "trigger": "person",
        "pages": 9,
        "totals": NOTHING,
        "failures": "",
    }
    output(place.sweeps({"goes_on": {"phase": "start", "page": 0, **requested}}))
    assert [output(run).get("outcome") for run in place.runs()[before:]] == ["goes on in another execution", None]
    assert not place.seen_by_dev("steady")
    assert not place.seen_by_dev("new")


def said(place: Swept, since: int, what: str) -> bool:
    """Whether a message since then says it."""
    return any(what in message.text for message in place.organization.outbox[since:])


def what_goes_on(text: str) -> dict[str, str]:
    """The input that a message tells its reader to start a sweep with."""
    found: dict[str, str] = json.loads(text.partition("--input '")[2].partition("'")[0])
    return found


def page(place: Swept, number: int, name: str) -> dict[str, object]:
    drift = {"subject": {"S": place.arn(name)}, "closes": {"N": "1"}, "opens": {"N": "0"}}
    return {
        "pk": {"S": "SWEEP#2026-03-02T120000-0a1b2c3d"},
        "sk": {"S": f"PAGE#{number:06}"},
        "drifting": {"L": [{"M": drift}]},
        "failed": {"L": []},
    }


def test_a_failure_is_told_in_words(place: Swept) -> None:
    unknown = "2026-01-01T000000-00000000"
    assert place.sweeps({"sweep": unknown}).error == "InputError"
    (last_notified_digest,) = [
        message.text for message in place.organization.outbox if f"Sweep {unknown} has failed" in message.text
    ]
    assert (
        f"InputError\n\nsweep: found '{unknown}'; allowed: the id of a sweep that has found something\n\n"
        in last_notified_digest
    )


def test_a_day_without_a_sweep_raises_the_alarm(place: Swept) -> None:
    """Somebody has switched the schedule off: nothing fails, and nothing is looked at."""
    output(place.sweeps())
    assert place.alarm("-no-sweep") == "OK"
    events = place.admin("events")
    (schedule,) = [rule["Name"] for rule in events.list_rules()["Rules"] if "ScheduleExpression" in rule]
    events.disable_rule(Name=schedule)
    place.organization.clock.advance(90_000)
    assert place.organization.settle()
    assert place.alarm("-no-sweep") == "ALARM"
