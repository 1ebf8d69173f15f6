"""moto's EventBridge store with delivery, and strict about patterns and targets."""

from __future__ import annotations

import json
from typing import Any

from moto.events.exceptions import ValidationException
from moto.events.models import EventsBackend, Rule, events_backends

from sandbox.authorization import authorize
from sandbox.kernel.identity import caller
from sandbox.services.events import schedules
from sandbox.services.events.attempts import attempt
from sandbox.services.events.authorization import entry_context
from sandbox.services.events.deliveries import deliveries
from sandbox.services.events.events import envelope, publish
from sandbox.services.events.targets import problem

_FILTERS = frozenset(
    {"prefix", "suffix", "anything-but", "numeric", "exists", "equals-ignore-case", "wildcard", "cidr"}
)
_MOST_BYTES = 256 * 1024


class SandboxEventsBackend(EventsBackend):
    """Rules, targets and buses are moto's; events are matched and delivered by the sandbox."""

    def put_rule(self, name: str, *args: Any, event_pattern: str | None = None, **kwargs: Any) -> Rule:
        """As moto's, for a pattern with filters that the sandbox evaluates, and for a schedule that it keeps."""
        expression = kwargs.get("scheduled_expression")
        if expression and (wrong := schedules.problem(expression)):
            raise ValidationException(wrong)
        if event_pattern:
            _check_pattern(json.loads(event_pattern), name)
        rule = super().put_rule(name, *args, event_pattern=event_pattern, **kwargs)
        schedules.keep(rule)
        return rule

    def delete_rule(self, name: str, event_bus_arn: str | None) -> None:
        """As moto's; its schedule ends."""
        rule = self.describe_event_bus(self._normalize_event_bus_arn(event_bus_arn)).rules.get(name)
        super().delete_rule(name, event_bus_arn)
        if rule is not None:
            schedules.forget(rule.arn)

    def put_targets(self, name: str, event_bus_arn: str | None, targets: list[dict[str, Any]]) -> None:
        """As moto's, for targets that the sandbox delivers to."""
        for target in targets:
            wrong = problem(target)
            if wrong:
                raise ValidationException(wrong)
        super().put_targets(name, event_bus_arn, targets)

    def put_events(self, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Deliver custom events. A source that begins with `aws.` is an AWS service's alone."""
        if len(events) > 10:
            return list(super().put_events(events))  # moto refuses it
        return [self._put_event(entry) for entry in events]

    def _put_event(self, entry: dict[str, Any]) -> dict[str, Any]:
        for field in ("Source", "DetailType", "Detail"):
            if not entry.get(field):
                return _refused(
                    "InvalidArgument", f"Parameter {field} is not valid. Reason: {field} is a required argument."
                )
        if entry["Source"].startswith("aws."):
            return _refused("NotAuthorizedForSourceException", "Not authorized for the source.")
        if len(entry["Detail"].encode()) > _MOST_BYTES:
            return _refused("InvalidArgument", "Total size of the entries in the request is over the limit.")
        try:
            detail = json.loads(entry["Detail"])
        except ValueError:
            detail = None
        if not isinstance(detail, dict):
            return _refused("MalformedDetail", "Detail is malformed.")
        event = envelope(
            self.account_id,
            self.region_name,
            entry["Source"],
            entry["DetailType"],
            detail,
            entry.get("Resources", ()),
            entry.get("Time"),
        )
        bus = entry.get("EventBusName") or "default"
        if (reason := _is_kept_out(bus, self, entry)) is not None:
            return _refused("AccessDeniedException", reason)
        owner = events_backends[bus.split(":")[4]][bus.split(":")[3]] if bus.startswith("arn:") else self
        publish(owner.describe_event_bus(self._normalize_event_bus_arn(bus)), event)
        return {"EventId": event["id"]}


def _is_kept_out(bus: str, at: SandboxEventsBackend, entry: dict[str, Any]) -> str | None:
    """Why another account's bus takes no entry of the caller; None where it does, or the bus is the caller's own.

    AWS documents `AccessDeniedException` for an entry ("PutEventsResultEntry", API reference), and nothing for a bus
    that isn't there: no policy of it lets anybody in.
    """
    principal = caller.get()
    if principal is None or not bus.startswith("arn:") or bus.split(":")[4] == at.account_id:
        return None
    decision = authorize(principal, "events:PutEvents", [bus], entry_context(entry), at.region_name)
    return (
        None if decision.allowed else f"User: {principal.arn} is not authorized to perform: events:PutEvents on {bus}"
    )


def _refused(code: str, message: str) -> dict[str, Any]:
    return {"ErrorCode": code, "ErrorMessage": message}


def _check_pattern(pattern: dict[str, Any], rule: str) -> None:
    for key, value in pattern.items():
        if key == "$or":
            for alternative in value:
                _check_pattern(alternative, rule)
        elif isinstance(value, dict):
            _check_pattern(value, rule)
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, dict) and (len(item) != 1 or not set(item) <= _FILTERS):
                    raise ValidationException(
                        f"Event pattern of {rule} is not valid. Reason: unsupported filter {item}"
                    )


def _deliver_nothing(rule: Rule, original_event: dict[str, Any], **_: object) -> None:
    """In place of moto's delivery, which only its S3 still calls: for CreateBucket, of which AWS sends no event."""


def install() -> None:
    """Make this the EventBridge of every account; before its first use."""
    events_backends.backend = SandboxEventsBackend
    Rule.send_to_targets = _deliver_nothing
    deliveries.attempt = attempt
