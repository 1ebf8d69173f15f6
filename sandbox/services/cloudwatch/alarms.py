"""CloudWatch metrics and alarms: a data point moves the alarms on it, and an alarm that moves tells its topics."""

from __future__ import annotations

import json
import logging
import operator
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError
from moto.cloudwatch.models import CloudWatchBackend, cloudwatch_backends
from moto.sqs.models import sqs_backends

from sandbox.kernel.clock import clock
from sandbox.kernel.delays import delays
from sandbox.kernel.identity import service
from sandbox.kernel.wire.transport import client

_LOG = logging.getLogger(__name__)

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
_COMPARISONS = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
_STATISTICS: dict[str, Callable[[list[float]], float]] = {
    "Sum": sum,
    "Maximum": max,
    "Minimum": min,
    "SampleCount": len,
    "Average": lambda values: sum(values) / len(values),
}
_KEPT = 1000
_keep_alarm_state = CloudWatchBackend.set_alarm_state

Metric = tuple[str, str, str, str, frozenset[tuple[str, str]]]
"""Account, region, namespace, name, dimensions."""


@dataclass(frozen=True, slots=True)
class FailedAction:
    """An alarm's action that could not be carried out: the topic's or its key's policy does not admit CloudWatch."""

    alarm_arn: str
    action_arn: str
    reason: str


_lock = threading.Lock()
_points: defaultdict[Metric, deque[tuple[float, float]]] = defaultdict(lambda: deque(maxlen=_KEPT))
failed_actions: list[FailedAction] = []


def install() -> None:
    """Put ours in moto's place, in this process. Calling it again changes nothing."""
    CloudWatchBackend.set_alarm_state = _set_alarm_state


def put_metric(
    account: str, region: str, namespace: str, name: str, dimensions: Mapping[str, str], value: float
) -> None:
    """Record a data point now; the alarms on that metric are evaluated after `Delays.alarm_period`."""
    metric: Metric = (account, region, namespace, name, frozenset(dimensions.items()))
    with _lock:
        _points[metric].append((clock.now(), value))
    cloudwatch_backends[account][region].put_metric_data(
        namespace,
        [
            {
                "MetricName": name,
                "Dimensions": [{"Name": key, "Value": item} for key, item in dimensions.items()],
                "Value": value,
                "Timestamp": clock.datetime().replace(tzinfo=None),
            }
        ],
    )
    if any(_is_on(alarm, metric) for alarm in _alarms(account, region)):
        clock.call_later(delays.alarm_period, lambda: _evaluate(metric))


def observe_queue(queue_arn: str) -> None:
    """Record how many messages of a queue are visible, as SQS does every minute.

    The sandbox does it when it has put something there, and again each time an alarm on the queue is evaluated.
    """
    _, _, _, region, account, name = queue_arn.split(":")
    queue = sqs_backends[account][region].queues[name]
    visible = float(queue.approximate_number_of_messages)
    put_metric(account, region, "AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": name}, visible)


def reset() -> None:
    """Forget all data points."""
    with _lock:
        _points.clear()
    failed_actions.clear()


def _alarms(account: str, region: str) -> list[Any]:
    return list(cloudwatch_backends[account][region].alarms.values())


def _is_on(alarm: Any, metric: Metric) -> bool:
    """Whether an alarm of that account and Region is on that metric."""
    _, _, namespace, name, dimensions = metric
    if (alarm.metric_name, alarm.namespace) != (name, namespace) or len(alarm.dimensions or ()) != len(dimensions):
        return False
    return all((each.name, each.value) in dimensions for each in alarm.dimensions or ())


def _evaluate(metric: Metric) -> None:
    account, region = metric[:2]
    for alarm in _alarms(account, region):
        if not _is_on(alarm, metric):
            continue
        window = float(alarm.period) * int(alarm.evaluation_periods)
        with _lock:
            values = [value for at, value in _points[metric] if at > clock.now() - window]
        state = _state(alarm, values)
        if state != alarm.state_value:
            _move(account, region, alarm, state, values)
        if values:  # look again when these points have left the window
            clock.call_later(window, lambda: _evaluate(metric))


def _state(alarm: Any, values: list[float]) -> str:
    if values:
        value = _STATISTICS[alarm.statistic](values)
        return "ALARM" if _COMPARISONS[alarm.comparison_operator](value, float(alarm.threshold)) else "OK"
    missing = alarm.treat_missing_data or "missing"
    states = {"breaching": "ALARM", "notBreaching": "OK", "ignore": str(alarm.state_value)}
    return states.get(missing, "INSUFFICIENT_DATA")


def _move(account: str, region: str, alarm: Any, state: str, values: list[float]) -> None:
    reason = f"Threshold Crossed: {len(values)} datapoint(s) {values[-5:]} against {alarm.threshold}."
    cloudwatch_backends[account][region].set_alarm_state(alarm.name, reason, json.dumps({"values": values[-5:]}), state)


def _set_alarm_state(backend: CloudWatchBackend, name: str, reason: str, reason_data: str, state: str) -> None:
    """SetAlarmState, which carries out the actions of the new state, whoever asks for it ("SetAlarmState", API
    reference of CloudWatch).
    """
    alarm = backend.alarms.get(name)
    before = alarm.state_value if alarm else state
    _keep_alarm_state(backend, name, reason, reason_data, state)
    if alarm and before != state:
        _act(backend.account_id, backend.region_name, alarm, before, reason)


def _act(account: str, region: str, alarm: Any, before: str, reason: str) -> None:
    state = str(alarm.state_value)
    if not alarm.actions_enabled:
        return
    actions = {"ALARM": alarm.alarm_actions, "OK": alarm.ok_actions}.get(state, alarm.insufficient_data_actions)
    for action in actions or ():
        _notify(account, region, alarm, action, before, state, reason)


def _notify(account: str, region: str, alarm: Any, topic_arn: str, before: str, state: str, reason: str) -> None:
    message = {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": account,
        "NewStateValue": state,
        "NewStateReason": reason,
        "OldStateValue": before,
        "StateChangeTime": clock.datetime().isoformat(timespec="milliseconds"),
        "Region": region,
        "AlarmArn": alarm.alarm_arn,
        "Trigger": {
            "MetricName": alarm.metric_name,
            "Namespace": alarm.namespace,
            "Dimensions": [{"name": d.name, "value": d.value} for d in alarm.dimensions or ()],
        },
    }
    caller = service("cloudwatch.amazonaws.com", source_account=account, source_arn=alarm.alarm_arn)
    subject = f'{state}: "{alarm.name}" in {region}'[:100]
    try:
        owner = topic_arn.split(":")[4]
        client("sns", owner, caller, region).publish(TopicArn=topic_arn, Subject=subject, Message=json.dumps(message))
    except ClientError as error:
        _LOG.warning("alarm %s could not tell %s: %s", alarm.name, topic_arn, error)
        failed_actions.append(FailedAction(alarm.alarm_arn, topic_arn, str(error)))
