"""Every order of what several runs do about one claim, and what has to be found when something is taken away."""

from __future__ import annotations

from dataclasses import dataclass

from bench.interleavings.claim import CONTROLS, HOLDS, explore
from soak.page import Figure


@dataclass(frozen=True, slots=True)
class Interleavings:
    """How many moments were looked at; ways to what is wrong, and the controls that weren't found."""

    moments: int
    wrong: tuple[str, ...]
    unfound: tuple[str, ...]


def interleavings() -> Interleavings:
    """Look at all of them: some twenty seconds of the processor."""
    moments, wrong = 0, list[str]()
    for name, budget in HOLDS.items():
        found = explore(budget)
        moments += found.moments
        wrong += [f"{name}: {what}: {', '.join(way)}" for what, way in found.wrong.items()]
    unfound = [name for name, (budget, lacks) in CONTROLS.items() if not explore(budget, lacks).wrong]
    return Interleavings(moments, tuple(wrong), tuple(unfound))


def figures(found: Interleavings) -> list[Figure]:
    """Of these."""
    right = len(HOLDS) - len({each.partition(":")[0] for each in found.wrong})
    controls = len(CONTROLS) - len(found.unfound)
    return [
        Figure("interleavings", right, len(HOLDS), not found.wrong),
        Figure("interleavings: controls found", controls, len(CONTROLS), not found.unfound),
    ]


def show(found: Interleavings) -> list[str]:
    """Their lines."""
    return [
        f"Interleavings of the claim: {found.moments:,} moments in {len(HOLDS)} plays; {len(found.wrong)} wrong",
        *(f"  {each}" for each in found.wrong),
        *(f"  NOT FOUND without it: {each}" for each in found.unfound),
    ]
