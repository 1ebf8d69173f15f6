"""What the operations of CloudWatch Logs need.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
"""

from __future__ import annotations

from sandbox.authorization.accesses import Call, arn, table
from sandbox.authorization.registry import Api, Registry, Resources


def _group(call: Call) -> str:
    """A log group; IAM sees it as the stream `` of it, which is why policies need `:*` after the group's name."""
    identifier = call.get("logGroupIdentifier")
    if identifier and str(identifier).startswith("arn:"):
        return f"{str(identifier).removesuffix(':*')}:log-stream:"
    return arn("logs", call, f"log-group:{call.get('logGroupName') or identifier or ''}:log-stream:")


def _stream(call: Call) -> str:
    return f"{_group(call)}{call.get('logStreamName')}"


ROWS = table(
    "logs",
    dict.fromkeys(
        (
            "CreateLogGroup",
            "DeleteLogGroup",
            "DescribeLogGroups",
            "DescribeLogStreams",
            "DescribeMetricFilters",
            "DescribeSubscriptionFilters",
            "FilterLogEvents",
            "PutRetentionPolicy",
        ),
        _group,
    )
    | dict.fromkeys(("CreateLogStream", "DeleteLogStream", "GetLogEvents", "PutLogEvents"), _stream),
)


def register(registry: Registry) -> None:
    """Add this service's entries."""
    registry.add(Api(service="logs", rows=ROWS), Resources(prefix="logs"))
