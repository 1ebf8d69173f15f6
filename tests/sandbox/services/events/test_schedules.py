"""Rules on a schedule fire when the clock comes round, and a finished deployment is an event."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.kernel.clock import clock
from sandbox.kernel.place import REGION
from sandbox.kernel.wire.transport import client
from sandbox.services import boot, cloudformation
from sandbox.services.events import deliveries

ACCOUNT = "111122223333"


@pytest.fixture(autouse=True)
def _services() -> None:
    boot.fresh()


@pytest.fixture
def events() -> Any:
    return client("events", ACCOUNT)


def queue(name: str = "heard") -> tuple[str, Callable[[], list[dict[str, Any]]]]:
    """A queue that anybody may write to, and what is on it."""
    sqs = client("sqs", ACCOUNT)
    anybody = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [anybody]})
    url = sqs.create_queue(QueueName=name, Attributes={"Policy": policy})["QueueUrl"]

    def heard() -> list[dict[str, Any]]:
        assert deliveries.drain()
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return sorted((json.loads(message["Body"]) for message in messages), key=lambda event: str(event["time"]))

    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}", heard


def scheduled(events: Any, expression: str, **more: Any) -> Callable[[], list[dict[str, Any]]]:
    arn, heard = queue()
    events.put_rule(Name="due", ScheduleExpression=expression, **more)
    events.put_targets(Rule="due", Targets=[{"Id": "queue", "Arn": arn}])
    return heard


def test_a_rule_fires_once_a_period_and_not_before(events: Any) -> None:
    heard = scheduled(events, "rate(6 hours)")
    clock.advance(6 * 3600 - 5)
    assert heard() == []
    clock.advance(10)
    (event,) = heard()
    assert (event["source"], event["detail-type"], event["detail"]) == ("aws.events", "Scheduled Event", {})
    assert event["resources"] == [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/due"]


def test_periods_that_passed_at_once_are_events_of_their_own_times(events: Any) -> None:
    heard = scheduled(events, "rate(1 day)")
    clock.advance(2 * 86_400 + 5)
    first, second = (time.mktime(time.strptime(event["time"], "%Y-%m-%dT%H:%M:%SZ")) for event in heard())
    assert second - first == 86_400


def test_a_disabled_rule_is_silent_and_a_deleted_one_forgotten(events: Any) -> None:
    heard = scheduled(events, "rate(1 minute)", State="DISABLED")
    clock.advance(61)
    assert heard() == []
    events.put_rule(Name="due", ScheduleExpression="rate(1 minute)")
    clock.advance(61)
    assert len(heard()) == 1
    events.remove_targets(Rule="due", Ids=["queue"])
    events.delete_rule(Name="due")
    assert clock.pending() == 0


@pytest.mark.parametrize("expression", ["rate(1 hours)", "rate(2 hour)", "rate(0 hours)", "rate(6 weeks)", "hourly"])
def test_what_is_no_rate_is_refused(events: Any, expression: str) -> None:
    with pytest.raises(ClientError, match="ScheduleExpression is not valid"):
        events.put_rule(Name="due", ScheduleExpression=expression)


def test_what_the_sandbox_does_not_keep_names_itself(events: Any) -> None:
    with pytest.raises(ClientError, match=r"unsupported by the sandbox: ScheduleExpression cron\(0 6"):
        events.put_rule(Name="due", ScheduleExpression="cron(0 6 * * ? *)")


def test_a_deployment_that_changes_something_is_an_event(events: Any) -> None:
    arn, heard = queue()
    events.put_rule(Name="deployed", EventPattern=json.dumps({"source": ["aws.cloudformation"]}))
    events.put_targets(Rule="deployed", Targets=[{"Id": "queue", "Arn": arn}])

    def deploy(name: str) -> str:
        topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}}
        template = {"Resources": {"Topic": topic}}
        return cloudformation.stacks.deploy(ACCOUNT, REGION, "stack", template).stack_id

    for name, status in (("one", ["CREATE_COMPLETE"]), ("two", ["UPDATE_COMPLETE"]), ("two", [])):
        stack_id = deploy(name)
        found = heard()
        assert [event["detail"]["status-details"]["status"] for event in found] == status
        assert all(event["resources"] == [event["detail"]["stack-id"]] == [stack_id] for event in found)
