"""That a task's arguments are what the AWS operation behind it takes, by botocore's model of it."""

import re
from collections.abc import Iterator
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from .machine import Level

_RESOURCE = re.compile(
    r"arn:(?:aws|\$\{\w+\}):states:::(?P<sdk>aws-sdk:)?(?P<service>[a-z0-9]+):(?P<action>[A-Za-z0-9]+)"
    r"(?:\.(?:sync|sync:2|waitForTaskToken))?"
)
# Step Functions' names of services where botocore has others.
# https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
_SERVICES = {"sfn": "stepfunctions", "states": "stepfunctions", "eventbridge": "events", "cloudwatchlogs": "logs"}

UNMODELLED = {
    "AccessDeniedException",
    "AmazonDynamoDBException",
    "SdkClientException",
    "SfnException",
    "ThrottlingException",
}
"""What any operation can fail with, and not every model of botocore has."""

_SESSION = botocore.session.get_session()


def integration_problems(level: Level) -> list[str]:
    """Find operations that AWS doesn't have, and arguments that they don't take or miss."""
    return [
        f"{level.name}.{name}: {problem}"
        for name, state in level.states.items()
        if state["Type"] == "Task"
        for problem in _problems(state["Resource"], state.get("Arguments"))
    ]


def errors_of(resource: str) -> frozenset[str]:
    """Return the errors that an integration can fail with, as `Service.Error`; Step Functions adds "Exception"."""
    found = _RESOURCE.fullmatch(resource)
    if found is None or isinstance(model := _model(found), str):
        return frozenset()
    names = {shape.name for shape in model.error_shapes} | UNMODELLED
    services = {found["service"], _SERVICES.get(found["service"], found["service"])}
    return frozenset(
        f"{service}.{name}{suffix}"
        for service in services
        for name in names
        for suffix in ("", "" if name.endswith("Exception") else "Exception")
    )


def _problems(resource: str, arguments: object) -> Iterator[str]:
    found = _RESOURCE.fullmatch(resource)
    if found is None:
        if not re.fullmatch(r"\$\{\w+\}", resource):  # the ARN of a function takes whatever the function takes
            yield f"{resource} is no integration"
        return
    model = _model(found)
    if isinstance(model, str):
        yield model
    elif not isinstance(arguments, str):  # one expression for all of them says nothing before it runs
        yield from _mismatch("Arguments", arguments or {}, model.input_shape, takes_json=not found["sdk"])


def _model(found: re.Match[str]) -> OperationModel | str:
    """Return botocore's model of an operation, or what is wrong with its name."""
    service = _SERVICES.get(found["service"], found["service"])
    if service not in _SESSION.get_available_services():
        return f"AWS has no service {found['service']}"
    model = _SESSION.get_service_model(service)
    operation = found["action"][0].upper() + found["action"][1:]
    if operation not in model.operation_names:
        return f"{service} has no operation {operation}"
    return model.operation_model(operation)


def _mismatch(environment: str, value: Any, shape: Shape | None, *, takes_json: bool) -> Iterator[str]:
    """Compare a value with its shape. The optimized integrations turn structures into the text of a payload."""
    if isinstance(value, str) and value.startswith("{%"):
        return
    match shape:
        case StructureShape() if isinstance(value, dict):
            yield from _members(environment, value, shape, takes_json=takes_json)
        case ListShape() if isinstance(value, list):
            for number, below in enumerate(value):
                yield from _mismatch(f"{environment}[{number}]", below, shape.member, takes_json=takes_json)
        case MapShape() if isinstance(value, dict):
            for name, below in value.items():
                yield from _mismatch(f"{environment}.{name}", below, shape.value, takes_json=takes_json)
        case None:
            if value:
                yield f"{environment} is {value!r}, and the operation takes nothing"
        case _ if not _fits(value, shape.type_name, takes_json=takes_json):
            yield f"{environment} is {value!r}, not a {shape.type_name}"


def _members(environment: str, value: dict[str, Any], shape: StructureShape, *, takes_json: bool) -> Iterator[str]:
    """Compare a table with a structure, whose members begin with a capital in Step Functions."""
    members = {name[0].upper() + name[1:]: member for name, member in shape.members.items()}
    for name in sorted({name[0].upper() + name[1:] for name in shape.required_members} - value.keys()):
        yield f"{environment} lacks {name}"
    for name, below in value.items():
        if name in members:
            yield from _mismatch(f"{environment}.{name}", below, members[name], takes_json=takes_json)
        else:
            yield f"{environment} has {name}, which isn't one of {', '.join(sorted(members))}"


def _fits(value: object, kind: str, *, takes_json: bool) -> bool:
    match kind:
        case "string" | "blob":
            return isinstance(value, str) or (takes_json and isinstance(value, dict | list))
        case "boolean":
            return isinstance(value, bool)
        case "integer" | "long" | "float" | "double":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "timestamp":
            return isinstance(value, str)
        case _:
            return False
