"""The people of the stories, by their profile in the sandbox."""

from __future__ import annotations

from sandbox.kernel.clock import clock

OWNER = "governance"
"""Whoever owns what the stories are about. Approves nothing, unless governance.toml says so."""
APPROVER = "approver"

_AFTER_AN_EDIT_S = 125


def next_second() -> None:
    """Wait for the next whole second.

    CloudTrail's times are whole seconds, and an approval in the same second as another status counts for nothing, as
    their order can't be known.
    """
    clock.next_second()


def minutes_after_an_edit(at: float) -> None:
    """Wait until an approval can't be about what was there before an edit of that instant (epoch seconds).

    CloudTrail dates a call by its completion. An approver who has read a message takes as long as that in life.
    """
    clock.wait_until(at + _AFTER_AN_EDIT_S)


def another_second(than: float) -> None:
    """Wait until a later whole second than that of an instant (epoch seconds), if it isn't past."""
    clock.wait_until(than // 1.0 + 1.0)
