"""The resource types, by service; importing this package registers them."""

from sandbox.services.cloudformation.types import (
    alarms,
    buckets,
    dashboards,
    events,
    functions,
    iam,
    keys,
    layers,
    logs,
    queues,
    states,
    tables,
    topics,
)

__all__ = [
    "alarms",
    "buckets",
    "dashboards",
    "events",
    "functions",
    "iam",
    "keys",
    "layers",
    "logs",
    "queues",
    "states",
    "tables",
    "topics",
]
