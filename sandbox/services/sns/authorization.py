"""What the operations of SNS need, the policies on topics and their keys.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
"""

from __future__ import annotations

from dataclasses import replace

from moto.sns.models import Topic, sns_backends

from sandbox.authorization.accesses import Access, Call, Context, arn, needs, parameter, present, table
from sandbox.authorization.registry import QUERY_ERRORS, WRITE_KEY, Api, Encryption, Registry, Resources, policy_at
from sandbox.kernel.arns import Fields
from sandbox.kernel.place import PARTITION


def _topic(call: Call) -> str:
    # A message to a phone has no resource.
    return str(call.get("TopicArn") or call.get("TargetArn") or "*")


def _new_topic(call: Call) -> str:
    return arn("sns", call, str(call.get("Name")))


def _subscription(call: Call) -> Context:
    return present(sns__Protocol=call.get("Protocol"), sns__Endpoint=call.get("Endpoint"))


ROWS = table(
    "sns",
    dict.fromkeys(
        (
            "AddPermission",
            "ConfirmSubscription",
            "DeleteTopic",
            "GetTopicAttributes",
            "ListSubscriptionsByTopic",
            "Publish",
            "RemovePermission",
            "SetTopicAttributes",
        ),
        _topic,
    )
    | dict.fromkeys(
        ("GetSubscriptionAttributes", "ListSubscriptions", "ListTopics", "SetSubscriptionAttributes", "Unsubscribe"),
    )
    | {"CreateTopic": _new_topic, "ListTagsForResource": parameter("ResourceArn")},
    PublishBatch=needs("sns:Publish", _topic),
    Subscribe=needs("sns:Subscribe", _topic, context=_subscription),
)


def _policy(at: Fields) -> str | None:
    topic = _kept(at)
    return topic.policy if topic else None


def _encryption(_access: Access, at: Fields) -> Encryption | None:
    topic = _kept(at)
    key = topic.kms_master_key_id if topic else None
    return Encryption(key, at.account, at.region, {"aws:sns:topicArn": topic.arn}) if topic and key else None


def _kept(at: Fields) -> Topic | None:
    return sns_backends[at.account][at.region].topics.get(f"arn:{PARTITION}:sns:{at.region}:{at.account}:{at.resource}")


def register(registry: Registry) -> None:
    """Add this service's entries."""
    registry.add(
        Api(service="sns", rows=ROWS, errors=replace(QUERY_ERRORS, denied="AuthorizationError")),
        Resources(
            prefix="sns",
            condition_keys=frozenset(("sns:Endpoint", "sns:Protocol")),
            policy=policy_at("sns", _policy),
            key_uses={"sns:Publish": WRITE_KEY},
            encryption=_encryption,
        ),
    )
