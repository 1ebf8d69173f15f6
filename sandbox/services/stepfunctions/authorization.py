"""What the operations of Step Functions need.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html
"""

from __future__ import annotations

from sandbox.authorization.accesses import Call, parameter, table
from sandbox.authorization.registry import Api, Registry, Resources

_MACHINE = parameter("stateMachineArn")
_EXECUTION = parameter("executionArn")


def _listed(call: Call) -> str:
    return str(call.get("stateMachineArn") or call.get("mapRunArn"))


ROWS = table(
    "states",
    dict.fromkeys(("DescribeStateMachine", "StartExecution"), _MACHINE)
    | dict.fromkeys(
        ("DescribeExecution", "DescribeStateMachineForExecution", "GetExecutionHistory", "StopExecution"), _EXECUTION
    )
    | dict.fromkeys(("ListStateMachines", "SendTaskFailure", "SendTaskHeartbeat", "SendTaskSuccess"))
    | {"ListExecutions": _listed},
)


def register(registry: Registry) -> None:
    """Add this service's entries."""
    registry.add(
        Api(service="stepfunctions", rows=ROWS),
        Resources(prefix="states", condition_keys=frozenset(("states:StateMachineQualifier",))),
    )
