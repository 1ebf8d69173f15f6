"""Lists in sentences, bounded: a message names a few and counts the rest."""

from collections.abc import Sequence

from stagegate.plans.grants import Grant

MOST = 8


def named(names: Sequence[str], most: int = MOST) -> str:
    """Return names as a sentence takes them: `a, b and 3 more`."""
    shown = ", ".join(names[:most])
    more = len(names) - most
    return f"{shown} and {more} more" if more > 0 else shown


def approved_by(grant: Grant) -> str:
    """Return on whose word a grant is open, "" where nobody was asked."""
    return f", approved by {grant.approved_by}" if grant.approved_by else ""
