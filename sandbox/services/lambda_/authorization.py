"""What the operations of Lambda need, and the policies on functions.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
"""

from __future__ import annotations

import json
from typing import Any  # moto's store is untyped where it is read here

from moto.awslambda.models import lambda_backends

from sandbox.authorization.accesses import Call, anything, arn, needs, table
from sandbox.authorization.registry import Api, Registry, Resources, policy_at
from sandbox.kernel.arns import Fields
from sandbox.kernel.place import PARTITION

_ELEMENTS = ("Sid", "Effect", "Principal", "Action", "Resource", "Condition")


def _function(call: Call) -> str:
    """A function by name, by `name:qualifier`, by a partial ARN or by its ARN, with the Qualifier."""
    named = str(call.get("FunctionName"))
    if named.startswith("arn:"):
        found = named
    elif ":function:" in named:
        found = f"arn:{PARTITION}:lambda:{call.region}:{named}"
    else:
        found = arn("lambda", call, f"function:{named}")
    qualifier = call.get("Qualifier")
    return f"{found}:{qualifier}" if qualifier and found.count(":") == 6 else found


def _layer_version(call: Call) -> str:
    return arn("lambda", call, f"layer:{call.get('LayerName')}:{call.get('VersionNumber')}")


ROWS = table(
    "lambda",
    dict.fromkeys(("GetFunction", "GetFunctionConcurrency", "GetFunctionConfiguration", "GetPolicy"), _function)
    | {"GetLayerVersion": _layer_version, "ListLayers": None},
    Invoke=needs("lambda:InvokeFunction", _function),
    ListFunctions=needs("lambda:ListFunctions", anything),
)


def _policy(at: Fields) -> str | None:
    name = at.resource.split(":")[1]
    functions: Any = lambda_backends[at.account][at.region]._lambdas  # noqa: SLF001  it has no lookup that doesn't raise
    function = functions._get_latest(name) if name in functions._functions else None  # noqa: SLF001
    if function is None or not function.policy or not function.policy.statements:
        return None
    # moto keeps parameters of AddPermission that are no policy elements beside those that are.
    statements = [{key: each[key] for key in _ELEMENTS if each.get(key)} for each in function.policy.statements]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def register(registry: Registry) -> None:
    """Add this service's entries."""
    registry.add(
        Api(service="lambda", rows=ROWS),
        Resources(
            prefix="lambda",
            condition_keys=frozenset(("lambda:FunctionArn", "lambda:SourceFunctionArn")),
            policy=policy_at("lambda", _policy),
        ),
    )
