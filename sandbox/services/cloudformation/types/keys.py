"""AWS::KMS::Key and Alias."""

from __future__ import annotations

import json

from sandbox.services.cloudformation.resource_types import Made, Properties, Slot, register


def _create(slot: Slot, properties: Properties) -> Made:
    service = slot.client("kms")
    tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in properties.get("Tags", ())]
    metadata = service.create_key(
        Policy=json.dumps(properties["KeyPolicy"]), Description=properties.get("Description", ""), Tags=tags
    )["KeyMetadata"]
    if properties.get("EnableKeyRotation"):
        service.enable_key_rotation(KeyId=metadata["KeyId"])
    return Made(metadata["KeyId"], {"Arn": metadata["Arn"], "KeyId": metadata["KeyId"]})


def _update(slot: Slot, made: Made, _old: Properties, new: Properties) -> Made:
    service = slot.client("kms")
    service.put_key_policy(KeyId=made.ref, PolicyName="default", Policy=json.dumps(new["KeyPolicy"]))
    (service.enable_key_rotation if new.get("EnableKeyRotation") else service.disable_key_rotation)(KeyId=made.ref)
    return made


def _adopt(slot: Slot, identifier: dict[str, str]) -> Made:
    metadata = slot.client("kms").describe_key(KeyId=identifier["KeyId"])["KeyMetadata"]
    return Made(metadata["KeyId"], {"Arn": metadata["Arn"], "KeyId": metadata["KeyId"]})


def _delete(slot: Slot, made: Made, properties: Properties) -> None:
    days = int(properties.get("PendingWindowInDays", 30))
    slot.client("kms").schedule_key_deletion(KeyId=made.ref, PendingWindowInDays=days)


register(
    "AWS::KMS::Key",
    "Description KeyPolicy EnableKeyRotation PendingWindowInDays Tags",
    _create,
    _delete,
    _update,
    _adopt,
)


def _alias(slot: Slot, properties: Properties) -> Made:
    slot.client("kms").create_alias(AliasName=properties["AliasName"], TargetKeyId=properties["TargetKeyId"])
    return Made(properties["AliasName"])


def _unalias(slot: Slot, made: Made, _properties: Properties) -> None:
    slot.client("kms").delete_alias(AliasName=made.ref)


def _realias(slot: Slot, made: Made, old: Properties, new: Properties) -> Made:
    _unalias(slot, made, old)
    return _alias(slot, new)


register("AWS::KMS::Alias", "AliasName TargetKeyId", _alias, _unalias, _realias)
