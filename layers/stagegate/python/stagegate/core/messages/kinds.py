"""The kinds of messages: the first word of each subject line, and what subscriptions filter on."""

from enum import StrEnum


class MessageKind(StrEnum):
    """What a message is for. A message may be of several kinds: the first in this order leads its subject line."""

    DECIDE = "DECIDE"
    """Somebody is asked for a decision."""
    FAILED = "FAILED"
    """A run has failed and stopped where it was."""
    PAUSED = "PAUSED"
    """Something would change, if governance.toml didn't say paused."""
    OPENED = "OPENED"
    """Somebody gets access who had none."""
    CLOSED = "CLOSED"
    """Somebody loses access."""
    BLOCKED = "BLOCKED"
    """A finding keeps something closed that would be open."""
    WAITING = "WAITING"
    """A record is awaited, or looking again, before anything can be said; or more people have to approve."""
    DRIFT = "DRIFT"
    """Something is otherwise than it was left, and nobody has more or less access by it than the rules say."""
    WARNING = "WARNING"
    """A finding that blocks nothing."""
    SETTLED = "SETTLED"
    """What the last message said doesn't hold any more: a question is answered or taken back, a finding is gone."""


def in_order(kinds: set[MessageKind]) -> tuple[MessageKind, ...]:
    """Return the kinds of a message, the one that leads first. A message of no other kind settles what was said."""
    return tuple(kind for kind in MessageKind if kind in kinds) or (MessageKind.SETTLED,)
