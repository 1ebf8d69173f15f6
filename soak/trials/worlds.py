"""Organizations for trials: each begins in a process that is warm, whatever it is asked for."""

from __future__ import annotations

import gc
from pathlib import Path

from sandbox.kernel.delays import delays
from sandbox.stagegate.organization import Organization
from soak.histories.keys import CardKey
from soak.histories.packages import make_artifacts
from soak.histories.world import World
from soak.oracle import rules as oracle_rules


def anew(world: World, rules: Path) -> World:
    """Another organization in place of that one, by these rules, of the same tree. What the process has loaded and
    compiled it keeps.
    """
    given = delays.copy()
    # The one before isn't stopped: a copy of the process doesn't have the thread that serves its endpoint.
    world.functions.begin_anew(rules)
    made = World(
        Organization.start(rules, delays=given, root=world.organization.root),
        world.functions,
        rules=oracle_rules.read(rules),
    )
    made.key = CardKey.make(made)
    make_artifacts(made)
    made.events.open()
    made.rest()  # what has begun has a thread, which no copy of this process has
    gc.collect()
    gc.freeze()
    return made
