"""What belongs to nobody, and what a withdrawal leaves."""

from __future__ import annotations

from soak.orphans import Orphans
from soak.page import Figure


def figures(found: Orphans) -> list[Figure]:
    """What was found of what was planted; and what is gone after a withdrawal, of what was open."""
    gone = max(0, found.were_open - len(found.left))
    is_right = not found.wrong
    return [
        Figure("orphans", found.found, found.planted, is_right and found.found == found.planted),
        Figure("withdrawn", gone, found.were_open, is_right and gone == found.were_open > 0 and not found.left),
    ]


def show(found: Orphans) -> list[str]:
    """Its lines."""
    return [
        f"Orphans: {found.found} of {found.planted} that were planted are taken back, or told of, after a sweep;"
        f" of {found.were_open} things of ours {len(found.left)} are left after a withdrawal",
        "  " + ", ".join(f"{kind} {gone} of {planted}" for kind, (gone, planted) in found.kinds.items()),
        *(f"  left: {each}" for each in found.left),
        *(f"  {each}" for each in found.wrong),
    ]
