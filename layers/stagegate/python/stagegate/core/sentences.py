"""Lists in sentences, bounded: a message names a few and counts the rest."""

from collections.abc import Sequence

MOST = 8


def named(names: Sequence[str], most: int = MOST) -> str:
    """Return names as a sentence takes them: `a, b and 3 more`."""
    shown = ", ".join(names[:most])
    more = len(names) - most
    return f"{shown} and {more} more" if more > 0 else shown
