"""AWS::Logs::LogGroup."""

from __future__ import annotations

from typing import Any

from sandbox.authorization.accesses import encryption_context
from sandbox.authorization.authorize import authorize
from sandbox.kernel.identity import service
from sandbox.kernel.place import PARTITION, URL_SUFFIX
from sandbox.services.cloudformation.errors import TemplateError
from sandbox.services.cloudformation.resource_types import Made, Properties, Slot, plain_tags, register


def _create(slot: Slot, properties: Properties) -> Made:
    name = slot.name(properties, "LogGroupName", 512)
    logs = slot.client("logs")
    passed: dict[str, Any] = {}
    if "KmsKeyId" in properties:
        _require_key(slot, name, str(properties["KmsKeyId"]))
        passed["kmsKeyId"] = properties["KmsKeyId"]
    if "Tags" in properties:
        passed["tags"] = plain_tags(properties)
    logs.create_log_group(logGroupName=name, **passed)
    if "RetentionInDays" in properties:
        logs.put_retention_policy(logGroupName=name, retentionInDays=int(properties["RetentionInDays"]))
    return _made(slot, name)


def _made(slot: Slot, name: str) -> Made:
    return Made(name, {"Arn": f"arn:{PARTITION}:logs:{slot.region}:{slot.account}:log-group:{name}:*"})


def _update(slot: Slot, made: Made, old: Properties, new: Properties) -> Made:
    if slot.name(old, "LogGroupName", 512) != slot.name(new, "LogGroupName", 512) or _keys(old) != _keys(new):
        created = _create(slot, new)
        _delete(slot, made, old)
        return created
    logs = slot.client("logs")
    if "RetentionInDays" in new:
        logs.put_retention_policy(logGroupName=made.ref, retentionInDays=int(new["RetentionInDays"]))
    else:
        logs.delete_retention_policy(logGroupName=made.ref)
    return made


def _keys(properties: Properties) -> Any:
    return properties.get("KmsKeyId")


def _require_key(slot: Slot, name: str, key: str) -> None:
    """CloudWatch Logs tries the key when a group is associated with it: its policy has to let the service in.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    group = f"arn:{PARTITION}:logs:{slot.region}:{slot.account}:log-group:{name}"
    logs = service(f"logs.{slot.region}.{URL_SUFFIX}", source_account=slot.account)
    context = encryption_context({"aws:logs:arn": group})
    for action in ("Encrypt", "Decrypt", "GenerateDataKey", "DescribeKey"):
        if not authorize(logs, f"kms:{action}", [key], context, slot.region).allowed:
            raise TemplateError(
                f"{slot.logical_id}: the policy of {key} doesn't let CloudWatch Logs use it: kms:{action}"
            )


def _adopt(slot: Slot, identifier: dict[str, str]) -> Made:
    name = identifier["LogGroupName"]
    found = slot.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    if name not in [group["logGroupName"] for group in found]:
        raise ValueError(f"there is no log group {name}")
    return _made(slot, name)


def _delete(slot: Slot, made: Made, _properties: Properties) -> None:
    slot.client("logs").delete_log_group(logGroupName=made.ref)


register("AWS::Logs::LogGroup", "LogGroupName RetentionInDays KmsKeyId Tags", _create, _delete, _update, _adopt)
