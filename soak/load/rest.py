"""Waits until all is at rest, without looking each time that one of thousands goes on."""

from __future__ import annotations

from sandbox.kernel.clock import clock
from soak.histories.world import World
from soak.simulation.scheduler import scheduler

MOST_S = 7_200.0
"""Within this time of the simulated clock everything comes to rest, or something hangs."""


def rest(world: World) -> None:
    """Let everything that is under way come to an end. Raises AssertionError if it doesn't."""
    organization = world.organization
    if not clock.until(lambda: scheduler.ready == 0 and organization.is_at_rest, MOST_S):
        raise AssertionError(f"not at rest after {MOST_S:.0f} s: {world.running}")
