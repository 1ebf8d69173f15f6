"""What the operations of CloudFormation need.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html
"""

from __future__ import annotations

from sandbox.authorization.accesses import Call, arn, table
from sandbox.authorization.registry import QUERY_ERRORS, Api, Registry, Resources


def _stack(call: Call) -> str:
    named = str(call.get("StackName") or "*")
    return named if named.startswith("arn:") else arn("cloudformation", call, f"stack/{named}/*")


ROWS = table(
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


def register(registry: Registry) -> None:
    """Add this service's entries."""
    registry.add(Api(service="cloudformation", rows=ROWS, errors=QUERY_ERRORS), Resources(prefix="cloudformation"))
