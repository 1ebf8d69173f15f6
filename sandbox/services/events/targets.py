"""Sending an event to a target, as EventBridge is allowed to.

Step Functions and buses of other accounts are called with the target's role; functions, queues and topics with
EventBridge's own principal, which their resource policies have to admit:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from moto.events.models import events_backends

from sandbox.authorization import authorize
from sandbox.authorization.service_roles import RoleNotAssumableError, assume
from sandbox.kernel.clock import clock
from sandbox.kernel.identity import Principal, service
from sandbox.kernel.place import URL_SUFFIX
from sandbox.kernel.wire.transport import client
from sandbox.services.events.deliveries import Delivery
from sandbox.services.events.events import publish

SUPPORTED_FIELDS = frozenset(
    {"Id", "Arn", "RoleArn", "Input", "InputPath", "RetryPolicy", "DeadLetterConfig", "SqsParameters"}
)
_SERVICES = frozenset({"states", "lambda", "sqs", "sns", "events", "logs"})


class RefusedError(PermissionError):
    """The target, or its role, does not let EventBridge deliver."""


def problem(target: dict[str, Any]) -> str | None:
    """Why the sandbox can't deliver to this target; None when it can."""
    unknown = sorted(set(target) - SUPPORTED_FIELDS)
    if unknown:
        return f"unsupported property {unknown[0]} of target {target['Id']}"
    kind = target["Arn"].split(":")[2]
    if kind not in _SERVICES:
        return f"unsupported target {target['Arn']}"
    if kind == "states" and "RoleArn" not in target:
        return f"RoleArn is required for target {target['Id']}."
    return None


def send(delivery: Delivery) -> None:
    """Deliver once. botocore's ClientError or RefusedError says why not."""
    arn = delivery.target["Arn"].split(":")
    kind, region, account = arn[2], arn[3], arn[4]
    body = _body(delivery.target, delivery.event)
    text = json.dumps(body, ensure_ascii=False)
    if kind == "states":
        role = _role(delivery)
        caller = client("stepfunctions", account, role, region)
        name = f"{delivery.event['id']}_{uuid.uuid4()}"
        caller.start_execution(stateMachineArn=delivery.target["Arn"], name=name, input=text)
    elif kind == "lambda":
        caller = client("lambda", account, _bridge(delivery), region)
        caller.invoke(FunctionName=delivery.target["Arn"], InvocationType="Event", Payload=text.encode())
    elif kind == "sqs":
        extra = {"MessageGroupId": g} if (g := delivery.target.get("SqsParameters", {}).get("MessageGroupId")) else {}
        send_message(delivery, delivery.target["Arn"], text, extra)
    elif kind == "sns":
        client("sns", account, _bridge(delivery), region).publish(TopicArn=delivery.target["Arn"], Message=text)
    elif kind == "logs":
        _to_log(delivery, account, region, arn[6], text)
    else:
        _to_bus(delivery, account, region, delivery.target["Arn"])


def send_message(delivery: Delivery, queue_arn: str, body: str, extra: dict[str, Any]) -> None:
    """Put a message on a queue as EventBridge, for the delivery's rule; the queue's policy decides."""
    _, _, _, region, account, name = queue_arn.split(":")
    url = f"https://sqs.{region}.{URL_SUFFIX}/{account}/{name}"
    client("sqs", account, _bridge(delivery), region).send_message(QueueUrl=url, MessageBody=body, **extra)


def _bridge(delivery: Delivery) -> Principal:
    return service("events.amazonaws.com", source_account=delivery.account, source_arn=delivery.rule_arn)


def _role(delivery: Delivery) -> Principal:
    try:
        return assume("events.amazonaws.com", delivery.target["RoleArn"], delivery.rule_name)
    except RoleNotAssumableError as error:
        raise RefusedError(str(error)) from error


def _to_bus(delivery: Delivery, account: str, region: str, bus_arn: str) -> None:
    """To another bus: the role's policies and the bus's policy decide, and the envelope stays as it is."""
    if "RoleArn" in delivery.target:
        decision = authorize(_role(delivery), "events:PutEvents", [bus_arn], {})
    elif account == delivery.account:
        decision = authorize(_bridge(delivery), "events:PutEvents", [bus_arn], {})
    else:
        raise RefusedError(f"a RoleArn is required to send to {bus_arn}")
    if not decision.allowed:
        raise RefusedError(decision.reason)
    bus = events_backends[account][region].describe_event_bus(bus_arn.split("/", 1)[1])
    publish(bus, delivery.event, forwarded=True)


def _to_log(delivery: Delivery, account: str, region: str, group: str, text: str) -> None:
    caller = client("logs", account, _bridge(delivery), region)
    stream = str(uuid.uuid4())
    caller.create_log_stream(logGroupName=group, logStreamName=stream)
    events = [{"timestamp": int(clock.now() * 1000), "message": text}]
    caller.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


def _body(target: dict[str, Any], event: dict[str, Any]) -> Any:
    if "Input" in target:
        return json.loads(target["Input"])
    if "InputPath" in target:
        value: Any = event
        for step in target["InputPath"].removeprefix("$").split(".")[1:]:
            value = value.get(step) if isinstance(value, dict) else None
        return value
    return event
