"""Alarms tell their topic, if the topic's policy lets CloudWatch."""

import json
from typing import Any

import pytest

from sandbox.services.cloudwatch import alarms
from sandbox.services.cloudwatch.alarms import put_metric
from sandbox.services.sns import outbox

ACCOUNT, REGION = "111122223333", "us-east-1"


@pytest.fixture
def alarm(admin: Any) -> Any:
    def make(*, admits: bool, **fields: Any) -> str:
        sns = admin("sns")
        topic: str = sns.create_topic(Name="operations")["TopicArn"]
        principal = {"Service": "cloudwatch.amazonaws.com"} if admits else {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        statement = {"Effect": "Allow", "Principal": principal, "Action": "sns:Publish", "Resource": topic}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
        settings = {"Statistic": "Sum", "Threshold": 2, "ComparisonOperator": "GreaterThanOrEqualToThreshold", **fields}
        admin("cloudwatch").put_metric_alarm(
            AlarmName="a",
            Namespace="N",
            MetricName="M",
            Dimensions=[{"Name": "D", "Value": "1"}],
            Period=60,
            EvaluationPeriods=1,
            TreatMissingData="notBreaching",
            AlarmActions=[topic],
            **settings,
        )
        return topic

    return make


def state(admin: Any) -> str:
    return str(admin("cloudwatch").describe_alarms(AlarmNames=["a"])["MetricAlarms"][0]["StateValue"])


def test_an_alarm_goes_off_at_its_threshold_once_and_tells_its_topic(admin: Any, alarm: Any, eventually: Any) -> None:
    topic = alarm(admits=True)
    put_metric(ACCOUNT, REGION, "N", "M", {"D": "1"}, 1.0)
    put_metric(ACCOUNT, REGION, "N", "M", {"D": "other"}, 9.0)
    eventually(lambda: state(admin) == "OK")
    assert outbox.messages() == []
    put_metric(ACCOUNT, REGION, "N", "M", {"D": "1"}, 1.0)
    put_metric(ACCOUNT, REGION, "N", "M", {"D": "1"}, 1.0)
    eventually(lambda: len(outbox.messages()) == 1)
    (message,) = outbox.messages()
    assert message.topic_arn == topic
    assert json.loads(message.text)["NewStateValue"] == "ALARM"


def test_whoever_sets_an_alarms_state_is_heard_once(admin: Any, alarm: Any) -> None:
    topic = alarm(admits=True)
    for _ in range(2):
        admin("cloudwatch").set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="a test")
    (message,) = outbox.messages()
    assert message.topic_arn == topic
    assert json.loads(message.text)["NewStateReason"] == "a test"


def test_an_action_that_is_refused_is_on_record(admin: Any, alarm: Any, eventually: Any) -> None:
    alarm(admits=False)
    put_metric(ACCOUNT, REGION, "N", "M", {"D": "1"}, 3.0)
    eventually(lambda: state(admin) == "ALARM" and bool(alarms.failed_actions))
    assert outbox.messages() == []
    assert "sns:Publish" in alarms.failed_actions[0].reason
