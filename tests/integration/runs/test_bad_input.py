"""What can't be done has one clear, named outcome: the run fails with it, people hear of it, the claim is free again,
and what was open and right stays open."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from demo.card.actions import CARD
from demo.observers import describe
from demo.people import APPROVER
from demo.story import Step, StepResult
from sandbox.kernel.place import REGION
from sandbox.kernel.wire.errors import aws_error
from sandbox.services import cloudformation
from sandbox.services.cloudwatch import alarms
from sandbox.services.events.events import default_bus, publish
from sandbox.services.ram.responses import RamResponse
from sandbox.services.sagemaker.store.backend import backend_for
from sandbox.stagegate.members import GOVERNANCE, MANAGEMENT
from sandbox.stagegate.organization import ROOT
from tests.support.fixtures import SHIPPED, CardEnvironment, card_environment, failed_visibly, problems

DRAFT = "dev rw  test -  prod -"


@pytest.fixture(scope="module")
def environment() -> Iterator[CardEnvironment]:
    """The card is a filled in draft that dev sees; every test leaves it so."""
    with card_environment(SHIPPED) as opened:
        assert problems(opened.does(opened.actions.creates("Draft"))) == []
        assert problems(opened.does(opened.actions.fills_in("dev", "fills in the card"))) == []
        yield opened


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"subject": 7},
        {"subject": "arn:aws:s3:::bucket"},
        {"subject": "arn:aws:sagemaker:us-east-1:111122223333:model-card/x", "mode": "aply"},
        {"detail-type": "SageMaker Model Card State Change", "account": "111122223333", "resources": []},
        {"account": "111122223333", "region": "us-east-1", "detail": {"eventName": "DeleteModelCard"}},
    ],
)
def test_an_input_that_cant_be_read_is_refused_with_what_was_found(
    environment: CardEnvironment, given: dict[str, Any]
) -> None:
    result = _starts(environment, given)
    (failed,) = result.costs
    failed_visibly(environment, result, failed, "InputError")
    assert "found {" in str(failed.execution.cause)
    assert "allowed: " in str(failed.execution.cause)
    assert "Take" not in failed.states


def test_a_dry_run_about_nothing_that_is_governed_names_the_subject(environment: CardEnvironment) -> None:
    result = _starts(environment, {"subject": "arn:aws:s3:::bucket", "mode": "plan"})
    (failed,) = result.costs
    failed_visibly(environment, result, failed, "UnknownSubjectError")
    assert "arn:aws:s3:::bucket" in str(failed.execution.cause)


def test_a_card_that_never_was_is_nothing_to_do(environment: CardEnvironment) -> None:
    result = _starts(environment, {"subject": environment.actions.arn + "-Nobody-Made"})
    (cost,) = result.costs
    assert cost.error is None
    assert cost.output["access"] == []
    assert describe(result.observed) == DRAFT


def test_a_card_of_a_member_account_is_a_finding(environment: CardEnvironment) -> None:
    subject = environment.actions.arn.replace("111122223333", "222233334444")
    result = _starts(environment, {"subject": subject})
    (cost,) = result.costs
    assert [finding["code"] for finding in cost.output["findings"]] == ["MemberOwnedCard"]
    assert "MemberOwnedCard" in environment.organization.outbox[-1].text


def test_a_trail_event_that_cant_be_read_is_kept_and_raises_an_alarm(environment: CardEnvironment) -> None:
    trail = [
        o.event
        for o in environment.organization.deliveries.trace
        if o.event["detail-type"] == "AWS API Call via CloudTrail"
    ]
    broken = json.loads(json.dumps(trail[0]))
    del broken["detail"]["userIdentity"]
    result = _does(environment, lambda: publish(default_bus(broken["account"], REGION), broken))
    assert describe(result.observed) == DRAFT
    assert environment.alarm("-failed-records-waiting") == "ALARM"
    sqs = environment.admin("sqs")
    url = sqs.get_queue_url(QueueName="stagegate-failed-records")["QueueUrl"]
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    kept = json.loads(message["Body"])
    assert kept["requestPayload"]["id"] == broken["id"]
    assert kept["responsePayload"]["errorType"] == "InputError"
    assert "detail.userIdentity" in kept["responsePayload"]["errorMessage"]


@pytest.mark.parametrize(("account", "heard", "denied"), [("dev", 1, 0), ("hosting", 0, 1)])
def test_a_members_alarm_reaches_the_operations_topic_from_the_accounts_of_the_organization(
    environment: CardEnvironment, account: str, heard: int, denied: int
) -> None:
    if denied:
        environment.organization.admin("organizations", "management").remove_account_from_organization(
            AccountId=environment.organization.accounts[account]
        )
    sqs = environment.organization.admin("sqs", account)
    url = sqs.get_queue_url(QueueName="stagegate-member-undelivered-events")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    queue = f"arn:aws:sqs:{REGION}:{environment.organization.accounts[account]}:stagegate-member-undelivered-events"
    alarms.observe_queue(queue)
    assert environment.organization.settle()
    messages = [
        m for m in environment.organization.outbox if f":{environment.organization.accounts[account]}:alarm:" in m.text
    ]
    refused = [failed for failed in alarms.failed_actions if failed.action_arn.endswith(":stagegate-operations")]
    assert [message.topic_arn.rpartition(":")[2] for message in messages] == ["stagegate-operations"] * heard
    assert len(refused) == denied


def test_a_member_stack_without_a_topic_has_an_alarm_that_only_shows(environment: CardEnvironment) -> None:
    """The management account stands for any: nothing was deployed there."""
    values = {"GovernanceAccountId": GOVERNANCE, "OrganizationId": "o-stagegate01"}
    template = cloudformation.read(ROOT / "member-template.yaml")
    cloudformation.stacks.deploy(MANAGEMENT, REGION, "stagegate-member", template, values)
    alarms = environment.organization.admin("cloudwatch", "management").describe_alarms()["MetricAlarms"]
    assert [alarm["AlarmActions"] for alarm in alarms] == [[], []]


def test_a_status_that_the_rules_dont_know_changes_nothing(
    environment: CardEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "sandbox.kernel.wire.contract.require_response", lambda *_: None
    )  # no SageMaker of today answers so
    version = backend_for(environment.actions.arn.split(":")[4], REGION).card(CARD).latest
    before = version.status
    version.status = SimpleNamespace(value="Retired")  # type: ignore[assignment]
    try:
        result = _starts(environment, {"subject": environment.actions.arn})
    finally:
        version.status = before
    (failed,) = result.costs
    failed_visibly(environment, result, failed, "UnknownStatusError")
    assert "found status 'Retired'; allowed: Draft, PendingReview, Approved, Archived" in str(failed.execution.cause)


def test_ram_refusing_leaves_open_what_was_open(environment: CardEnvironment, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Any:
        raise aws_error("OperationNotPermittedException", "Sharing is switched off for the organization.")

    monkeypatch.setitem(RamResponse.operations, "AssociateResourceShare", refuse)
    result = environment.does(environment.actions.sets("dev", "PendingReview"))
    failed = next(cost for cost in result.costs if cost.error)
    failed_visibly(environment, result, failed, "RefusedError")
    assert "AssociateResourceShare was refused: OperationNotPermittedException" in str(failed.execution.cause)
    monkeypatch.undo()
    assert problems(environment.does(environment.actions.sets("dev", "Draft"))) == []


def test_a_card_deleted_meanwhile_closes_what_was_open(environment: CardEnvironment) -> None:
    environment.organization.deliveries.hold(
        lambda delivery: delivery.event["detail"].get("ModelCardStatus") == "PendingReview"
    )
    environment.organization.client("sagemaker", "dev").update_model_card(
        ModelCardName=environment.actions.arn, ModelCardStatus="PendingReview"
    )
    environment.organization.client("sagemaker", "governance").delete_model_card(ModelCardName=CARD)
    result = _does(environment, environment.organization.deliveries.release)
    assert [cost.error for cost in result.costs if cost.error] == []
    assert describe(result.observed) == "dev -  test -  prod -"
    assert environment.holder() is None
    _makes_the_card_again(environment)


def test_settings_that_are_wrong_change_nothing_and_name_the_line(environment: CardEnvironment, tmp_path: Path) -> None:
    wrong = tmp_path / "governance.toml"
    wrong.write_text(SHIPPED.read_text().replace('after_edit = "close"', 'after_edit = "clsoe"'))
    environment.organization.update_settings(wrong)
    try:
        result = environment.does(environment.actions.sets("dev", "PendingReview"))
    finally:
        environment.organization.update_settings(SHIPPED)
    failed = next(cost for cost in result.costs if cost.error)
    failed_visibly(environment, result, failed, "SettingsError")
    assert 'cards.after_edit: found "clsoe"; allowed: one of "close", "ask"' in json.loads(
        failed.execution.cause or ""
    )["errorMessage"].replace('\\"', '"')
    assert problems(environment.does(environment.actions.sets(APPROVER, "Draft"))) == []


def test_a_card_that_a_person_has_misspelled_is_said_to_be_none(environment: CardEnvironment) -> None:
    result = _starts(environment, {"subject": f"arn:aws:sagemaker:{REGION}:{GOVERNANCE}:model-card/chrun"})
    (run,) = result.costs
    assert run.execution.status == "SUCCEEDED"
    assert json.loads(run.execution.output or "{}")["outcome"] == "blocked"
    assert "NoSuchSubject" in str(environment.organization.outbox[-1].text)


@pytest.mark.parametrize("name", ["-x-", "x\n", "x_y"])
def test_a_name_that_no_card_can_have_takes_no_claim(environment: CardEnvironment, name: str) -> None:
    result = _starts(environment, {"subject": f"arn:aws:sagemaker:{REGION}:{GOVERNANCE}:model-card/{name}"})
    (failed,) = result.costs
    failed_visibly(environment, result, failed, "InputError")
    assert "Take" not in failed.states


def _starts(environment: CardEnvironment, given: dict[str, Any]) -> StepResult:
    stepfunctions = environment.organization.client("stepfunctions", "governance")
    machine = environment.organization.outputs["GovernStateMachine"]
    return _does(environment, lambda: stepfunctions.start_execution(stateMachineArn=machine, input=json.dumps(given)))


def _does(environment: CardEnvironment, act: Callable[[], Any]) -> StepResult:
    return environment.does(Step("something happens", act, environment.actions.expected_access()))


def _makes_the_card_again(environment: CardEnvironment) -> None:
    environment.begins_anew()
    assert problems(environment.does(environment.actions.creates("Draft"))) == []
    assert problems(environment.does(environment.actions.fills_in("dev", "fills in the card"))) == []
