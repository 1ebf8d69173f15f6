"""Step Functions and Lambda.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html and …/list_awslambda.html
"""

from __future__ import annotations

from sandbox.authorization.requests.mapping import Call, Row, anything, arn, needs, parameter, table

_MACHINE = parameter("stateMachineArn")
_EXECUTION = parameter("executionArn")


def _listed(call: Call) -> str:
    return str(call.get("stateMachineArn") or call.get("mapRunArn"))


STATES: dict[str, Row] = table(
    "states",
    dict.fromkeys(("DescribeStateMachine", "StartExecution"), _MACHINE)
    | dict.fromkeys(
        ("DescribeExecution", "DescribeStateMachineForExecution", "GetExecutionHistory", "StopExecution"), _EXECUTION
    )
    | dict.fromkeys(("ListStateMachines", "SendTaskFailure", "SendTaskHeartbeat", "SendTaskSuccess"))
    | {"ListExecutions": _listed},
)


def _function(call: Call) -> str:
    """A function by name, by `name:qualifier`, by a partial ARN or by its ARN, with the Qualifier."""
    named = str(call.get("FunctionName"))
    if named.startswith("arn:"):
        found = named
    elif ":function:" in named:
        found = f"arn:aws:lambda:{call.region}:{named}"
    else:
        found = arn("lambda", call, f"function:{named}")
    qualifier = call.get("Qualifier")
    return f"{found}:{qualifier}" if qualifier and found.count(":") == 6 else found


def _layer_version(call: Call) -> str:
    return arn("lambda", call, f"layer:{call.get('LayerName')}:{call.get('VersionNumber')}")


LAMBDA: dict[str, Row] = table(
    "lambda",
    dict.fromkeys(("GetFunction", "GetFunctionConcurrency", "GetFunctionConfiguration", "GetPolicy"), _function)
    | {"GetLayerVersion": _layer_version, "ListLayers": None},
    Invoke=needs("lambda:InvokeFunction", _function),
    ListFunctions=needs("lambda:ListFunctions", anything),
)
