"""What the operations of EventBridge need, and the policies on event buses.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.events.models import events_backends

from sandbox.authorization.accesses import Access, Call, Context, Resource, arn, present, table
from sandbox.authorization.registry import Api, Registry, Resources, policy_at
from sandbox.kernel.arns import Fields


def _bus_named(call: Call, name: str | None) -> str:
    return name if name and name.startswith("arn:") else arn("events", call, f"event-bus/{name or 'default'}")


def _bus(call: Call) -> str:
    return _bus_named(call, call.get("Name"))


def _rule(parameter: str) -> Resource:
    def resource(call: Call) -> str:
        bus = str(call.get("EventBusName") or "default").rsplit("/", 1)[-1]
        return arn("events", call, f"rule/{'' if bus == 'default' else f'{bus}/'}{call.get(parameter)}")

    return resource


def _put_events(call: Call) -> list[Access]:
    """Of the caller's own buses. Whether another account's takes an entry is that entry's answer, not the call's."""
    named = [(entry, _bus_named(call, entry.get("EventBusName"))) for entry in call.get("Entries") or []]
    own = [(entry, bus) for entry, bus in named if bus.split(":")[4] == call.account]
    return [Access("events:PutEvents", bus, entry_context(entry)) for entry, bus in own]


def entry_context(entry: Mapping[str, Any]) -> Context:
    """The condition keys of one entry of PutEvents."""
    return present(events__source=entry.get("Source")) | _detail_type(entry.get("DetailType"))


def _detail_type(value: str | None) -> Context:
    return {"events:detail-type": (value,)} if value else {}


ROWS = table(
    "events",
    {
        "DescribeEventBus": _bus,
        "DescribeRule": _rule("Name"),
        "DisableRule": _rule("Name"),
        "EnableRule": _rule("Name"),
        "ListEventBuses": None,
        "ListRuleNamesByTarget": None,
        "ListRules": None,
        "ListTargetsByRule": _rule("Rule"),
        "TestEventPattern": None,
    },
    PutEvents=_put_events,
)


def _policy(at: Fields) -> str | None:
    kind, _, name = at.resource.partition("/")
    bus = events_backends[at.account][at.region].event_buses.get(name) if kind == "event-bus" else None
    return bus.policy if bus else None


def register(registry: Registry) -> None:
    """Add this service's entries."""
    registry.add(
        Api(service="events", rows=ROWS),
        Resources(
            prefix="events",
            condition_keys=frozenset(("events:detail-type", "events:source")),
            policy=policy_at("events", _policy),
        ),
    )
