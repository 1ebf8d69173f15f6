"""Events: the envelope, and putting one on a bus."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from moto.events.models import EventBus, events_backends

from sandbox.kernel.clock import clock
from sandbox.kernel.delays import delays
from sandbox.services.events.deliveries import Delivery, deliveries

# An event as it travels: the whole envelope. `Any` because its detail is whatever the source says.
Event = dict[str, Any]


def emit(
    account: str,
    region: str,
    source: str,
    detail_type: str,
    detail: dict[str, Any],
    resources: Sequence[str] = (),
    delay: float = 0.0,
) -> None:
    """Put an AWS service's event on the account's default bus, `delay` seconds from now (and `Delays.event` more).

    The envelope's `time` is the time of this call: the event is about now, however late it arrives.
    """
    event = envelope(account, region, source, detail_type, detail, resources)
    lateness = delay + delays.event
    if lateness > 0:
        clock.call_later(lateness, lambda: publish(default_bus(account, region), event))
    else:
        publish(default_bus(account, region), event)


def envelope(
    account: str,
    region: str,
    source: str,
    detail_type: str,
    detail: dict[str, Any],
    resources: Sequence[str] = (),
    at: float | None = None,
) -> Event:
    """The full envelope; `at` is epoch seconds, whole ones in `time`.

    https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
    """
    instant = clock.datetime() if at is None else clock.datetime().fromtimestamp(at, clock.datetime().tzinfo)
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": instant.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": list(resources),
        "detail": json.loads(json.dumps(detail)),
    }


def default_bus(account: str, region: str) -> EventBus:
    """The bus that AWS services write to."""
    return events_backends[account][region].describe_event_bus("default")


def publish(bus: EventBus, event: Event, *, forwarded: bool = False) -> None:
    """Start a delivery to each target of each enabled rule that matches.

    An event that came from another bus isn't forwarded a second time, as in EventBridge:
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
    """
    for rule in list(bus.rules.values()):
        if rule.state == "DISABLED" or not rule.event_pattern.get_pattern():
            continue
        if not _may_match(rule.event_pattern.get_pattern(), event) or not rule.event_pattern.matches_event(event):
            continue
        for target in list(rule.targets):
            if forwarded and ":event-bus/" in target["Arn"]:
                continue
            deliveries.start(Delivery(rule.arn, rule.name, rule.account_id, rule.region_name, target, event))


def _may_match(pattern: Mapping[str, Any] | None, event: Mapping[str, Any]) -> bool:
    """False where a plain list of sources or types already says no, which it does for most rules."""
    for name in ("source", "detail-type"):
        wanted = (pattern or {}).get(name)
        if isinstance(wanted, list) and all(isinstance(each, str) for each in wanted) and event[name] not in wanted:
            return False
    return True
