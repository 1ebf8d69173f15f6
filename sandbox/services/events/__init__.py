"""EventBridge: events on buses, rules that match them, deliveries that arrive, are retried, or land in a queue."""

from sandbox.services.events import schedules
from sandbox.services.events.deliveries import Delivery, Outcome, deliveries
from sandbox.services.events.events import Event, emit
from sandbox.services.events.models import install

__all__ = ["Delivery", "Event", "Outcome", "deliveries", "emit", "install", "schedules"]
