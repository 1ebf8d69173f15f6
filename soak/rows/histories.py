"""What histories came to, by what could be wrong: each has a figure of its own, and 0 is right."""

from __future__ import annotations

from collections import Counter

from soak.histories.run import Outcome
from soak.page import Figure

KINDS = {
    "too much": ("found True, must be", "may approve it", "whom no rule names", "is approved already"),
    "too little": ("found False, must be",),
    "claims held": ("the claim is still held",),
    "foreign statements lost": ("other teams' statements are lost",),
    "failures unheard": ("no message of a failure names",),
    "questions unasked": ("nobody asked",),
}
"""What is wrong, by what `soak/histories/judge.py` says of it."""
OTHER = "wrong otherwise"


def counted(outcome: Outcome) -> Counter[str]:
    """How many of the failed batches show what."""
    return Counter(_kind(text) for text in outcome.wrong)


def figures(outcome: Outcome) -> list[Figure]:
    """A figure for each, of as many histories as there were; and for how many steps access was wrong at most."""
    found = counted(outcome)
    made = [Figure(kind, found[kind], 0, not found[kind]) for kind in (*KINDS, OTHER)]
    return [*made, Figure("longest time access was wrong, in steps", outcome.wrong_for, outcome.wrong_for, ok=True)]


def _kind(text: str) -> str:
    return next((kind for kind, said in KINDS.items() if any(each in text for each in said)), OTHER)
