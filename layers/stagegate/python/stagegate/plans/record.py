"""What goes on record of a run, once its changes were made and looked at again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from stagegate.approvals.kept import Head
from stagegate.core.arns import Subject
from stagegate.core.findings import Finding
from stagegate.links.linking import Linking
from stagegate.plans.blindness import Blind
from stagegate.plans.grants import Grant

RECORD_MISSING = "RecordMissing"
"""The finding that blocks until CloudTrail's record of a change has come."""


class Outcome(StrEnum):
    """What a plan comes to."""

    CHANGES = "changes"
    UNCHANGED = "unchanged"
    WAITING = "waiting"
    BLOCKED = "blocked"
    PAUSED = "paused"
    MORE = "more"
    """There is more than one round may do, or read: the run goes round again."""
    STILL_OPEN = "still open"
    """Something that should be closed could not be closed, and so nothing was opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is recorded of a subject. It is made with the plan, and carried through the state machine as JSON.

    `grants` is what is open once the changes were made, `foreign` what is open beside them and isn't ours, `head` that
    of the approvals that the plan was made of. `last_notified_digest` is a digest of what the approvers heard last,
    `planner_state`, `notes` and `blind` are for the next plan of the subject (see `Decision`). `content_hash` stands
    for the content that the plan was made of; for a hub, for the names of its references. `waiting` and `foreign` are
    for the steps of the run: the ledger doesn't keep them. `records` counts the approvals' records of who changed the
    subject, and `by` says by which release and which rules it was planned, "" where nobody knows. `linking` is what
    becomes of the links on record.
    """

    subject: Subject
    outcome: Outcome
    status: str
    version: int | None = None
    content_hash: str | None = None
    grants: tuple[Grant, ...] = ()
    findings: tuple[Finding, ...] = ()
    waiting: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    head: Head = field(default=Head())
    last_notified_digest: str = ""
    planner_state: Mapping[str, str] = field(default_factory=dict)
    blind: Mapping[str, Blind] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    records: int = 0
    by: str = ""
    linking: Linking = field(default=Linking())
