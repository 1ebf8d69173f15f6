"""Which version of a card a call was about, and who wrote one: from times that don't change, and never by a guess.

A version's creation time stays as it is, and an older version's status does, too: a call changes the latest one. The
time of a record is an interval (`AuditRecord.earliest`, `latest`), and every version that was the latest at some time
in it may be the one that was meant.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from stagegate.approvals.principals import Actor
from stagegate.approvals.records import LONGEST_CALL, ONE_SECOND, RECORD_TOLERANCE, AuditRecord
from stagegate.core.statuses import CardStatus

_PROMPT = timedelta(seconds=5)
"""A call that is completed so soon after a change is taken for the one that made it, where it is the only one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a card: when it was written, when it (its status) was last changed, and its status."""

    number: int
    status: CardStatus
    created: datetime
    modified: datetime


def versions_set(status: CardStatus, at: datetime, versions: Iterable[Version]) -> tuple[Version, ...]:
    """Return the versions whose status a call that was completed in that second may have set, in order.

    A version that had another status in the end, and was never changed in that time, can't have been set by it. One
    that has the status may have had it set again: that SageMaker dates it then isn't known.
    """
    ordered = sorted(versions, key=lambda v: v.number)
    earliest, latest = at - LONGEST_CALL, at + ONE_SECOND
    return tuple(
        version
        for version, later in zip(ordered, (*ordered[1:], None), strict=False)
        if version.created < latest
        and (later is None or later.created > earliest)
        and (version.status is status or version.modified > max(version.created, earliest))
    )


def moment_of(status: CardStatus, at: datetime, version: Version) -> datetime | None:
    """Return when a call set the status of a version, where the version itself is dated about then."""
    is_dated = version.status is status and version.modified > version.created
    return version.modified if is_dated and is_prompt(at, version.modified) else None


def is_prompt(at: datetime, modified: datetime) -> bool:
    """Tell whether a call that was completed in that second can be taken for the change that a subject is dated by."""
    return at - _PROMPT <= modified < at + ONE_SECOND


def versions_written(at: datetime, versions: Iterable[Version], *, creates: bool) -> tuple[Version, ...]:
    """Return the versions that a call which was completed in that second may have written, in order.

    The call that made the card wrote the first, and no other did.
    """
    ordered = sorted(versions, key=lambda v: v.number)
    near = [v for v in ordered if at - LONGEST_CALL < v.created < at + RECORD_TOLERANCE]
    return tuple(version for version in near if creates == (version.number == ordered[0].number))


def authors_of(version: int | None, content_hash: str | None, records: Iterable[AuditRecord]) -> frozenset[Actor]:
    """Return all those who may have written this version, or the same content in another one.

    They are nobody while there may be one more: for several versions in close succession, there have to be as many
    records as versions before anything is said of one of them.
    """
    edits = [r for r in records if r.status is None and not r.metadata_only]
    certain = {r.actor for r in edits if _is_about(r, version, content_hash)}
    possible = [r for r in edits if version in {each.number for each in r.versions}]
    if not possible or any(r.version == version for r in edits):
        return frozenset(certain)
    near, together = _in_close_succession(possible, edits)
    if len(near) < len(together):
        return frozenset()
    return frozenset(certain | {r.actor for r in possible})


def _is_about(record: AuditRecord, version: int | None, content_hash: str | None) -> bool:
    if version is not None and record.version == version:
        return True
    hashes = {record.content_hash, *(each.content_hash for each in record.versions)}
    return content_hash is not None and content_hash in hashes


def _in_close_succession(
    first: Collection[AuditRecord], edits: Collection[AuditRecord]
) -> tuple[list[AuditRecord], set[int]]:
    """Return the records, and the versions, that can't be told apart from the first ones or from one another."""
    together = {each.number for record in first for each in record.versions}
    while True:
        near = [r for r in edits if {r.version, *(each.number for each in r.versions)} & together]
        wider = together | {each.number for record in near for each in record.versions}
        if wider == together:
            return near, together
        together = wider
