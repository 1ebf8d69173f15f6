"""AWS::Events::Rule, EventBus and EventBusPolicy."""

from __future__ import annotations

import json
from typing import Any

from moto.events.models import EventBusPolicyStatement, events_backends

from sandbox.services.cloudformation.errors import TemplateError
from sandbox.services.cloudformation.resource_types import Made, Properties, Slot, register


def _bus(properties: Properties) -> dict[str, Any]:
    return {"EventBusName": properties["EventBusName"]} if "EventBusName" in properties else {}


def _rule(slot: Slot, properties: Properties) -> Made:
    name = slot.name(properties, "Name")
    passed: dict[str, Any] = {
        key: properties[key] for key in ("Description", "State", "RoleArn", "ScheduleExpression") if key in properties
    }
    if "EventPattern" in properties:
        passed["EventPattern"] = json.dumps(properties["EventPattern"])
    service = slot.client("events")
    arn = service.put_rule(Name=name, **passed, **_bus(properties))["RuleArn"]
    if properties.get("Targets"):
        service.put_targets(Rule=name, Targets=properties["Targets"], **_bus(properties))
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-rule.html
    bus = properties.get("EventBusName", "default")
    return Made(name if bus == "default" else f"{bus}|{name}", {"Arn": arn})


def _update_rule(slot: Slot, made: Made, old: Properties, new: Properties) -> Made:
    _delete_rule(slot, made, old)
    return _rule(slot, new)


def _delete_rule(slot: Slot, made: Made, properties: Properties) -> None:
    service = slot.client("events")
    name = made.ref.rpartition("|")[2]
    ids = [target["Id"] for target in properties.get("Targets", ())]
    if ids:
        service.remove_targets(Rule=name, Ids=ids, **_bus(properties))
    service.delete_rule(Name=name, **_bus(properties))


register(
    "AWS::Events::Rule",
    "Name Description EventBusName EventPattern ScheduleExpression State Targets RoleArn",
    _rule,
    _delete_rule,
    _update_rule,
)


def _create_bus(slot: Slot, properties: Properties) -> Made:
    name = slot.name(properties, "Name")
    arn = slot.client("events").create_event_bus(Name=name)["EventBusArn"]
    return Made(name, {"Arn": arn, "Name": name})


def _delete_bus(slot: Slot, made: Made, _properties: Properties) -> None:
    slot.client("events").delete_event_bus(Name=made.ref)


register("AWS::Events::EventBus", "Name Description Tags", _create_bus, _delete_bus)


def _policy(slot: Slot, properties: Properties) -> Made:
    if "Statement" not in properties:
        raise TemplateError(f"{slot.logical_id}: unsupported without Statement")
    bus = events_backends[slot.account][slot.region].describe_event_bus(properties.get("EventBusName", "default"))
    sid = properties["StatementId"]
    # moto's API keeps one statement per principal; a bus has one per statement id.
    bus._statements[sid] = EventBusPolicyStatement.from_dict({**properties["Statement"], "Sid": sid})  # noqa: SLF001
    return Made(sid)


def _delete_policy(slot: Slot, made: Made, properties: Properties) -> None:
    bus = events_backends[slot.account][slot.region].describe_event_bus(properties.get("EventBusName", "default"))
    bus.remove_statement(made.ref)


def _update_policy(slot: Slot, made: Made, old: Properties, new: Properties) -> Made:
    _delete_policy(slot, made, old)
    return _policy(slot, new)


register("AWS::Events::EventBusPolicy", "EventBusName StatementId Statement", _policy, _delete_policy, _update_policy)
