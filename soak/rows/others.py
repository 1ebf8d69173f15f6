"""The parts that take as long as they take: each has its figures and its lines."""

from __future__ import annotations

from collections.abc import Collection

from soak.histories.world import World
from soak.page import Figure
from soak.rows.load import Sizes


def others(
    world: World, parts: Collection[str], sizes: Sizes, at_once: int
) -> tuple[list[Figure], list[str], list[Figure]]:
    """Do those of `parts`: figures, lines, and figures that other commands have made."""
    from soak import orphans as trial
    from soak.rows import interleavings, load, made, orphans, teams
    from soak.teams import run as team_plays
    from soak.teams.drawn import Size

    figures: list[Figure] = []
    lines: list[str] = []
    if "interleavings" in parts:
        moments = interleavings.interleavings()
        figures += interleavings.figures(moments)
        lines += interleavings.show(moments)
    if "orphans" in parts:
        found = trial.orphans(world)
        figures += orphans.figures(found)
        lines += orphans.show(found)
    if "load" in parts:
        much = load.load(world, sizes, at_once)
        figures += load.figures(much)
        lines += load.show(much)
    if "teams" in parts:
        size = Size(sizes.teams, 40 * sizes.teams, max(1, sizes.teams // 5))
        judged = team_plays.teams(size, seed=1)
        figures += teams.figures(judged)
        lines += teams.show(size, judged)
    taken = made.figures() if "made" in parts else []
    lines += made.show() if "made" in parts else []
    return figures, lines, taken
