"""The organization that everything begins with, each time in another copy of the process."""

from __future__ import annotations

import gc
from contextlib import suppress

from soak.histories import guardrails, hubs
from soak.histories.actions import Actions
from soak.histories.machine import rehearsal
from soak.histories.packages import make_artifacts
from soak.histories.world import World
from soak.simulation import processor

_READY_S = 300.0
"""Of the processor; it takes some ten."""


def ready() -> World:
    """Make it, with all that histories share, and see every event from now on.

    Everything has been done once before in another one: what is found out, read or built once in a process is there for
    all copies of this one, and not for each of them anew.
    """
    with processor.limited("getting ready", _READY_S):
        with suppress(Exception):  # what is wrong is for the copies to find, which say how it came to that
            actions = Actions(_begun(), subjects=2, seed=0)
            for what, given in rehearsal():
                getattr(actions, what)(**given)
        world = _begun()
    gc.collect()
    gc.freeze()
    return world


def _begun() -> World:
    world = World.begin()
    make_artifacts(world)
    hubs.begin(world)
    guardrails.begin(world)
    world.sweep()
    world.looked = dict.fromkeys(("hub", "guardrail"), world.now())
    world.events.open()
    return world
