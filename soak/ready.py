"""The organization that everything begins with, each time in another copy of the process."""

from __future__ import annotations

import gc

from soak.histories import guardrails, hubs
from soak.histories.packages import make_artifacts
from soak.histories.world import World


def ready() -> World:
    """Make it, with all that histories share, and see every event from now on."""
    world = World.begin()
    make_artifacts(world)
    hubs.begin(world)
    guardrails.begin(world)
    world.sweep()
    world.looked = dict.fromkeys(("hub", "guardrail"), world.now())
    world.events.open()
    gc.collect()
    gc.freeze()
    return world
