"""Events that come again, as EventBridge may deliver them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sandbox.services.events.events import Event, default_bus, publish

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization


def delivered(organization: Organization) -> list[Event]:
    """Return every event of SageMaker that a rule of the governance or a member account has delivered, each once.

    Oldest first. That the stack was deployed is an event, too, and none of a story.
    """
    seen: dict[str, Event] = {}
    for outcome in organization.deliveries.trace:
        if outcome.event["source"] == "aws.sagemaker":
            seen.setdefault(outcome.event["id"], outcome.event)
    return list(seen.values())


def deliver(events: Sequence[Event]) -> None:
    """Put events on the bus of the account where they were seen first, once more and to the letter."""
    for event in events:
        publish(default_bus(event["account"], event["region"]), event)
