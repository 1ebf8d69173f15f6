"""AWS::S3::Bucket and BucketPolicy."""

from __future__ import annotations

import json
from typing import Any

from sandbox.kernel.place import PARTITION
from sandbox.services.cloudformation.errors import TemplateError
from sandbox.services.cloudformation.resource_types import Made, Properties, Slot, register

_SETTINGS = (
    "BucketEncryption",
    "LifecycleConfiguration",
    "ObjectLockConfiguration",
    "OwnershipControls",
    "PublicAccessBlockConfiguration",
    "VersioningConfiguration",
)


def _name(slot: Slot, properties: Properties) -> str:
    """CloudFormation's own names for buckets are in small letters, and so long."""
    return slot.name(properties, "BucketName", 63).lower()


def _create(slot: Slot, properties: Properties) -> Made:
    name = _name(slot, properties)
    place = {} if slot.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": slot.region}}
    slot.client("s3").create_bucket(Bucket=name, ObjectLockEnabledForBucket=_is_locking(properties), **place)
    _set_up(slot, name, properties)
    return Made(name, {"Arn": f"arn:{PARTITION}:s3:::{name}"})


def _update(slot: Slot, made: Made, old: Properties, new: Properties) -> Made:
    if _name(slot, old) != _name(slot, new):
        raise TemplateError(f"{slot.logical_id}: unsupported change of a bucket's name")
    if _is_locking(old) and not _is_locking(new):
        raise TemplateError(f"{slot.logical_id}: object lock can't be disabled once it is enabled")
    if gone := [key for key in _SETTINGS if key in old and key not in new]:
        raise TemplateError(f"{slot.logical_id}: unsupported removal of {', '.join(gone)}")
    _set_up(slot, made.ref, new)
    return made


def _is_locking(properties: Properties) -> bool:
    return properties.get("ObjectLockEnabled") in (True, "true")


def _set_up(slot: Slot, name: str, properties: Properties) -> None:
    service = slot.client("s3")
    if encryption := properties.get("BucketEncryption"):
        rules = [_rule(rule) for rule in encryption["ServerSideEncryptionConfiguration"]]
        service.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})
    if block := properties.get("PublicAccessBlockConfiguration"):
        service.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=block)
    if controls := properties.get("OwnershipControls"):
        service.put_bucket_ownership_controls(Bucket=name, OwnershipControls=controls)
    if versioning := properties.get("VersioningConfiguration"):
        service.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioning)
    if lock := properties.get("ObjectLockConfiguration"):
        retention = lock["Rule"]["DefaultRetention"]
        rule = {"DefaultRetention": {**retention, "Days": int(retention["Days"])}}
        service.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration={**lock, "Rule": rule})
    if lifecycle := properties.get("LifecycleConfiguration"):
        rules = [{"ID": rule["Id"], "Filter": {}, **_without(rule, "Id")} for rule in lifecycle["Rules"]]
        service.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})


def _rule(rule: Properties) -> dict[str, Any]:
    key = "ServerSideEncryptionByDefault"
    return {"ApplyServerSideEncryptionByDefault": rule[key], **_without(rule, key)}


def _without(rule: Properties, key: str) -> dict[str, Any]:
    return {name: value for name, value in rule.items() if name != key}


def _delete(slot: Slot, made: Made, _properties: Properties) -> None:
    slot.client("s3").delete_bucket(Bucket=made.ref)


register("AWS::S3::Bucket", f"BucketName ObjectLockEnabled {' '.join(_SETTINGS)}", _create, _delete, _update)


def _policy(slot: Slot, properties: Properties) -> Made:
    slot.client("s3").put_bucket_policy(Bucket=properties["Bucket"], Policy=json.dumps(properties["PolicyDocument"]))
    return Made(f"{slot.stack}-{slot.logical_id}")


def _update_policy(slot: Slot, _made: Made, old: Properties, new: Properties) -> Made:
    if old["Bucket"] != new["Bucket"]:
        raise TemplateError(f"{slot.logical_id}: unsupported change of the bucket")
    return _policy(slot, new)


def _delete_policy(slot: Slot, _made: Made, properties: Properties) -> None:
    slot.client("s3").delete_bucket_policy(Bucket=properties["Bucket"])


register("AWS::S3::BucketPolicy", "Bucket PolicyDocument", _policy, _delete_policy, _update_policy)
