"""AWS::KMS::Key and Alias."""

from __future__ import annotations

import json

from sandbox.services.cloudformation.resource_types import Made, Place, Properties, register


def _create(place: Place, properties: Properties) -> Made:
    service = place.client("kms")
    tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in properties.get("Tags", ())]
    metadata = service.create_key(
        Policy=json.dumps(properties["KeyPolicy"]), Description=properties.get("Description", ""), Tags=tags
    )["KeyMetadata"]
    if properties.get("EnableKeyRotation"):
        service.enable_key_rotation(KeyId=metadata["KeyId"])
    return Made(metadata["KeyId"], {"Arn": metadata["Arn"], "KeyId": metadata["KeyId"]})


def _update(place: Place, made: Made, _old: Properties, new: Properties) -> Made:
    service = place.client("kms")
    service.put_key_policy(KeyId=made.ref, PolicyName="default", Policy=json.dumps(new["KeyPolicy"]))
    (service.enable_key_rotation if new.get("EnableKeyRotation") else service.disable_key_rotation)(KeyId=made.ref)
    return made


def _delete(place: Place, made: Made, properties: Properties) -> None:
    days = int(properties.get("PendingWindowInDays", 30))
    place.client("kms").schedule_key_deletion(KeyId=made.ref, PendingWindowInDays=days)


register("AWS::KMS::Key", "Description KeyPolicy EnableKeyRotation PendingWindowInDays Tags", _create, _delete, _update)


def _alias(place: Place, properties: Properties) -> Made:
    place.client("kms").create_alias(AliasName=properties["AliasName"], TargetKeyId=properties["TargetKeyId"])
    return Made(properties["AliasName"])


def _unalias(place: Place, made: Made, _properties: Properties) -> None:
    place.client("kms").delete_alias(AliasName=made.ref)


def _realias(place: Place, made: Made, old: Properties, new: Properties) -> Made:
    _unalias(place, made, old)
    return _alias(place, new)


register("AWS::KMS::Alias", "AliasName TargetKeyId", _alias, _unalias, _realias)
