"""AWS::DynamoDB::Table."""

from __future__ import annotations

from typing import Any

from sandbox.services.cloudformation.errors import TemplateError
from sandbox.services.cloudformation.resource_types import Made, Place, Properties, register

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


def _create(place: Place, properties: Properties) -> Made:
    name = place.name(properties, "TableName", 255)
    passed = {key: properties[key] for key in _PASSED if key in properties}
    if "SSESpecification" in properties:
        passed["SSESpecification"] = _encryption(properties["SSESpecification"])
    service = place.client("dynamodb")
    arn = service.create_table(TableName=name, **passed)["TableDescription"]["TableArn"]
    _settle(place, name, properties)
    return Made(name, {"Arn": arn})


def _settle(place: Place, name: str, properties: Properties) -> None:
    service = place.client("dynamodb")
    if "PointInTimeRecoverySpecification" in properties:
        service.update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification=properties["PointInTimeRecoverySpecification"]
        )
    if "TimeToLiveSpecification" in properties:
        service.update_time_to_live(TableName=name, TimeToLiveSpecification=properties["TimeToLiveSpecification"])


def _update(place: Place, made: Made, old: Properties, new: Properties) -> Made:
    fixed = ("TableName", "KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes")
    if any(old.get(key) != new.get(key) for key in fixed):
        raise TemplateError(f"{place.logical_id}: unsupported change of a table's keys or name")
    place.client("dynamodb").update_table(
        TableName=made.ref, DeletionProtectionEnabled=new.get("DeletionProtectionEnabled", False)
    )
    _settle(place, made.ref, new)
    return made


def _delete(place: Place, made: Made, _properties: Properties) -> None:
    place.client("dynamodb").delete_table(TableName=made.ref)


register(
    "AWS::DynamoDB::Table",
    f"TableName SSESpecification PointInTimeRecoverySpecification TimeToLiveSpecification {' '.join(_PASSED)}",
    _create,
    _delete,
    _update,
)
