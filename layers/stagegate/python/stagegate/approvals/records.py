"""Who let a card or a package into its status: the records, and what they add up to."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from stagegate.approvals.fingerprints import Fingerprints
from stagegate.approvals.principals import Actor, is_one_of
from stagegate.core.statuses import CardStatus, RiskRating
from stagegate.core.untrusted import word

RECORD_TOLERANCE = timedelta(seconds=5)
"""CloudTrail gives the time of a request in whole seconds; the change it made is stamped up to this much later."""
_ONE_SECOND = timedelta(seconds=1)


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
class AuditRecord:
    """One API call that changed a subject: recorded once, never changed and never re-attributed.

    `status` is what the call set, in the words of the subject's kind; None for an edit of the content. `version` and
    `content_hash` are those that the call was about; None where the subject had moved on before they could be read, and
    a record without the hash approves nothing. `metadata_only` tells of a call that set no status and could not change
    the content either: it accounts for the last modification and for nothing else. `fingerprints` are the bytes of the
    package that an approval was about, or `not_fingerprinted` says why they aren't known; `risk` is how risky its card
    said it was, for a package, whose content that isn't part of.
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
    """The outcome for one set of approvers. `record` is the approval relied upon; `settled` tells whether the record
    of the subject's last change is there: without it an approval that stood keeps standing, and none is new.
    """

    standing: Standing
    record: AuditRecord | None = None
    settled: bool = True


def with_last_change(subject: Approvable, records: Collection[AuditRecord]) -> tuple[AuditRecord, ...]:
    """Return the records, completed by what SageMaker itself says of the last status change.

    Only where CloudTrail's record of that very change is missing: a record is never replaced. Its time is cut to the
    second, as CloudTrail's are: a finer one would seem later than everything else of that second.
    """
    change = subject.last_change
    if change is None or is_settled(subject, records):
        return tuple(records)
    own = AuditRecord(
        id=f"sagemaker-{subject.version}-{change.at:%Y%m%dT%H%M%S%f}",
        at=change.at.replace(microsecond=0),
        actor=change.actor,
        status=str(subject.status),
        version=subject.version,
        content_hash=subject.content_hash,
        risk=subject.risk,
    )
    return (*records, own)


def is_settled(subject: Approvable, records: Iterable[AuditRecord]) -> bool:
    """Tell whether one of the records can be that of the change which SageMaker dates the last modification with."""
    return any(
        record.at <= subject.last_modified < record.at + RECORD_TOLERANCE
        and (record.status == subject.status if record.status else record.version == subject.version)
        for record in records
    )


def approval_of(subject: Approvable, records: Collection[AuditRecord], principals: Collection[str]) -> Approval:
    """Tell whether one of these principals let the subject into its present status, on its present content.

    An approval counts when it is later than every record of another status: whoever takes a subject out of a status
    ends its approvals, whoever repeats a status changes nothing. Two records of one second have no order that could be
    known, so an approval of the same second as another status doesn't count.
    """
    settled = is_settled(subject, records)
    left = max((r.at for r in records if r.status is not None and r.status != subject.status), default=None)
    standing = [
        record
        for record in sorted(records, key=lambda r: (r.at, r.id))
        if record.status == subject.status
        and (left is None or record.at > left)
        and record.content_hash is not None
        and is_one_of(record.actor, principals)
    ]
    for record in reversed(standing):
        if record.content_hash == subject.content_hash:
            return Approval(standing=Standing.APPROVED, record=record, settled=settled)
    if standing:
        return Approval(standing=Standing.EDITED, record=standing[-1], settled=settled)
    recorded = any(r.status == subject.status and (left is None or r.at >= left) for r in records)
    return Approval(standing=Standing.NOT_APPROVED if settled and recorded else Standing.WAITING, settled=settled)


def of_this_one(subject: Approvable, records: Iterable[AuditRecord]) -> tuple[AuditRecord, ...]:
    """Return the records that are about this subject, and not about one of its name that has been deleted."""
    return tuple(record for record in records if record.at + RECORD_TOLERANCE > subject.created)


def authors_of(version: int | None, content_hash: str | None, records: Iterable[AuditRecord]) -> frozenset[Actor]:
    """Return those who are on record for having written this version, or the same content in another one."""
    return frozenset(
        r.actor
        for r in records
        if r.status is None
        and not r.metadata_only
        and (
            (version is not None and r.version == version)
            or (content_hash is not None and r.content_hash == content_hash)
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a card: when it was written, when it (its status) was last changed, and its status."""

    number: int
    status: CardStatus
    created: datetime
    modified: datetime


def version_set(status: CardStatus, at: datetime, versions: Iterable[Version]) -> int | None:
    """Return the version whose status a call at that second set, or None if the card has moved on since.

    A later edit makes a version that carries the status along, so the lowest of several is the one that was meant.
    A version that was made after that second is none that the caller can have seen.
    """
    return min(
        (
            v.number
            for v in versions
            if v.status is status and v.created < at + _ONE_SECOND and at <= v.modified < at + RECORD_TOLERANCE
        ),
        default=None,
    )


def version_written(at: datetime, versions: Iterable[Version]) -> int | None:
    """Return the version whose content a call at that second wrote: the oldest that can be it."""
    return min((v.number for v in versions if at <= v.created < at + RECORD_TOLERANCE), default=None)
