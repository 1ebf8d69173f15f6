"""What may be while it can't be known yet what must be: never more than when all were known."""

from __future__ import annotations

from soak.oracle.verdict import Must, Verdict, closed, opened


def narrowed(verdict: Verdict, ideal: Verdict, *, was_seen: bool, moments: int, is_looked_at: bool) -> Verdict:
    """The verdict, and where that is either, what still follows from what was seen before.

    `ideal`: what must be if all were known. `moments`: how many times it was changed since `was_seen`: after several
    changes, it may be as one in between asked for. `is_looked_at`: whether anybody has looked since the last change.
    """
    if verdict.must is not Must.EITHER or moments > 1:
        return verdict
    if not was_seen and ideal.must is Must.CLOSED:
        return closed(f"it was closed, and nothing opens it: {ideal.why} ({verdict.why})")
    if was_seen and ideal.must is Must.OPEN and not is_looked_at:
        return opened(f"it was open, and nothing closes it: {ideal.why} ({verdict.why})", write=None)
    return verdict
