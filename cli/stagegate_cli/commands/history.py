"""`history`: what has happened to a subject."""

from dataclasses import dataclass
from datetime import datetime

from stagegate.access.timeline import timeline
from stagegate.ledger.survey.table import survey_one
from stagegate_cli import codes
from stagegate_cli.connection import Connection, calling, no_stack
from stagegate_cli.names import titled
from stagegate_cli.screen import Screen, some


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEvent:
    """One thing that happened. `happening` is `run`, `status`, `edit`, `question` or `import`; `by` is an execution or
    the ARN of a caller. `changes_access`: something was opened or closed.
    """

    at: datetime
    happening: str
    title: str
    by: str
    lines: list[str]
    changes_access: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What has happened to a subject, the latest first. `left_out` counts older events."""

    subject: str
    events: list[HistoryEvent]
    left_out: int

    @property
    def code(self) -> int:
        """The exit code."""
        return codes.OK


def history(connection: Connection, subject: str, most: int, *, changes: bool) -> History:
    """Return the latest events of a subject; with `changes`, of runs only those that opened or closed something."""
    with calling("read the ledger", no_stack(connection)):
        record = survey_one(connection.client("dynamodb"), connection.table, subject)
    events = [event for event in timeline(record) if event.changes_access or event.happening != "run" or not changes]
    return History(
        subject=subject,
        events=[
            HistoryEvent(
                at=event.at,
                happening=event.happening.value,
                title=event.title,
                by=event.by,
                lines=list(event.lines),
                changes_access=event.changes_access,
            )
            for event in events[:most]
        ],
        left_out=max(0, len(events) - most),
    )


def show(found: History, screen: Screen) -> None:
    """Print it for people."""
    screen.line(f"History of {titled(found.subject)[:1].lower()}{titled(found.subject)[1:]}", "head")
    screen.line(found.subject, "dim")
    screen.line()
    for event in found.events:
        style = "good" if event.changes_access else ""
        screen.line(f"{event.at:%Y-%m-%d %H:%M:%S} UTC  {event.happening}: {event.title}", style)
        if event.by:
            screen.line(f"    by {event.by}", "dim")
        screen.items(event.lines)
    if not found.events:
        screen.line("nothing is recorded")
    if found.left_out:
        screen.line()
        screen.line(f"{some(found.left_out, 'older event')} left out: --limit shows more", "dim")
