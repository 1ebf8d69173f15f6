"""EventBridge: events on buses, rules that match them, deliveries that arrive, are retried, or land in a queue."""

from sandbox.bus import schedules
from sandbox.bus.deliveries import Delivery, Outcome, deliveries
from sandbox.bus.events import Event, emit
from sandbox.bus.models import install

__all__ = ["Delivery", "Event", "Outcome", "deliveries", "emit", "install", "schedules"]
