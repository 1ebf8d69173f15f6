"""What opens and closes is told to programs, on governance's bus and on that of the account that it is about."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.kernel.delays import Delays
from sandbox.kernel.wire.failures import failures
from sandbox.stagegate.organization import ROOT
from stagegate.core.own_events import MOST_UNTOLD
from tests.support.listening import Listener
from tests.support.registry import ALL, Registry
from tests.support.registry import registry as a_registry

Heard = dict[str, Listener]
OPENED, REMOVED = "Access Opened", "Access Removed"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    delays = Delays(cloudtrail=0.1, delivery_retry=0.01, lambda_retry=0.02, wait_factor=0.02)
    with a_registry(tmp_path_factory.mktemp("settings"), delays) as environment:
        yield environment


@pytest.fixture(scope="module")
def listeners(registry: Registry) -> Heard:
    return {who: Listener.on_the_bus_of(registry.organization, who) for who in ("governance", "prod", "test")}


@pytest.fixture(autouse=True)
def pending(registry: Registry, listeners: Heard) -> None:
    failures.clear()
    registry.sets("approver", "PendingManualApproval")
    assert registry.may("prod") == frozenset()
    for listener in listeners.values():
        listener.heard()


def said(events: list[dict[str, Any]]) -> list[tuple[str, list[str], list[str]]]:
    return [(event["detail-type"], event["detail"]["stages"], event["detail"]["accounts"]) for event in events]


def numbers(events: list[dict[str, Any]]) -> list[int]:
    return [event["detail"]["sequence"] for event in events]


def test_an_account_hears_what_opens_and_closes_for_it(registry: Registry, listeners: Heard) -> None:
    prod = registry.organization.accounts["prod"]
    registry.sets("approver", "Approved")
    assert registry.may("prod") == ALL
    (opened,) = listeners["prod"].heard()
    assert said([opened]) == [(OPENED, ["prod"], [prod])]
    assert (opened["account"], opened["resources"]) == (
        registry.organization.accounts["governance"],
        [registry.package],
    )
    everything = listeners["governance"].heard()
    assert [each["detail"]["id"] for each in everything if each["detail-type"] == OPENED] == [opened["detail"]["id"]]

    registry.sets("approver", "Rejected")
    (removed,) = listeners["prod"].heard()
    assert said([removed]) == [(REMOVED, ["prod"], [prod])]
    everything += listeners["governance"].heard()
    assert numbers(everything) == list(range(everything[0]["detail"]["sequence"], removed["detail"]["sequence"] + 1))
    assert listeners["test"].heard() == [], "it is about nothing of test's"


def test_who_is_blocked_is_told_with_the_code(registry: Registry, listeners: Heard) -> None:
    registry.sets("governance", "Approved")
    told = {(event["detail-type"], *event["detail"]["codes"]) for event in listeners["governance"].heard()}
    assert ("Promotion Blocked", "NotAnApprover") in told
    assert {kind for kind, *_ in told} <= {"Promotion Blocked", "Decision Needed"}
    assert listeners["prod"].heard() == []


def test_a_run_that_changes_nothing_says_nothing(registry: Registry, listeners: Heard) -> None:
    registry.sets("approver", "Approved")
    listeners["governance"].heard()
    before = len(registry.organization.calls)
    assert registry.changed_by_manual_run() == "unchanged"
    calls = registry.organization.calls.since(before)
    assert [call.operation for call in calls if call.service == "events"] == []
    assert listeners["governance"].heard() == []


def test_what_opens_takes_one_call_more(registry: Registry, listeners: Heard) -> None:
    before = len(registry.organization.calls)
    registry.sets("approver", "Approved")
    calls = registry.organization.calls.since(before)
    assert [(c.operation, c.error_code) for c in calls if c.service == "events"] == [("PutEvents", None)]


def counts_refusals(registry: Registry) -> bool:
    metrics = registry.admin("cloudwatch").list_metrics(Namespace="Stagegate", MetricName="OwnEventsRefused")
    return bool(metrics["Metrics"])


def test_an_account_without_a_bus_keeps_nothing_from_anybody(registry: Registry, listeners: Heard) -> None:
    assert not counts_refusals(registry)
    events = registry.admin("events", "prod")
    policy = json.loads(events.describe_event_bus(Name="stagegate-member-events")["Policy"])
    events.remove_permission(EventBusName="stagegate-member-events", StatementId="stagegate")
    registry.sets("approver", "Approved")
    assert registry.may("prod") == ALL
    assert OPENED in [event["detail-type"] for event in listeners["governance"].heard()]
    assert listeners["prod"].heard() == []
    assert [run.status for run in registry.organization.executions()[-2:]] == ["SUCCEEDED", "SUCCEEDED"]
    assert counts_refusals(registry)
    events.put_permission(EventBusName="stagegate-member-events", Policy=json.dumps(policy))


def test_members_hear_by_one_statement_of_one_role(registry: Registry, listeners: Heard) -> None:
    iam, name = registry.admin("iam"), {"RoleName": "stagegate-record", "PolicyName": "record"}
    policy = iam.get_role_policy(**name)["PolicyDocument"]
    rest = [each for each in policy["Statement"] if each["Sid"] != "PutMembersOwnEvents"]
    iam.put_role_policy(**name, PolicyDocument=json.dumps({**policy, "Statement": rest}))
    registry.sets("approver", "Approved")
    assert OPENED in [event["detail-type"] for event in listeners["governance"].heard()]
    assert listeners["prod"].heard() == []
    iam.put_role_policy(**name, PolicyDocument=json.dumps(policy))
    registry.sets("approver", "Rejected")
    assert [event["detail-type"] for event in listeners["prod"].heard()] == [REMOVED]


def test_what_was_left_unsaid_is_said_by_the_next_run_once_it_can_be(registry: Registry, listeners: Heard) -> None:
    failures.plan("events", "PutEvents", "AccessDeniedException", times=200)
    registry.sets("approver", "Approved")
    assert registry.may("prod") == ALL, "it is open, and on record"
    (failed,) = [run for run in registry.organization.executions()[-3:] if run.status == "FAILED"]
    assert failed.error == "RefusedError"
    assert any("put own events" in message.text for message in registry.organization.outbox[-3:]), (
        "somebody hears of it"
    )
    assert (listeners["prod"].heard(), listeners["governance"].heard()) == ([], [])
    failures.clear()
    registry.sweeps()
    first = listeners["prod"].heard()
    assert [event["detail-type"] for event in first] == [OPENED]
    registry.sweeps()
    assert listeners["prod"].heard() == [], "said, and not again"


@pytest.mark.slow  # test_untold.py shows it in small
def test_however_long_the_bus_refuses_a_rejection_closes(registry: Registry, listeners: Heard) -> None:
    """Only the last events wait. What is given up is said, and seen by the numbers."""
    registry.sets("approver", "Approved")
    before = numbers(listeners["governance"].heard())[-1]
    failures.plan("events", "PutEvents", "AccessDeniedException", times=10_000)
    for _ in range(MOST_UNTOLD // 2 + 1):
        registry.sets("approver", "Rejected")
        assert registry.may("prod") == frozenset()
        registry.sets("approver", "Approved")
        assert registry.may("prod") == ALL
    registry.sets("approver", "Rejected")
    assert registry.may("prod") == frozenset()
    assert any("no run tells those any more" in message.text for message in registry.organization.outbox)
    failures.clear()
    registry.sweeps()
    told = listeners["governance"].heard()
    assert told[-1]["detail-type"] == REMOVED
    assert len(told) == MOST_UNTOLD
    assert numbers(told) == list(range(numbers(told)[0], numbers(told)[0] + MOST_UNTOLD))
    assert numbers(told)[0] > before + 1, "a gap"


def test_an_own_event_starts_nothing_and_proves_nothing(registry: Registry, listeners: Heard) -> None:
    """Neither on a bus nor as the input of a run."""
    before = len(registry.organization.executions())
    forged = json.loads((ROOT / "events" / "own_access_opened.json").read_text())
    detail = {**forged["detail"], "subject": registry.package, "accounts": [registry.organization.accounts["prod"]]}
    entry = {"Source": "stagegate", "DetailType": OPENED, "Detail": json.dumps(detail), "Resources": [registry.package]}
    for profile, bus in (
        ("governance", "stagegate-events"),
        ("governance", "default"),
        ("prod", "stagegate-member-events"),
    ):
        put = registry.admin("events", profile).put_events(Entries=[{**entry, "EventBusName": bus}])
        assert put["FailedEntryCount"] == 0
    assert registry.organization.settle()
    assert len(registry.organization.executions()) == before
    assert registry.may("prod") == frozenset()


@pytest.mark.parametrize("example", sorted(path.name for path in Path("events").glob("own_*.json")))
def test_no_run_takes_an_own_event_for_its_input(registry: Registry, example: str) -> None:
    started = registry.organization.client("stepfunctions", "governance").start_execution(
        stateMachineArn=registry.organization.outputs["GovernStateMachine"],
        input=(ROOT / "events" / example).read_text(),
    )
    assert registry.organization.settle()
    (run,) = [e for e in registry.organization.executions() if e.execution_arn == started["executionArn"]]
    assert (run.status, run.error) == ("FAILED", "InputError")


def test_nobody_else_puts_events_on_the_bus_of_another_account(registry: Registry, listeners: Heard) -> None:
    prod, governance = (registry.organization.accounts[who] for who in ("prod", "governance"))
    for profile, role, bus in (
        ("test", "Administrator", f"arn:aws:events:us-east-1:{prod}:event-bus/stagegate-member-events"),
        ("governance", "Administrator", f"arn:aws:events:us-east-1:{prod}:event-bus/stagegate-member-events"),
        ("prod", "Administrator", f"arn:aws:events:us-east-1:{governance}:event-bus/stagegate-events"),
    ):
        answer = registry.organization.client("events", profile, role).put_events(
            Entries=[{"Source": "stagegate", "DetailType": OPENED, "Detail": "{}", "EventBusName": bus}]
        )
        assert [entry["ErrorCode"] for entry in answer["Entries"]] == ["AccessDeniedException"]
    assert registry.organization.settle()
    assert [listener.heard() for listener in listeners.values()] == [[], [], []]
