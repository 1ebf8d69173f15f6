"""What happened to one subject, in order. What makes a history writes it down, and nothing else does.

Times are epoch seconds. `recorded` turns true when CloudTrail's record of a call has been delivered: who did something
is known from then on, and to nobody before.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Wrote:
    """Somebody wrote the content: of a card its text, of a package its bytes. `content` counts the contents."""

    at: float
    by: str
    content: int
    risk: str = "Unknown"
    sections: frozenset[str] = frozenset()
    recorded: bool = False


@dataclass(slots=True)
class Set:
    """Somebody set a status, which may be the one that it has. `content` is what there was then. `took`: seconds until
    the call was completed, which is the time that its record has.
    """

    at: float
    by: str
    status: str
    content: int
    recorded: bool = False
    took: float = 0.0


@dataclass(slots=True)
class Deleted:
    """It is gone."""

    at: float
    by: str
    recorded: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a content went to the approvers."""

    at: float
    content: int


@dataclass(frozen=True, slots=True)
class Looked:
    """A run about it began: it reads the truth. `full`: a sweep's or a person's, which reads everything."""

    at: float
    full: bool = False


@dataclass(slots=True)
class Blindness:
    """Whether a member account `is_blind`: Stagegate's observing role can't be assumed there; and when that began, or
    ended.
    """

    is_blind: bool = False
    turned: float = 0.0


@dataclass(slots=True)
class Closure:
    """Whether an account `is_closed`, and when it was closed, or opened again."""

    is_closed: bool = False
    turned: float = 0.0


Change = Wrote | Set | Deleted


@dataclass(slots=True)
class Key:
    """A customer key that cards lie under. `is_shut`: its policy keeps everybody from using it, Stagegate too. Times
    are those of the last such change, and of the last time that somebody took grants of ours off it.
    """

    is_shut: bool = False
    turned: float = 0.0
    lost: float = 0.0


@dataclass(slots=True)
class History:
    """That of one subject's name: `changes` go on when the name is taken again after a deletion."""

    changes: list[Change] = field(default_factory=list)
    questions: list[Asked] = field(default_factory=list)
    looks: list[Looked] = field(default_factory=list)
    blind_sweeps: int = 0
    """How many sweeps in a row could not look at what it rests on."""

    @property
    def exists(self) -> bool:
        """Whether it is there now."""
        return bool(self.changes) and not isinstance(self.changes[-1], Deleted)

    @property
    def since_created(self) -> list[Change]:
        """What happened since the subject was last created."""
        ends = [number for number, change in enumerate(self.changes) if isinstance(change, Deleted)]
        return self.changes[ends[-1] + 1 :] if ends else self.changes

    @property
    def status(self) -> str:
        """The status that it has."""
        return next(change.status for change in reversed(self.since_created) if isinstance(change, Set))

    @property
    def written(self) -> Wrote:
        """The content that it has."""
        return next(change for change in reversed(self.since_created) if isinstance(change, Wrote))

    @property
    def setters(self) -> list[Set]:
        """Who has set the present status since it came into it."""
        found: list[Set] = []
        for change in reversed(self.since_created):
            if isinstance(change, Set):
                if change.status != self.status:
                    break
                found.insert(0, change)
        return found

    @property
    def asked(self) -> list[Asked]:
        """What was asked since the subject was last created."""
        return [each for each in self.questions if self.since_created and each.at >= self.since_created[0].at]

    @property
    def last_sweep(self) -> float:
        """When a run last looked at all of it; 0.0 for never."""
        return max((look.at for look in self.looks if look.full), default=0.0)

    def content_at(self, at: float) -> int:
        """The content that it had then; 0 for none."""
        return next((each.content for each in reversed(self.changes) if isinstance(each, Wrote) and each.at <= at), 0)

    @property
    def is_looked_at(self) -> bool:
        """Whether Stagegate has looked since the last change."""
        return bool(self.looks) and bool(self.changes) and self.looks[-1].at > self.changes[-1].at
