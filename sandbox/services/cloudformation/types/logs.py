"""AWS::Logs::LogGroup."""

from __future__ import annotations

from typing import Any

from sandbox.services.cloudformation.resource_types import Made, Place, Properties, plain_tags, register


def _create(place: Place, properties: Properties) -> Made:
    name = place.name(properties, "LogGroupName", 512)
    service = place.client("logs")
    passed: dict[str, Any] = {"kmsKeyId": properties["KmsKeyId"]} if "KmsKeyId" in properties else {}
    if "Tags" in properties:
        passed["tags"] = plain_tags(properties)
    service.create_log_group(logGroupName=name, **passed)
    if "RetentionInDays" in properties:
        service.put_retention_policy(logGroupName=name, retentionInDays=int(properties["RetentionInDays"]))
    return Made(name, {"Arn": f"arn:aws:logs:{place.region}:{place.account}:log-group:{name}:*"})


def _update(place: Place, made: Made, old: Properties, new: Properties) -> Made:
    if place.name(old, "LogGroupName", 512) != place.name(new, "LogGroupName", 512):
        created = _create(place, new)
        _delete(place, made, old)
        return created
    service = place.client("logs")
    if "RetentionInDays" in new:
        service.put_retention_policy(logGroupName=made.ref, retentionInDays=int(new["RetentionInDays"]))
    else:
        service.delete_retention_policy(logGroupName=made.ref)
    return made


def _delete(place: Place, made: Made, _properties: Properties) -> None:
    place.client("logs").delete_log_group(logGroupName=made.ref)


register("AWS::Logs::LogGroup", "LogGroupName RetentionInDays KmsKeyId Tags", _create, _delete, _update)
