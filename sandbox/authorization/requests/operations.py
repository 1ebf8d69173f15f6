"""EventBridge, CloudWatch, CloudWatch Logs and CloudFormation: what is used to run and to watch the product.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html and its siblings.
"""

from __future__ import annotations

from sandbox.authorization.requests.mapping import Access, Call, Context, Resource, Row, arn, needs, present, table


def _bus_named(call: Call, name: str | None) -> str:
    return name if name and name.startswith("arn:") else arn("events", call, f"event-bus/{name or 'default'}")


def _bus(call: Call) -> str:
    return _bus_named(call, call.get("Name"))


def _rule(parameter: str) -> Resource:
    def resource(call: Call) -> str:
        bus = str(call.get("EventBusName") or "default").rsplit("/", 1)[-1]
        return arn("events", call, f"rule/{'' if bus == 'default' else f'{bus}/'}{call.get(parameter)}")

    return resource


def _put_events(call: Call) -> list[Access]:
    return [
        Access(
            "events:PutEvents",
            _bus_named(call, entry.get("EventBusName")),
            present(events__source=entry.get("Source")) | _detail_type(entry.get("DetailType")),
        )
        for entry in call.get("Entries") or []
    ]


def _detail_type(value: str | None) -> Context:
    return {"events:detail-type": (value,)} if value else {}


EVENTS: dict[str, Row] = table(
    "events",
    {
        "DescribeEventBus": _bus,
        "DescribeRule": _rule("Name"),
        "DisableRule": _rule("Name"),
        "EnableRule": _rule("Name"),
        "ListEventBuses": None,
        "ListRuleNamesByTarget": None,
        "ListRules": None,
        "ListTargetsByRule": _rule("Rule"),
        "TestEventPattern": None,
    },
    PutEvents=_put_events,
)


def _group(call: Call) -> str:
    """A log group; IAM sees it as the stream `` of it, which is why policies need `:*` after the group's name."""
    identifier = call.get("logGroupIdentifier")
    if identifier and str(identifier).startswith("arn:"):
        return f"{str(identifier).removesuffix(':*')}:log-stream:"
    return arn("logs", call, f"log-group:{call.get('logGroupName') or identifier or ''}:log-stream:")


def _stream(call: Call) -> str:
    return f"{_group(call)}{call.get('logStreamName')}"


LOGS: dict[str, Row] = table(
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


def _alarms(call: Call) -> str:
    return arn("cloudwatch", call, f"alarm:{call.get('AlarmName') or '*'}")


def _namespace(call: Call) -> Context:
    return present(cloudwatch__namespace=call.get("Namespace"))


CLOUDWATCH: dict[str, Row] = table(
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


def _stack(call: Call) -> str:
    named = str(call.get("StackName") or "*")
    return named if named.startswith("arn:") else arn("cloudformation", call, f"stack/{named}/*")


CLOUDFORMATION: dict[str, Row] = table(
    "cloudformation",
    dict.fromkeys(
        (
            "DescribeStackEvents",
            "DescribeStackResource",
            "DescribeStackResources",
            "DescribeStacks",
            "GetTemplate",
            "ListStackResources",
        ),
        _stack,
    )
    | {"ListStacks": None},
)
