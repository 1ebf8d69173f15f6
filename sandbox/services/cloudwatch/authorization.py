"""What the operations of CloudWatch need.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
"""

from __future__ import annotations

from sandbox.authorization.accesses import Call, Context, arn, needs, present, table
from sandbox.authorization.registry import QUERY_ERRORS, Api, Registry, Resources


def _alarms(call: Call) -> str:
    return arn("cloudwatch", call, f"alarm:{call.get('AlarmName') or '*'}")


def _namespace(call: Call) -> Context:
    return present(cloudwatch__namespace=call.get("Namespace"))


ROWS = table(
    "cloudwatch",
    {
        "DescribeAlarmHistory": _alarms,
        "DescribeAlarms": _alarms,
        "GetMetricData": None,
        "GetMetricStatistics": None,
        "ListMetrics": None,
        "SetAlarmState": _alarms,
    },
    PutMetricData=needs("cloudwatch:PutMetricData", lambda _: "*", context=_namespace),
)


def register(registry: Registry) -> None:
    """Add this service's entries."""
    registry.add(
        Api(service="cloudwatch", rows=ROWS, errors=QUERY_ERRORS),
        Resources(prefix="cloudwatch", condition_keys=frozenset(("cloudwatch:namespace",))),
    )
