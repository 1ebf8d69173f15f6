"""Who let a card or a package into its status: the records, and what they add up to."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from stagegate.approvals.fingerprints import Fingerprints
from stagegate.approvals.principals import Actor, is_one_of
from stagegate.core.statuses import RiskRating
from stagegate.core.untrusted import word

RECORD_TOLERANCE = timedelta(seconds=5)
"""How much later than CloudTrail's record a change may be stamped, by clocks that differ."""
LONGEST_CALL = timedelta(minutes=2)
"""How much later than its change a call may be completed: CloudTrail's `eventTime` is the completion ("CloudTrail
record contents"), and the SDKs give up on a request after a minute."""
ONE_SECOND = timedelta(seconds=1)
"""CloudTrail's times are whole seconds, cut and not rounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastChange:
    """The last status change of a subject, where SageMaker itself names who made it."""

    actor: Actor
    at: datetime


class Approvable(Protocol):
    """What an approval is about: a card or a package, as it stands now."""

    @property
    def status(self) -> str:
        """Its status, in the words of its kind."""

    @property
    def version(self) -> int:
        """Its version, or its number in its group."""

    @property
    def content_hash(self) -> str:
        """What was approved."""

    @property
    def risk(self) -> RiskRating:
        """How risky its card says the model is."""

    @property
    def created(self) -> datetime:
        """Its own creation: what is deleted and made again under a name is another subject."""

    @property
    def last_modified(self) -> datetime:
        """When anything of it was last changed."""

    @property
    def last_change(self) -> LastChange | None:
        """The change of that moment, if it set the status and SageMaker names who made it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PossibleVersion:
    """A version that a call may have been about; no `content_hash` where it couldn't be read any more."""

    number: int
    content_hash: str | None


class RecordSource(StrEnum):
    """Whose word a record is."""

    CLOUDTRAIL = "cloudtrail"
    """CloudTrail's, or SageMaker's of who made the subject."""
    STATE_CHANGE = "state_change"
    """SageMaker's alone: an event says that the status was changed, and the description who changed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One API call that changed a subject: recorded once, never changed and never re-attributed.

    `at` is when the call was completed, in whole seconds; its change was made between `earliest` and `latest`. `moment`
    is that of the change itself, where SageMaker's own times tell it. `status` is what the call set, in the words of
    the subject's kind; None for an edit of the content. `version` and `content_hash` are those that the call was about;
    None where that can't be told, and a record without the hash approves nothing. Where the call may have been about
    one of several, `versions` has them all. `metadata_only` tells of a call that set no status and could not change the
    content either: it accounts for the last modification and for nothing else. `creates` tells of the call that made
    the subject. `fingerprints` are the bytes of the package that an approval was about, or `not_fingerprinted` says why
    they aren't known; `risk` is how risky its card said it was, for a package, whose content that isn't part of.
    `source` says whose word it is. `card` is the one that the package's own card named then, "" for none; None for a
    card's record, and for one of a release that didn't look. `links` tells of a call that could change that.
    `reason` is what the caller has said of why, "" for nothing.
    """

    id: str
    at: datetime
    actor: Actor
    status: str | None
    version: int | None
    content_hash: str | None
    metadata_only: bool = False
    fingerprints: Fingerprints | None = None
    not_fingerprinted: str = ""
    risk: RiskRating | None = None
    moment: datetime | None = None
    creates: bool = False
    versions: tuple[PossibleVersion, ...] = ()
    source: RecordSource = RecordSource.CLOUDTRAIL
    card: str | None = None
    links: bool = False
    reason: str = ""

    @property
    def earliest(self) -> datetime:
        """When the change was made at the earliest."""
        return self.moment or self.at - LONGEST_CALL

    @property
    def latest(self) -> datetime:
        """When the change was made at the latest."""
        return self.moment or self.at + ONE_SECOND

    def __str__(self) -> str:
        """Who it was, and when, for people."""
        return f"{word(self.actor.arn)} at {self.at:%Y-%m-%d %H:%M:%S} UTC"


class Standing(StrEnum):
    """Where the approval of a subject stands."""

    APPROVED = "approved"
    """An approver set this status on this content, and nobody has taken the subject out of it since."""
    EDITED = "edited"
    """An approver set this status, on content that has been edited since."""
    WAITING = "waiting"
    """The record of the last change, or of who set the status, has not arrived; nothing can be said about it yet."""
    NOT_APPROVED = "not approved"
    """Every change is on record, and none of them is an approver's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The outcome for one set of approvers. `record` is the last approval of the present content, or else the last of
    any; `settled` tells whether the record of the subject's last change is there: without it an approval that stood
    keeps standing, and none is new. `all` are the approvals of whatever content that nobody has ended, in order.
    """

    standing: Standing
    record: AuditRecord | None = None
    settled: bool = True
    all: tuple[AuditRecord, ...] = ()


def own_record(subject: Approvable, records: Collection[AuditRecord]) -> AuditRecord | None:
    """Return what SageMaker itself says of the last status change, None where it says nothing.

    Only where CloudTrail's record of that very change is missing: a record is never replaced. Its time is cut to the
    second, as CloudTrail's are: a finer one would seem later than everything else of that second.
    """
    change = subject.last_change
    if change is None or is_settled(subject, records):
        return None
    return AuditRecord(
        id=f"sagemaker-{subject.version}-{change.at:%Y%m%dT%H%M%S%f}",
        at=change.at.replace(microsecond=0),
        actor=change.actor,
        status=str(subject.status),
        version=subject.version,
        content_hash=subject.content_hash,
        risk=subject.risk,
        moment=change.at,
    )


def is_settled(subject: Approvable, records: Iterable[AuditRecord]) -> bool:
    """Tell whether one of the records can be that of the change which SageMaker dates the last modification with."""
    return any(
        _may_have_made(record, subject.last_modified)
        and (record.status == subject.status if record.status else subject.version in _versions_of(record))
        for record in records
    )


def _may_have_made(record: AuditRecord, modified: datetime) -> bool:
    """Tell whether the call of a record can have made the change of that time; SageMaker's own word is of one."""
    if record.source is RecordSource.STATE_CHANGE:
        return record.moment == modified
    return is_about_then(record, modified)


def is_about_then(record: AuditRecord, moment: datetime) -> bool:
    """Tell whether a call that CloudTrail tells of can have made a change that SageMaker dates with that time."""
    return record.at - LONGEST_CALL < moment < record.at + RECORD_TOLERANCE


def _versions_of(record: AuditRecord) -> Collection[int | None]:
    return {possible.number for possible in record.versions} or {record.version}


def approval_of(subject: Approvable, records: Collection[AuditRecord], principals: Collection[str]) -> Approval:
    """Tell whether one of these principals let the subject into its present status, on its present content.

    An approval counts when it is later than every record of another status: whoever takes a subject out of a status
    ends its approvals, whoever repeats a status changes nothing. Calls stand in the order in which they were completed,
    unless it is known when their changes were made. Two records of one second have no order that could be known, so an
    approval of the same second as another status doesn't count.
    """
    settled = is_settled(subject, records)
    told_apart = _told_apart(records)
    left = [r for r in told_apart if r.status is not None and r.status != subject.status]
    standing = tuple(
        record
        for record in sorted(told_apart, key=lambda r: (r.at, r.id))
        if record.status == subject.status
        and all(_is_after(record, other) for other in left)
        and record.content_hash is not None
        and is_one_of(record.actor, principals)
    )
    for record in reversed(standing):
        if record.content_hash == subject.content_hash:
            return Approval(standing=Standing.APPROVED, record=record, settled=settled, all=standing)
    if standing:
        return Approval(standing=Standing.EDITED, record=standing[-1], settled=settled, all=standing)
    last_left = max((r.at for r in left), default=None)
    recorded = any(r.status == subject.status and (last_left is None or r.at >= last_left) for r in records)
    return Approval(standing=Standing.NOT_APPROVED if settled and recorded else Standing.WAITING, settled=settled)


def _told_apart(records: Collection[AuditRecord]) -> list[AuditRecord]:
    """Return the records without the moments that two callers' calls share: one of them was then, and nobody knows
    which.
    """
    callers: dict[tuple[datetime, str | None], set[str]] = {}
    for record in records:
        if record.moment:
            callers.setdefault((record.moment, record.status), set()).add(record.actor.arn)
    return [
        replace(record, moment=None) if record.moment and len(callers[record.moment, record.status]) > 1 else record
        for record in records
    ]


def _is_after(record: AuditRecord, other: AuditRecord) -> bool:
    return record.moment > other.moment if record.moment and other.moment else record.at > other.at


def of_this_one(subject: Approvable, records: Iterable[AuditRecord]) -> tuple[AuditRecord, ...]:
    """Return the records that are about this subject, and not about one of its name that has been deleted."""
    return tuple(record for record in records if record.at + RECORD_TOLERANCE > subject.created)
