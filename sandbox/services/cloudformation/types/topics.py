"""AWS::SNS::Topic, TopicPolicy and Subscription."""

from __future__ import annotations

import json

from sandbox.services.cloudformation.resource_types import Made, Place, Properties, register

_ATTRIBUTES = ("DisplayName", "KmsMasterKeyId")


def _create(place: Place, properties: Properties) -> Made:
    name = place.name(properties, "TopicName", 256)
    attributes = {key: str(properties[key]) for key in _ATTRIBUTES if key in properties}
    service = place.client("sns")
    arn = service.create_topic(Name=name, Attributes=attributes, Tags=properties.get("Tags", []))["TopicArn"]
    for subscription in properties.get("Subscription", ()):
        service.subscribe(TopicArn=arn, Protocol=subscription["Protocol"], Endpoint=subscription["Endpoint"])
    return Made(arn, {"TopicArn": arn, "TopicName": name})


def _delete(place: Place, made: Made, _properties: Properties) -> None:
    place.client("sns").delete_topic(TopicArn=made.ref)


def _update(place: Place, made: Made, old: Properties, new: Properties) -> Made:
    if place.name(old, "TopicName", 256) != place.name(new, "TopicName", 256) or old.get("Subscription") != new.get(
        "Subscription"
    ):
        _delete(place, made, old)
        return _create(place, new)
    for key in _ATTRIBUTES:
        place.client("sns").set_topic_attributes(
            TopicArn=made.ref, AttributeName=key, AttributeValue=str(new.get(key, ""))
        )
    return made


register("AWS::SNS::Topic", "TopicName DisplayName KmsMasterKeyId Subscription Tags", _create, _delete, _update)


def _policy(place: Place, properties: Properties) -> Made:
    document = json.dumps(properties["PolicyDocument"])
    for arn in properties["Topics"]:
        place.client("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=document)
    return Made(f"{place.stack}-{place.logical_id}")


def _update_policy(place: Place, _made: Made, _old: Properties, new: Properties) -> Made:
    return _policy(place, new)


def _delete_policy(place: Place, made: Made, properties: Properties) -> None:
    """The topic goes with it: a stack that deletes a topic's policy alone would leave SNS's default one."""


register("AWS::SNS::TopicPolicy", "Topics PolicyDocument", _policy, _delete_policy, _update_policy)


def _subscribe(place: Place, properties: Properties) -> Made:
    attributes = {}
    if "FilterPolicy" in properties:
        attributes["FilterPolicy"] = json.dumps(properties["FilterPolicy"])
    arn = place.client("sns").subscribe(
        TopicArn=properties["TopicArn"],
        Protocol=properties["Protocol"],
        Endpoint=properties["Endpoint"],
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    return Made(arn)


def _unsubscribe(place: Place, made: Made, _properties: Properties) -> None:
    place.client("sns").unsubscribe(SubscriptionArn=made.ref)


register("AWS::SNS::Subscription", "TopicArn Protocol Endpoint FilterPolicy", _subscribe, _unsubscribe)
