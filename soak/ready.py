"""The organization that everything is played in copies of."""

from __future__ import annotations

import gc

from soak.histories.packages import furnish
from soak.histories.world import World


def ready() -> World:
    """Make it, with all that histories share, and see every event from now on."""
    world = World.begin()
    furnish(world)
    world.office.open()
    gc.collect()
    gc.freeze()
    return world
