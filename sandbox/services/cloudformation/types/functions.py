"""AWS::Lambda::Function, Permission and EventInvokeConfig."""

from __future__ import annotations

from typing import Any

from moto.awslambda.models import lambda_backends

from sandbox.services.cloudformation.errors import TemplateError
from sandbox.services.cloudformation.resource_types import Made, Properties, Slot, plain_tags, register
from sandbox.services.cloudformation.types.code import content

_PASSED = (
    "Description Handler Role Runtime MemorySize Timeout Environment Layers TracingConfig Architectures "
    "EphemeralStorage"
)


def _configuration(properties: Properties) -> dict[str, Any]:
    passed = {name: properties[name] for name in _PASSED.split() if name in properties}
    if "KmsKeyArn" in properties:
        passed["KMSKeyArn"] = properties["KmsKeyArn"]
    if "Environment" in passed:
        variables = passed["Environment"].get("Variables", {})
        passed["Environment"] = {"Variables": {name: str(value) for name, value in variables.items()}}
    return passed


def _create(slot: Slot, properties: Properties) -> Made:
    name = slot.name(properties, "FunctionName")
    answer = slot.client("lambda").create_function(
        FunctionName=name,
        Code=content(slot, properties["Code"]),
        Tags=plain_tags(properties),
        **_configuration(properties),
    )
    _settle(slot, name, properties)
    return Made(name, {"Arn": answer["FunctionArn"]})


def _update(slot: Slot, made: Made, old: Properties, new: Properties) -> Made:
    if slot.name(old, "FunctionName") != slot.name(new, "FunctionName"):
        created = _create(slot, new)
        _delete(slot, made, old)
        return created
    service = slot.client("lambda")
    if old["Code"] != new["Code"]:
        service.update_function_code(FunctionName=made.ref, **content(slot, new["Code"]))
    configuration = {key: value for key, value in _configuration(new).items() if key != "Architectures"}
    service.update_function_configuration(FunctionName=made.ref, **configuration)
    _settle(slot, made.ref, new)
    return made


def _settle(slot: Slot, name: str, properties: Properties) -> None:
    """What moto's API drops: where the log goes, the dead-letter target, the layers of an update."""
    logging = properties.get("LoggingConfig", {})
    odd = set(logging) - {"LogGroup", "LogFormat", "ApplicationLogLevel", "SystemLogLevel"}
    if odd:
        raise TemplateError(f"{slot.logical_id}: unsupported LoggingConfig {sorted(odd)}")
    function = lambda_backends[slot.account][slot.region].get_function(name)
    function.logs_group_name = logging.get("LogGroup", f"/aws/lambda/{name}")
    function.dead_letter_arn = properties.get("DeadLetterConfig", {}).get("TargetArn")
    function.reserved_concurrency = properties.get("ReservedConcurrentExecutions")
    function.layers = function._get_layers_data(properties.get("Layers", []))  # noqa: SLF001


def _delete(slot: Slot, made: Made, _properties: Properties) -> None:
    slot.client("lambda").delete_function(FunctionName=made.ref)


register(
    "AWS::Lambda::Function",
    f"FunctionName Code Tags LoggingConfig DeadLetterConfig ReservedConcurrentExecutions KmsKeyArn {_PASSED}",
    _create,
    _delete,
    _update,
)


def _permit(slot: Slot, properties: Properties) -> Made:
    wanted = {
        name: properties[name]
        for name in ("Action", "FunctionName", "Principal", "SourceArn", "SourceAccount")
        if name in properties
    }
    statement = f"{slot.stack}-{slot.logical_id}"
    slot.client("lambda").add_permission(StatementId=statement, **wanted)
    return Made(statement)


def _forbid(slot: Slot, made: Made, properties: Properties) -> None:
    slot.client("lambda").remove_permission(FunctionName=properties["FunctionName"], StatementId=made.ref)


def _permit_anew(slot: Slot, made: Made, old: Properties, new: Properties) -> Made:
    _forbid(slot, made, old)
    return _permit(slot, new)


register(
    "AWS::Lambda::Permission",
    "Action FunctionName Principal SourceArn SourceAccount",
    _permit,
    _forbid,
    _permit_anew,
)


def _configure(slot: Slot, properties: Properties) -> Made:
    if properties.get("Qualifier", "$LATEST") != "$LATEST":
        raise TemplateError(f"{slot.logical_id}: unsupported Qualifier {properties['Qualifier']}")
    wanted = {name: value for name, value in properties.items() if name != "Qualifier"}
    for name in ("MaximumRetryAttempts", "MaximumEventAgeInSeconds"):
        if name in wanted:
            wanted[name] = int(wanted[name])
    slot.client("lambda").put_function_event_invoke_config(**wanted)
    return Made(f"{properties['FunctionName']}:$LATEST")


def _configure_anew(slot: Slot, _made: Made, _old: Properties, new: Properties) -> Made:
    return _configure(slot, new)


def _unconfigure(slot: Slot, _made: Made, properties: Properties) -> None:
    slot.client("lambda").delete_function_event_invoke_config(FunctionName=properties["FunctionName"])


register(
    "AWS::Lambda::EventInvokeConfig",
    "FunctionName Qualifier MaximumRetryAttempts MaximumEventAgeInSeconds DestinationConfig",
    _configure,
    _unconfigure,
    _configure_anew,
)
