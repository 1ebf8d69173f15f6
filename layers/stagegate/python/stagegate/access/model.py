"""What is recorded of a subject, and one account's access to it, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from stagegate.approvals.questions import Question
from stagegate.approvals.records import AuditRecord
from stagegate.approvals.tags.record import TagRecord
from stagegate.core.arns import Subject, sagemaker_resource
from stagegate.core.findings import Finding
from stagegate.plans.grants import FailedImport, Grant


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one round of a run has left: what was open once it was done, what it had changed, and what it had found.

    `at` is when it was planned: its changes were made within the ten minutes that a run may last. `outcome` and
    `status` are words of `plans.record.Outcome` and of the subject's kind. `changes` are the lines of its plan, and
    `models` the models of a hub that were removed, changed or added. Findings know no stage here. `execution` is the
    ARN of the run, `round` counts from 0.
    """

    at: datetime
    execution: str
    round: int = 0
    outcome: str
    status: str
    version: int | None = None
    content_hash: str | None = None
    grants: tuple[Grant, ...] = ()
    findings: tuple[Finding, ...] = ()
    changes: tuple[str, ...] = ()
    models: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportEnd:
    """How one import of a package ended: `outcome` in one word, and `lines` that say more."""

    at: datetime
    execution: str
    outcome: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRecord:
    """Everything that the ledger says of one subject.

    `now` is what it was recorded as last (None: never), without changes; `history` has the entries, `records` who
    changed it, `questions` what the approvers were asked, `tags` who set its tags, and `imports` how imports ended,
    each from the oldest on. `is_cut` says that older entries of the history were left out. `is_behind` says that
    something was asked of its runs that none has finished. `failed` has the imports that failed, by their target's id.
    """

    subject: Subject
    now: Entry | None = None
    history: tuple[Entry, ...] = ()
    is_cut: bool = False
    records: tuple[AuditRecord, ...] = ()
    questions: tuple[Question, ...] = ()
    tags: tuple[TagRecord, ...] = ()
    imports: tuple[ImportEnd, ...] = ()
    failed: Mapping[str, FailedImport] = field(default_factory=dict)
    is_behind: bool = False
    card: str = ""
    """The ARN of the card that a package has followed in its last run, "" for none."""
    names: tuple[tuple[str, ...], ...] = ()
    """The packages that a card's content has named in its last run, and then those of each content that is approved."""

    @property
    def grants(self) -> tuple[Grant, ...]:
        """What is open."""
        return self.now.grants if self.now else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What one account can do with one model, through one thing.

    `can` is "read" or "read and write" (cards), "deploy" (packages), "register" (groups), "see" or "see and deploy"
    (hubs). `roles` are the names of the roles that the rules have for the stage now; none where every principal counts
    that the account's administrators let at it, or the rules have no such stage any more. `audience` is whom the model
    was for when it was opened, "" for everybody. `surface` is a kind of thing ("resource share", "bucket policy") and
    `through` which one it is: the ARN of a share, or a target's id. `approval` is the id of the record that it was
    opened on, None where the rules ask for none, and `approved_by` says who that was, and when.
    """

    subject: Subject
    stage: str
    account: str
    roles: tuple[str, ...]
    audience: str
    can: str
    surface: str
    through: str
    since: datetime
    approval: str | None
    approved_by: str


def recorded_subject(named: str) -> Subject:
    """Return the subject that the ledger names so: by its ARN, or by `guardrail/NAME` or `account/ID`, without
    partition, Region and account then.
    """
    found = sagemaker_resource(named)
    if found:
        return found
    kind, _, name = named.partition("/")
    return Subject(kind=kind, arn=named, partition="", region="", account="", name=name)
