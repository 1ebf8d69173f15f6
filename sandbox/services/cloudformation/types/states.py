"""AWS::StepFunctions::StateMachine."""

from __future__ import annotations

import json
import re
from typing import Any

from sandbox.services.cloudformation.errors import TemplateError
from sandbox.services.cloudformation.resource_types import Made, Properties, Slot, register


def _definition(slot: Slot, properties: Properties) -> str:
    if "DefinitionString" in properties:
        text = properties["DefinitionString"]
    elif "DefinitionS3Location" in properties:
        location = properties["DefinitionS3Location"]
        answer = slot.client("s3").get_object(Bucket=location["Bucket"], Key=location["Key"])
        text = answer["Body"].read().decode()
    else:
        text = json.dumps(properties["Definition"])
    for name, value in properties.get("DefinitionSubstitutions", {}).items():
        text = text.replace(f"${{{name}}}", str(value))
    left = sorted(set(re.findall(r"\$\{\w+\}", text)))
    if left:
        raise TemplateError(f"{slot.logical_id}: no DefinitionSubstitutions for {', '.join(left)}")
    return str(text)


def _lower(value: Any) -> Any:
    """CloudFormation's `LogGroupArn` is the API's `logGroupArn`, and so on."""
    if isinstance(value, dict):
        return {key[0].lower() + key[1:]: _lower(item) for key, item in value.items()}
    return [_lower(item) for item in value] if isinstance(value, list) else value


def _settings(properties: Properties) -> dict[str, Any]:
    names = ("LoggingConfiguration", "TracingConfiguration", "EncryptionConfiguration")
    return {f"{name[0].lower()}{name[1:]}": _lower(properties[name]) for name in names if name in properties}


def _create(slot: Slot, properties: Properties) -> Made:
    if properties.get("StateMachineType", "STANDARD") != "STANDARD":
        raise TemplateError(f"{slot.logical_id}: unsupported StateMachineType {properties['StateMachineType']}")
    name = slot.name(properties, "StateMachineName", 80)
    tags = [{"key": tag["Key"], "value": tag["Value"]} for tag in properties.get("Tags", ())]
    arn = slot.client("stepfunctions").create_state_machine(
        name=name,
        definition=_definition(slot, properties),
        roleArn=properties["RoleArn"],
        tags=tags,
        **_settings(properties),
    )["stateMachineArn"]
    return Made(arn, {"Arn": arn, "Name": name})


def _update(slot: Slot, made: Made, old: Properties, new: Properties) -> Made:
    if slot.name(old, "StateMachineName", 80) != slot.name(new, "StateMachineName", 80):
        created = _create(slot, new)
        _delete(slot, made, old)
        return created
    slot.client("stepfunctions").update_state_machine(
        stateMachineArn=made.ref, definition=_definition(slot, new), roleArn=new["RoleArn"], **_settings(new)
    )
    return made


def _delete(slot: Slot, made: Made, _properties: Properties) -> None:
    slot.client("stepfunctions").delete_state_machine(stateMachineArn=made.ref)


register(
    "AWS::StepFunctions::StateMachine",
    "StateMachineName StateMachineType DefinitionString DefinitionS3Location Definition DefinitionSubstitutions "
    "RoleArn LoggingConfiguration TracingConfiguration EncryptionConfiguration Tags",
    _create,
    _delete,
    _update,
)
