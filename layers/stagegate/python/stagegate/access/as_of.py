"""What was recorded at an earlier time, and what the ledger can't say of it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from stagegate.access.model import SubjectRecord

LONGEST_RUN = timedelta(minutes=10)
"""How long after its plan a run may still make changes (`TimeoutSeconds` of govern)."""

ALWAYS = (
    "Roles are those that governance.toml names now: the ledger keeps accounts and stages, no roles.",
    "The ledger has what Stagegate opened. What others have opened isn't in it.",
)
"""What no entry of the history says, whatever the time."""


class HistoryCutError(ValueError):
    """The entries of that time were left out when the history was read."""


def as_of(record: SubjectRecord, moment: datetime) -> SubjectRecord:
    """Return what was recorded of a subject at a moment: `now` is its entry of then, None if there was none yet.

    What has become of its imports since (`failed`) and what its runs have left (`is_behind`) isn't known of then.
    Raises HistoryCutError where the entries of then were left out.
    """
    history = tuple(entry for entry in record.history if entry.at <= moment)
    if not history and record.is_cut:
        raise HistoryCutError(
            f"{record.subject.arn}: the history as it was read begins at {record.history[0].at.isoformat()}, after"
            f" {moment.isoformat()}; read it up to that time"
        )
    return replace(
        record,
        now=replace(history[-1], changes=(), models={}) if history else None,
        history=history,
        records=tuple(each for each in record.records if each.at <= moment),
        questions=tuple(each for each in record.questions if each.at <= moment),
        imports=tuple(each for each in record.imports if each.at <= moment),
        failed={},
        is_behind=False,
    )


def limits_of(records: Iterable[SubjectRecord], moment: datetime, began: datetime | None) -> tuple[str, ...]:
    """Return what these subjects' histories can't say of a moment, a sentence each. They are as `as_of` takes them.

    `began` is the time of the first entry of any history, whether or not it is among what was read; None for no entry.
    """
    limits = list(ALWAYS)
    if began is None or moment < began:
        since = f"begins at {began:%Y-%m-%d %H:%M:%S} UTC" if began else "is empty"
        limits.append(f"The history {since}: what was open before Stagegate governed it isn't known.")
    under_way = sorted(
        record.subject.arn
        for record in records
        if any(entry.changes and entry.at <= moment < entry.at + LONGEST_RUN for entry in record.history)
    )
    if under_way:
        subjects = "1 subject" if len(under_way) == 1 else f"{len(under_way)} subjects"
        limits.append(
            f"Runs of {subjects} were planned within the ten minutes before, as of {under_way[0]}: their"
            " changes may have been made after that time."
        )
    return tuple(limits)
