"""What has happened to a subject, from the latest on: runs, approvals, questions and imports in one list."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from stagegate.access.model import Entry, SubjectRecord
from stagegate.approvals.records import AuditRecord, RecordSource


class Happening(StrEnum):
    """What an event of a timeline is."""

    RUN = "run"
    STATUS = "status"
    """Somebody set a status."""
    EDIT = "edit"
    """Somebody wrote the content."""
    QUESTION = "question"
    """The approvers were asked."""
    IMPORT = "import"
    """An import ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened. `by` is an execution or the ARN of a caller; `lines` say what, in words of ours and of
    others: whoever shows them treats them as untrusted text. `changes_access` says that something was opened or closed.
    """

    at: datetime
    happening: Happening
    title: str
    by: str = ""
    lines: tuple[str, ...] = ()
    changes_access: bool = False


def timeline(record: SubjectRecord) -> tuple[Event, ...]:
    """Return the events of a subject, the latest first."""
    return tuple(sorted(_events(record), key=lambda event: event.at, reverse=True))


def changed_since(records: Iterable[SubjectRecord], moment: datetime) -> tuple[tuple[SubjectRecord, Entry], ...]:
    """Return each run that has opened or closed something since a moment, the latest first."""
    found = [(record, entry) for record in records for entry in record.history if entry.changes and entry.at >= moment]
    return tuple(sorted(found, key=lambda each: each[1].at, reverse=True))


def _events(record: SubjectRecord) -> Iterator[Event]:
    for entry in record.history:
        yield _of_run(entry)
    for each in record.records:
        yield _of_record(each)
    for question in record.questions:
        asked = question.asked
        lines = (f"version {asked.version}", f"risk {asked.risk}")
        yield Event(at=question.at, happening=Happening.QUESTION, title="Approvers asked", lines=lines)
    for end in record.imports:
        yield Event(
            at=end.at, happening=Happening.IMPORT, title=f"Import {end.outcome}", by=end.execution, lines=end.lines
        )


def _of_run(entry: Entry) -> Event:
    version = "" if entry.version is None else f", version {entry.version}"
    findings = [f"[{finding.severity}] {finding.code}: {finding.detail}" for finding in entry.findings]
    models = [f"{what}: {', '.join(names)}" for what, names in entry.models.items()]
    return Event(
        at=entry.at,
        happening=Happening.RUN,
        title=f"{entry.status}{version}: {entry.outcome}",
        by=entry.execution,
        lines=(*entry.changes, *models, *findings),
        changes_access=bool(entry.changes),
    )


def _of_record(record: AuditRecord) -> Event:
    whose = "SageMaker's own word" if record.source is RecordSource.STATE_CHANGE else "CloudTrail's record"
    version = f"version {record.version}, " if record.version is not None else ""
    if record.status:
        what, happening = f"Set to {record.status}", Happening.STATUS
    else:
        what, happening = "Metadata changed" if record.metadata_only else "Content written", Happening.EDIT
    return Event(at=record.at, happening=happening, title=what, by=record.actor.arn, lines=(f"{version}by {whose}",))
