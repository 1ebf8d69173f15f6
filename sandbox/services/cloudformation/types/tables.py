"""AWS::DynamoDB::Table."""

from __future__ import annotations

from typing import Any

from sandbox.services.cloudformation.errors import TemplateError
from sandbox.services.cloudformation.resource_types import Made, Properties, Slot, register

_PASSED = (
    "AttributeDefinitions",
    "BillingMode",
    "DeletionProtectionEnabled",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "Tags",
)


def _encryption(specification: dict[str, Any]) -> dict[str, Any]:
    names = {"SSEEnabled": "Enabled", "SSEType": "SSEType", "KMSMasterKeyId": "KMSMasterKeyId"}
    return {names[key]: value for key, value in specification.items()}


def _create(slot: Slot, properties: Properties) -> Made:
    name = slot.name(properties, "TableName", 255)
    passed = {key: properties[key] for key in _PASSED if key in properties}
    if "SSESpecification" in properties:
        passed["SSESpecification"] = _encryption(properties["SSESpecification"])
    service = slot.client("dynamodb")
    arn = service.create_table(TableName=name, **passed)["TableDescription"]["TableArn"]
    _settle(slot, name, properties)
    return Made(name, {"Arn": arn})


def _settle(slot: Slot, name: str, properties: Properties) -> None:
    service = slot.client("dynamodb")
    if "PointInTimeRecoverySpecification" in properties:
        service.update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification=properties["PointInTimeRecoverySpecification"]
        )
    if "TimeToLiveSpecification" in properties:
        service.update_time_to_live(TableName=name, TimeToLiveSpecification=properties["TimeToLiveSpecification"])


def _update(slot: Slot, made: Made, old: Properties, new: Properties) -> Made:
    fixed = ("TableName", "KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes")
    if any(old.get(key) != new.get(key) for key in fixed):
        raise TemplateError(f"{slot.logical_id}: unsupported change of a table's keys or name")
    slot.client("dynamodb").update_table(
        TableName=made.ref, DeletionProtectionEnabled=new.get("DeletionProtectionEnabled", False)
    )
    _settle(slot, made.ref, new)
    return made


def _adopt(slot: Slot, identifier: dict[str, str]) -> Made:
    found = slot.client("dynamodb").describe_table(TableName=identifier["TableName"])["Table"]
    return Made(found["TableName"], {"Arn": found["TableArn"]})


def _delete(slot: Slot, made: Made, _properties: Properties) -> None:
    slot.client("dynamodb").delete_table(TableName=made.ref)


register(
    "AWS::DynamoDB::Table",
    f"TableName SSESpecification PointInTimeRecoverySpecification TimeToLiveSpecification {' '.join(_PASSED)}",
    _create,
    _delete,
    _update,
    _adopt,
)
