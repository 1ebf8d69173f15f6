"""AWS::CloudWatch::Alarm: on one metric; metric math is not supported."""

from __future__ import annotations

from sandbox.services.cloudformation.resource_types import Made, Properties, Slot, register

_PASSED = (
    "AlarmDescription",
    "AlarmActions",
    "OKActions",
    "InsufficientDataActions",
    "ActionsEnabled",
    "MetricName",
    "Namespace",
    "Dimensions",
    "Statistic",
    "ComparisonOperator",
    "TreatMissingData",
    "Unit",
)
_NUMBERS = {"Period": int, "EvaluationPeriods": int, "DatapointsToAlarm": int, "Threshold": float}


def _create(slot: Slot, properties: Properties) -> Made:
    name = slot.name(properties, "AlarmName", 255)
    passed = {key: properties[key] for key in _PASSED if key in properties}
    passed |= {key: convert(properties[key]) for key, convert in _NUMBERS.items() if key in properties}
    service = slot.client("cloudwatch")
    service.put_metric_alarm(AlarmName=name, **passed)
    return Made(name, {"Arn": service.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["AlarmArn"]})


def _update(slot: Slot, made: Made, old: Properties, new: Properties) -> Made:
    if slot.name(old, "AlarmName", 255) != slot.name(new, "AlarmName", 255):
        _delete(slot, made, old)
    return _create(slot, new)


def _delete(slot: Slot, made: Made, _properties: Properties) -> None:
    slot.client("cloudwatch").delete_alarms(AlarmNames=[made.ref])


register("AWS::CloudWatch::Alarm", f"AlarmName {' '.join(_PASSED)} {' '.join(_NUMBERS)}", _create, _delete, _update)
