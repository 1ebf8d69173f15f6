"""EventBridge delivery."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.kernel import identity
from sandbox.kernel.wire import transport
from sandbox.services import events

ACCOUNT, OTHER = "111122223333", "222233334444"
Messages = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def rule(admin: Callable[..., Any]) -> Callable[..., str]:
    def make(*targets: dict[str, Any], name: str = "rule", account: str = ACCOUNT, **fields: Any) -> str:
        events = admin("events", account)
        pattern = fields.pop("pattern", {"source": ["mine"]})
        bus_name = fields.get("EventBusName", "default")
        arn: str = events.put_rule(Name=name, EventPattern=json.dumps(pattern), **fields)["RuleArn"]
        numbered = [{"Id": str(number), **target} for number, target in enumerate(targets)]
        events.put_targets(Rule=name, EventBusName=bus_name, Targets=numbered)
        return arn

    return make


def put(admin: Callable[..., Any], account: str = ACCOUNT, **fields: Any) -> dict[str, Any]:
    entry = {"Source": "mine", "DetailType": "Thing", "Detail": json.dumps({"n": 1, "text": 'a "b"'}), **fields}
    answer: dict[str, Any] = admin("events", account).put_events(Entries=[entry])
    return answer


def test_a_target_gets_the_whole_envelope(admin: Any, rule: Any, make_queue: Any, messages: Messages) -> None:
    queue = make_queue("q")
    rule({"Arn": queue})
    event_id = put(admin, Resources=["arn:aws:thing"])["Entries"][0]["EventId"]
    (message,) = messages(queue)
    event = json.loads(message["Body"])
    assert event.pop("time").endswith("Z")
    assert event == {
        "version": "0",
        "id": event_id,
        "detail-type": "Thing",
        "source": "mine",
        "account": ACCOUNT,
        "region": "us-east-1",
        "resources": ["arn:aws:thing"],
        "detail": {"n": 1, "text": 'a "b"'},
    }


def test_a_disabled_rule_and_one_that_does_not_match_deliver_nothing(
    admin: Any, rule: Any, make_queue: Any, messages: Messages
) -> None:
    queue = make_queue("q")
    rule({"Arn": queue}, name="off", State="DISABLED")
    rule({"Arn": queue}, name="other", pattern={"source": ["yours"]})
    put(admin)
    assert messages(queue) == []


def test_a_custom_event_can_not_pretend_to_be_aws(admin: Any, rule: Any, make_queue: Any, messages: Messages) -> None:
    queue = make_queue("q")
    rule({"Arn": queue}, pattern={"source": ["aws.sagemaker"]})
    answer = put(admin, Source="aws.sagemaker")
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"
    assert messages(queue) == []
    events.emit(ACCOUNT, "us-east-1", "aws.sagemaker", "Thing", {})
    assert len(messages(queue)) == 1


def test_input_and_input_path_replace_the_event(admin: Any, rule: Any, make_queue: Any, messages: Messages) -> None:
    queue = make_queue("q")
    rule({"Arn": queue, "Input": '{"k": 1}'}, {"Arn": queue, "InputPath": "$.detail.n"})
    put(admin)
    assert sorted(message["Body"] for message in messages(queue)) == ["1", '{"k": 1}']


def test_what_a_queue_refuses_lands_in_the_dead_letter_queue_with_the_reason(
    admin: Any, rule: Any, make_queue: Any, messages: Messages
) -> None:
    closed, dead = make_queue("closed", admits=False), make_queue("dead")
    arn = rule({"Arn": closed, "DeadLetterConfig": {"Arn": dead}})
    put(admin)
    (message,) = messages(dead)
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert attributes["RULE_ARN"] == arn
    assert attributes["TARGET_ARN"] == closed
    assert attributes["ERROR_CODE"] == "NO_PERMISSIONS"
    assert json.loads(message["Body"])["detail"]["n"] == 1
    assert messages(closed) == []


def test_a_dead_letter_queue_that_refuses_too_loses_the_event_visibly(admin: Any, rule: Any, make_queue: Any) -> None:
    rule({"Arn": make_queue("closed", admits=False), "DeadLetterConfig": {"Arn": make_queue("dead", admits=False)}})
    put(admin)
    assert events.deliveries.drain(5)
    (outcome,) = events.deliveries.trace
    assert outcome.error is not None
    assert not outcome.dead_letter


@pytest.mark.parametrize("bus", ["default", "own"])
def test_what_is_lost_is_counted_by_rule_and_on_a_bus_of_ones_own_by_both(
    admin: Any, rule: Any, make_queue: Any, bus: str
) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html"""
    if bus == "own":
        admin("events").create_event_bus(Name=bus)
    closed = make_queue("closed", admits=False)
    rule({"Arn": closed, "DeadLetterConfig": {"Arn": closed}}, EventBusName=bus)
    put(admin, EventBusName=bus)
    assert events.deliveries.drain()
    found = admin("cloudwatch").list_metrics(MetricName="InvocationsFailedToBeSentToDlq")["Metrics"]
    dimensions = [{each["Name"]: each["Value"] for each in metric["Dimensions"]} for metric in found]
    assert dimensions == [{"RuleName": "rule"} | ({"EventBusName": bus} if bus == "own" else {})]


def test_a_role_starts_executions_and_without_its_permission_nothing_starts(
    admin: Any, rule: Any, make_role: Any, make_queue: Any, messages: Messages
) -> None:
    sfn = admin("stepfunctions")
    definition = {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    machine_role = make_role("machine", "states.amazonaws.com")
    machine = sfn.create_state_machine(name="m", definition=json.dumps(definition), roleArn=machine_role)[
        "stateMachineArn"
    ]
    may = make_role("may", "events.amazonaws.com", {"Action": "states:StartExecution", "Resource": machine})
    may_not = make_role("may-not", "events.amazonaws.com", {"Action": "states:StopExecution", "Resource": machine})
    untrusting = make_role("untrusting", "lambda.amazonaws.com", {"Action": "states:StartExecution"})
    dead = make_queue("dead")
    letters = {"DeadLetterConfig": {"Arn": dead}}
    rule(*({"Arn": machine, "RoleArn": role, **letters} for role in (may, may_not, untrusting)))
    put(admin)
    assert len(messages(dead)) == 2
    (execution,) = sfn.list_executions(stateMachineArn=machine)["executions"]
    described = sfn.describe_execution(executionArn=execution["executionArn"])
    assert json.loads(described["input"])["detail"]["n"] == 1


def test_a_bus_of_another_account_takes_what_its_policy_and_the_role_allow(
    admin: Any, rule: Any, make_role: Any, make_queue: Any, messages: Messages
) -> None:
    there = admin("events", OTHER).create_event_bus(Name="there")["EventBusArn"]
    role = make_role("forward", "events.amazonaws.com", {"Action": "events:PutEvents", "Resource": there})
    queue = make_queue("q", account=OTHER)
    rule({"Arn": there, "RoleArn": role})
    rule({"Arn": queue}, account=OTHER, EventBusName="there")
    put(admin)
    assert messages(queue) == []
    admin("events", OTHER).put_permission(
        EventBusName="there", Action="events:PutEvents", Principal=ACCOUNT, StatementId="s"
    )
    put(admin)
    (message,) = messages(queue)
    assert json.loads(message["Body"])["account"] == ACCOUNT


def test_putting_on_the_bus_of_another_account_is_answered_for_each_entry(
    admin: Any, rule: Any, make_role: Any, make_queue: Any, messages: Messages
) -> None:
    """By its policy and the caller's; and of a bus that isn't there nobody is let in."""
    there = admin("events", OTHER).create_event_bus(Name="there")["EventBusArn"]
    putter = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    role = make_role("putter", "events.amazonaws.com", {"Action": "events:PutEvents"})
    statement = {"Sid": "s", "Effect": "Allow", "Principal": putter, "Action": "events:PutEvents", "Resource": there}
    only_mine = {**statement, "Condition": {"StringEquals": {"events:source": "mine"}}}
    admin("events", OTHER).put_permission(
        EventBusName="there", Policy=json.dumps({"Version": "2012-10-17", "Statement": [only_mine]})
    )
    queue = make_queue("q", account=OTHER)
    rule({"Arn": queue}, account=OTHER, EventBusName="there", pattern={"detail-type": ["Thing"]})
    entry = {"Source": "mine", "DetailType": "Thing", "Detail": "{}", "EventBusName": there}
    session = identity.session(role, "s")
    answer = transport.client("events", ACCOUNT, session).put_events(
        Entries=[entry, {**entry, "Source": "theirs"}, {**entry, "EventBusName": f"{there}-2"}]
    )
    codes = [each.get("ErrorCode") for each in answer["Entries"]]
    assert (answer["FailedEntryCount"], codes) == (2, [None, "AccessDeniedException", "AccessDeniedException"])
    (message,) = messages(queue)
    heard = json.loads(message["Body"])
    assert (heard["account"], heard["source"]) == (ACCOUNT, "mine")


def test_a_forwarded_event_is_not_forwarded_again(
    admin: Any, rule: Any, make_role: Any, make_queue: Any, messages: Messages
) -> None:
    first = admin("events", OTHER).create_event_bus(Name="first")["EventBusArn"]
    second = admin("events", OTHER).create_event_bus(Name="second")["EventBusArn"]
    role = make_role("forward", "events.amazonaws.com", {"Action": "events:PutEvents"})
    onward = make_role("onward", "events.amazonaws.com", {"Action": "events:PutEvents"}, account=OTHER)
    admin("events", OTHER).put_permission(
        EventBusName="first", Action="events:PutEvents", Principal=ACCOUNT, StatementId="s"
    )
    queue = make_queue("q", account=OTHER)
    rule({"Arn": first, "RoleArn": role})
    rule({"Arn": second, "RoleArn": onward}, account=OTHER, EventBusName="first", name="onward")
    rule({"Arn": queue}, account=OTHER, EventBusName="second", name="end")
    put(admin)
    assert messages(queue) == []
    put(admin, OTHER, EventBusName="first")
    assert len(messages(queue)) == 1


def test_deliveries_can_be_held_reordered_and_doubled(
    admin: Any, rule: Any, make_queue: Any, messages: Messages
) -> None:
    queue = make_queue("q")
    rule({"Arn": queue, "InputPath": "$.detail.n"})
    events.deliveries.hold()
    for number in (1, 2, 3):
        put(admin, Detail=json.dumps({"n": number}))
    assert len(events.deliveries.held) == 3
    assert messages(queue) == []
    events.deliveries.release(lambda held: [held[2], held[0], held[0]])
    assert sorted(message["Body"] for message in messages(queue)) == ["1", "1", "3"]


@pytest.mark.parametrize(
    "target",
    [
        {"Arn": f"arn:aws:ecs:us-east-1:{ACCOUNT}:cluster/c"},
        {"Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:q", "InputTransformer": {"InputTemplate": "<x>"}},
        {"Arn": f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:m"},
    ],
)
def test_an_unsupported_target_is_refused(rule: Any, target: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match=r"unsupported|RoleArn is required"):
        rule(target)


def test_an_unsupported_filter_is_refused(rule: Any) -> None:
    with pytest.raises(ClientError, match="sounds-like"):
        rule(pattern={"source": [{"sounds-like": "x"}]})
