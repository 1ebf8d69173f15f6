"""AWS::Logs::LogGroup."""

from __future__ import annotations

from typing import Any

from sandbox.services.cloudformation.resource_types import Made, Properties, Slot, plain_tags, register


def _create(slot: Slot, properties: Properties) -> Made:
    name = slot.name(properties, "LogGroupName", 512)
    service = slot.client("logs")
    passed: dict[str, Any] = {"kmsKeyId": properties["KmsKeyId"]} if "KmsKeyId" in properties else {}
    if "Tags" in properties:
        passed["tags"] = plain_tags(properties)
    service.create_log_group(logGroupName=name, **passed)
    if "RetentionInDays" in properties:
        service.put_retention_policy(logGroupName=name, retentionInDays=int(properties["RetentionInDays"]))
    return Made(name, {"Arn": f"arn:aws:logs:{slot.region}:{slot.account}:log-group:{name}:*"})


def _update(slot: Slot, made: Made, old: Properties, new: Properties) -> Made:
    if slot.name(old, "LogGroupName", 512) != slot.name(new, "LogGroupName", 512):
        created = _create(slot, new)
        _delete(slot, made, old)
        return created
    service = slot.client("logs")
    if "RetentionInDays" in new:
        service.put_retention_policy(logGroupName=made.ref, retentionInDays=int(new["RetentionInDays"]))
    else:
        service.delete_retention_policy(logGroupName=made.ref)
    return made


def _delete(slot: Slot, made: Made, _properties: Properties) -> None:
    slot.client("logs").delete_log_group(logGroupName=made.ref)


register("AWS::Logs::LogGroup", "LogGroupName RetentionInDays KmsKeyId Tags", _create, _delete, _update)
