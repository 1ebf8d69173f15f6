"""AWS::SNS::Topic, TopicPolicy and Subscription."""

from __future__ import annotations

import json

from sandbox.services.cloudformation.resource_types import Made, Properties, Slot, register

_ATTRIBUTES = ("DisplayName", "KmsMasterKeyId")


def _create(slot: Slot, properties: Properties) -> Made:
    name = slot.name(properties, "TopicName", 256)
    attributes = {key: str(properties[key]) for key in _ATTRIBUTES if key in properties}
    service = slot.client("sns")
    arn = service.create_topic(Name=name, Attributes=attributes, Tags=properties.get("Tags", []))["TopicArn"]
    for subscription in properties.get("Subscription", ()):
        service.subscribe(TopicArn=arn, Protocol=subscription["Protocol"], Endpoint=subscription["Endpoint"])
    return Made(arn, {"TopicArn": arn, "TopicName": name})


def _delete(slot: Slot, made: Made, _properties: Properties) -> None:
    slot.client("sns").delete_topic(TopicArn=made.ref)


def _update(slot: Slot, made: Made, old: Properties, new: Properties) -> Made:
    if slot.name(old, "TopicName", 256) != slot.name(new, "TopicName", 256) or old.get("Subscription") != new.get(
        "Subscription"
    ):
        _delete(slot, made, old)
        return _create(slot, new)
    for key in _ATTRIBUTES:
        slot.client("sns").set_topic_attributes(
            TopicArn=made.ref, AttributeName=key, AttributeValue=str(new.get(key, ""))
        )
    return made


register("AWS::SNS::Topic", "TopicName DisplayName KmsMasterKeyId Subscription Tags", _create, _delete, _update)


def _policy(slot: Slot, properties: Properties) -> Made:
    document = json.dumps(properties["PolicyDocument"])
    for arn in properties["Topics"]:
        slot.client("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=document)
    return Made(f"{slot.stack}-{slot.logical_id}")


def _update_policy(slot: Slot, _made: Made, _old: Properties, new: Properties) -> Made:
    return _policy(slot, new)


def _delete_policy(slot: Slot, made: Made, properties: Properties) -> None:
    """The topic goes with it: a stack that deletes a topic's policy alone would leave SNS's default one."""


register("AWS::SNS::TopicPolicy", "Topics PolicyDocument", _policy, _delete_policy, _update_policy)


def _subscribe(slot: Slot, properties: Properties) -> Made:
    attributes = {}
    if "FilterPolicy" in properties:
        attributes["FilterPolicy"] = json.dumps(properties["FilterPolicy"])
    arn = slot.client("sns").subscribe(
        TopicArn=properties["TopicArn"],
        Protocol=properties["Protocol"],
        Endpoint=properties["Endpoint"],
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    return Made(arn)


def _unsubscribe(slot: Slot, made: Made, _properties: Properties) -> None:
    slot.client("sns").unsubscribe(SubscriptionArn=made.ref)


register("AWS::SNS::Subscription", "TopicArn Protocol Endpoint FilterPolicy", _subscribe, _unsubscribe)
