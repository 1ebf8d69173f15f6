"""Alarms that are heard: of events that reach nobody, and by the round trip that docs/deploy.md asks for."""

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.services.cloudwatch import alarms
from sandbox.services.cloudwatch.alarms import put_metric
from sandbox.stagegate.organization import ROOT
from tests.support.fixtures import SHIPPED, CardEnvironment, card_environment, without

PUBLISHED = "InvocationsFailedToBeSentToDlq"
ROUND_TRIP = re.compile(r"^aws cloudwatch set-alarm-state .*$", re.MULTILINE)


@pytest.fixture(scope="module")
def environment() -> Iterator[CardEnvironment]:
    with card_environment(SHIPPED) as opened:
        yield opened


def heard(environment: CardEnvironment) -> list[str]:
    """The alarms that the topic for operations has told of."""
    topic = environment.organization.outputs["OperationsTopic"]
    return [
        str(json.loads(message.text)["AlarmName"])
        for message in environment.organization.outbox
        if message.topic_arn == topic
    ]


def of_lost_events(environment: CardEnvironment, account: str) -> list[dict[str, Any]]:
    found = environment.admin("cloudwatch", account).describe_alarms()["MetricAlarms"]
    return [alarm for alarm in found if alarm["MetricName"] == PUBLISHED]


def test_an_event_that_reaches_neither_its_target_nor_the_queue_is_heard_of(environment: CardEnvironment) -> None:
    sqs = environment.admin("sqs")
    url = sqs.get_queue_url(QueueName="stagegate-undelivered-events")["QueueUrl"]
    policy = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    nobody = policy.replace("events.amazonaws.com", "ec2.amazonaws.com")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": nobody})
    try:
        with without(environment, ("stagegate-start-govern", "Start")):
            environment.does(environment.actions.creates("Draft"))
            assert environment.organization.clock.until(lambda: "stagegate-card-changed-lost" in heard(environment))
    finally:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    assert environment.alarm("-card-changed-lost") == "ALARM"


@pytest.mark.parametrize(("account", "buses"), [("governance", ["default", "stagegate-members"]), ("dev", ["default"])])
def test_every_rule_has_an_alarm_on_what_eventbridge_publishes_about_it(
    environment: CardEnvironment, account: str, buses: list[str]
) -> None:
    """With the rule alone on the account's own bus, and with the bus on another ("Monitoring Amazon EventBridge")."""
    id_ = environment.organization.accounts[account]
    rules = 0
    for bus in buses:
        for rule in environment.admin("events", account).list_rules(EventBusName=bus)["Rules"]:
            named = {"RuleName": rule["Name"]} | ({} if bus == "default" else {"EventBusName": bus})
            put_metric(id_, "us-east-1", "AWS/Events", PUBLISHED, named, 1.0)
            rules += 1
    assert len(of_lost_events(environment, account)) == rules > 0
    environment.organization.clock.until(
        lambda: all(alarm["StateValue"] == "ALARM" for alarm in of_lost_events(environment, account))
    )
    names = {alarm["AlarmName"] for alarm in of_lost_events(environment, account)}
    assert {alarm["StateValue"] for alarm in of_lost_events(environment, account)} == {"ALARM"}
    assert names <= set(heard(environment))


def test_the_round_trip_of_the_instructions_is_heard(environment: CardEnvironment) -> None:
    commands = ROUND_TRIP.findall((ROOT / "docs" / "deploy.md").read_text())
    assert len(commands) == 2, "of the governance account, and of a member"
    for command, account in zip(commands, ("governance", "prod"), strict=True):
        words = shlex.split(command)[3:]
        given = dict(zip(words[::2], words[1::2], strict=True))
        environment.admin("cloudwatch", account).set_alarm_state(
            AlarmName=given["--alarm-name"], StateValue=given["--state-value"], StateReason=given["--state-reason"]
        )
        assert environment.organization.settle()
        assert given["--alarm-name"] in heard(environment)
    assert alarms.failed_actions == []
