"""Alarms that stand, and topics that nobody hears."""

from datetime import UTC, datetime
from typing import Any

from tests.support.scripted import Scripted
from tools.deploy.alarms import standing

AT = datetime(2026, 11, 30, 17, 52, tzinfo=UTC)
ARN = "arn:aws:sns:us-east-1:111122223333:stagegate"
SUBSCRIPTION = {"Owner": "111122223333", "Protocol": "email", "Endpoint": "a@example.com"}


def told(alarms: list[str], *subscriptions: str) -> list[str]:
    """What is said of these alarms, and of topics with these subscriptions."""
    stack: dict[str, Any] = {
        "StackName": "stagegate",
        "CreationTime": "2026-11-30T00:00:00Z",
        "StackStatus": "CREATE_COMPLETE",
        "Outputs": [
            {"OutputKey": "ApproversTopic", "OutputValue": f"{ARN}-approvers"},
            {"OutputKey": "OperationsTopic", "OutputValue": f"{ARN}-operations"},
        ],
    }
    found = [{"AlarmName": name, "StateUpdatedTimestamp": AT} for name in alarms]
    cloudwatch = Scripted("cloudwatch", DescribeAlarms={"MetricAlarms": found})
    topics = {"Subscriptions": [SUBSCRIPTION | {"SubscriptionArn": each} for each in subscriptions]}
    lines = list(
        standing(
            Scripted("cloudformation", DescribeStacks={"Stacks": [stack]}).client,
            cloudwatch.client,
            Scripted("sns", ListSubscriptionsByTopic=topics).client,
            stack="stagegate",
            prefix="stagegate",
        )
    )
    assert cloudwatch.of("DescribeAlarms") == [{"AlarmNamePrefix": "stagegate-", "StateValue": "ALARM"}]
    return lines


def test_an_alarm_that_stands_is_said_with_its_time() -> None:
    assert told(["stagegate-no-sweep"], f"{ARN}:1") == ["stagegate-no-sweep: in ALARM since 2026-11-30 17:52 UTC"]


def test_a_topic_that_nobody_has_confirmed_is_said() -> None:
    assert told([], f"{ARN}:1", "PendingConfirmation") == []
    for subscriptions in ([], ["PendingConfirmation"], ["Deleted"]):
        found = told([], *subscriptions)
        assert [line.partition(": ")[0] for line in found] == [f"{ARN}-approvers", f"{ARN}-operations"]
