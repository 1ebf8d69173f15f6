"""What is verified of a subject, and what doesn't fit in it, as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from stagegate.approvals.kept import Head


class Kind(StrEnum):
    """What was done to what is recorded, as far as what is left of it shows."""

    CHANGED = "changed"
    """An entry isn't what it says that it is, or isn't the one that the next was written behind."""
    REMOVED = "removed"
    """An entry isn't there."""
    INSERTED = "inserted"
    """An entry is there that none was written behind."""
    CUT = "cut"
    """The newest entries are missing, or what says where the chain ends."""
    REPLACED = "replaced"
    """The newest entry is another than the one that the chain ends with."""
    REWRITTEN = "rewritten"
    """The chain fits, and is another than the one whose end was kept."""
    RESTORED = "restored"
    """The chain fits, and ends before an end that was kept: it is of an earlier time."""
    MISSING = "missing"
    """There is nothing of a subject of which something was kept."""
    NOW = "now"
    """What is open or counts now is written beside the chain, and isn't what its newest entry says."""
    KEPT = "kept"
    """Kept ends were replaced or deleted, can't be read, or are too old to show anything."""


class List(StrEnum):
    """Which of a subject's two lists: what runs and imports have done, or who has approved what."""

    HISTORY = "history"
    APPROVALS = "approvals"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """One thing that doesn't fit. `subject` is "" for the kept ends themselves; `entry` is the number of an entry in
    its chain, None where it has none; `key` is where it lies, "" for nowhere.
    """

    kind: Kind
    subject: str = ""
    list: List | None = None
    entry: int | None = None
    key: str = ""
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What counts of an entry for its chain.

    `number` is 0 for one that is in no chain, as those of releases before there was one. `is_sound`: its digest is that
    of what it says. `said` is a digest of what the view of its run says, too, "" for an entry that isn't a run's, and
    `view` that of the whole view, "" for one that doesn't have it. `noted` is the head of the approvals that its run
    has relied on.
    """

    key: str
    at: str
    number: int
    previous: str
    digest: str
    is_sound: bool
    begins: bool = False
    said: str = ""
    view: str = ""
    noted: Head = field(default=Head())


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """What the ledger has of one subject.

    `head` and `counts` say where the history and the approvals end, None where nothing does. `counted` has the digests
    of the approvals' entries that count now, None where the item has no room for them. `view` is a digest of what is
    open now, "" for nothing recorded, and `whole` one of all that the next run goes by there.
    """

    subject: str
    history: Sequence[Link] = ()
    head: Head | None = None
    view: str = ""
    whole: str = ""
    approvals: Sequence[Link] = ()
    counts: Head | None = None
    counted: Sequence[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """The ends of all chains at one time: for each subject that of each list that has any."""

    at: datetime
    heads: Mapping[str, Mapping[List, Head]]
