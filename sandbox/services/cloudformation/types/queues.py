"""AWS::SQS::Queue and QueuePolicy."""

from __future__ import annotations

import json

from sandbox.services.cloudformation.resource_types import Made, Place, Properties, plain_tags, register

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


def _create(place: Place, properties: Properties) -> Made:
    name = place.name(properties, "QueueName", 80)
    url = place.client("sqs").create_queue(
        QueueName=name, Attributes=_attributes(properties), tags=plain_tags(properties)
    )["QueueUrl"]
    arn = f"arn:aws:sqs:{place.region}:{place.account}:{name}"
    return Made(url, {"Arn": arn, "QueueName": name, "QueueUrl": url})


def _delete(place: Place, made: Made, _properties: Properties) -> None:
    place.client("sqs").delete_queue(QueueUrl=made.ref)


def _update(place: Place, made: Made, old: Properties, new: Properties) -> Made:
    if place.name(old, "QueueName", 80) != place.name(new, "QueueName", 80):
        created = _create(place, new)
        _delete(place, made, old)
        return created
    place.client("sqs").set_queue_attributes(QueueUrl=made.ref, Attributes=_attributes(new))
    return made


register("AWS::SQS::Queue", f"QueueName Tags {' '.join(_ATTRIBUTES)}", _create, _delete, _update)


def _policy(place: Place, properties: Properties) -> Made:
    document = json.dumps(properties["PolicyDocument"])
    for url in properties["Queues"]:
        place.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": document})
    return Made(f"{place.stack}-{place.logical_id}")


def _update_policy(place: Place, _made: Made, _old: Properties, new: Properties) -> Made:
    return _policy(place, new)


def _delete_policy(place: Place, _made: Made, properties: Properties) -> None:
    for url in properties["Queues"]:
        place.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})


register("AWS::SQS::QueuePolicy", "Queues PolicyDocument", _policy, _delete_policy, _update_policy)
