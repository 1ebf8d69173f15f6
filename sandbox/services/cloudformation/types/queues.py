"""AWS::SQS::Queue and QueuePolicy."""

from __future__ import annotations

import json

from sandbox.kernel.place import PARTITION
from sandbox.services.cloudformation.resource_types import Made, Properties, Slot, plain_tags, register

_ATTRIBUTES = (
    "DelaySeconds",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
)


def _attributes(properties: Properties) -> dict[str, str]:
    found = {key: properties[key] for key in _ATTRIBUTES if key in properties}
    return {key: json.dumps(value) if isinstance(value, dict | bool) else str(value) for key, value in found.items()}


def _create(slot: Slot, properties: Properties) -> Made:
    name = slot.name(properties, "QueueName", 80)
    url = slot.client("sqs").create_queue(
        QueueName=name, Attributes=_attributes(properties), tags=plain_tags(properties)
    )["QueueUrl"]
    arn = f"arn:{PARTITION}:sqs:{slot.region}:{slot.account}:{name}"
    return Made(url, {"Arn": arn, "QueueName": name, "QueueUrl": url})


def _delete(slot: Slot, made: Made, _properties: Properties) -> None:
    slot.client("sqs").delete_queue(QueueUrl=made.ref)


def _update(slot: Slot, made: Made, old: Properties, new: Properties) -> Made:
    if slot.name(old, "QueueName", 80) != slot.name(new, "QueueName", 80):
        created = _create(slot, new)
        _delete(slot, made, old)
        return created
    slot.client("sqs").set_queue_attributes(QueueUrl=made.ref, Attributes=_attributes(new))
    return made


register("AWS::SQS::Queue", f"QueueName Tags {' '.join(_ATTRIBUTES)}", _create, _delete, _update)


def _policy(slot: Slot, properties: Properties) -> Made:
    document = json.dumps(properties["PolicyDocument"])
    for url in properties["Queues"]:
        slot.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": document})
    return Made(f"{slot.stack}-{slot.logical_id}")


def _update_policy(slot: Slot, _made: Made, _old: Properties, new: Properties) -> Made:
    return _policy(slot, new)


def _delete_policy(slot: Slot, _made: Made, properties: Properties) -> None:
    for url in properties["Queues"]:
        slot.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})


register("AWS::SQS::QueuePolicy", "Queues PolicyDocument", _policy, _delete_policy, _update_policy)
