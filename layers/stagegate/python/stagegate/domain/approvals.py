"""Who let a card into its status: the records, and what they add up to."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .cards import Card
from .lifecycle import CardStatus
from .principals import Actor, is_one_of

RECORD_TOLERANCE = timedelta(seconds=5)
"""CloudTrail gives the time of a request in whole seconds; the change it made is stamped up to this much later."""
_ONE_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRecord:
    """One API call that changed a card: recorded once, never changed and never re-attributed.

    `status` is what the call set, None for an edit of the content. `version` and `content_hash` are those that the
    call was about; None where the card had moved on before they could be read, and such a record approves nothing.
    """

    id: str
    at: datetime
    actor: Actor
    status: CardStatus | None
    version: int | None
    content_hash: str | None


class Standing(StrEnum):
    """Where the approval of a card stands."""

    APPROVED = "approved"
    """An approver set this status on this content, and nobody has taken the card out of the status since."""
    EDITED = "edited"
    """An approver set this status, on content that has been edited since."""
    WAITING = "waiting"
    """The record of the last change, or of who set the status, has not arrived; nothing can be said about it yet."""
    NOT_APPROVED = "not approved"
    """Every change is on record, and none of them is an approver's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The outcome for one set of approvers. `record` is the approval relied upon; `settled` tells whether the record
    of the card's last change is there: without it an approval that stood keeps standing, and none is new.
    """

    standing: Standing
    record: ChangeRecord | None = None
    settled: bool = True


def with_last_change(card: Card, records: Collection[ChangeRecord]) -> tuple[ChangeRecord, ...]:
    """Return the records, completed by what SageMaker itself says of the last status change.

    Only where CloudTrail's record of that very change is missing: a record is never replaced. Its time is cut to the
    second, as CloudTrail's are: a finer one would seem later than everything else of that second.
    """
    change = card.last_change
    if change is None or is_settled(card, records):
        return tuple(records)
    own = ChangeRecord(
        id=f"sagemaker-{card.version}-{change.at:%Y%m%dT%H%M%S%f}",
        at=change.at.replace(microsecond=0),
        actor=change.actor,
        status=card.status,
        version=card.version,
        content_hash=card.content_hash,
    )
    return (*records, own)


def is_settled(card: Card, records: Iterable[ChangeRecord]) -> bool:
    """Tell whether one of the records can be that of the change which SageMaker dates the last modification with."""
    return any(
        record.at <= card.last_modified < record.at + RECORD_TOLERANCE
        and (record.status is card.status if record.status else record.version == card.version)
        for record in records
    )


def approval_of(card: Card, records: Collection[ChangeRecord], principals: Collection[str]) -> Approval:
    """Tell whether one of these principals let the card into its present status, on its present content.

    An approval counts when it is later than every record of another status: whoever takes a card out of a status ends
    its approvals, whoever repeats a status changes nothing. Two records of one second have no order that could be
    known, so an approval of the same second as another status doesn't count.
    """
    settled = is_settled(card, records)
    left = max((r.at for r in records if r.status is not None and r.status is not card.status), default=None)
    standing = [
        record
        for record in sorted(records, key=lambda r: (r.at, r.id))
        if record.status is card.status
        and (left is None or record.at > left)
        and record.content_hash is not None
        and is_one_of(record.actor, principals)
    ]
    for record in reversed(standing):
        if record.content_hash == card.content_hash:
            return Approval(standing=Standing.APPROVED, record=record, settled=settled)
    if standing:
        return Approval(standing=Standing.EDITED, record=standing[-1], settled=settled)
    on_record = any(r.status is card.status and (left is None or r.at >= left) for r in records)
    return Approval(standing=Standing.NOT_APPROVED if settled and on_record else Standing.WAITING, settled=settled)


def of_this_card(card: Card, records: Iterable[ChangeRecord]) -> tuple[ChangeRecord, ...]:
    """Return the records that are about this card, and not about an earlier one of its name that has been deleted."""
    return tuple(record for record in records if record.at + RECORD_TOLERANCE > card.created)


def authors_of(version: int | None, content_hash: str | None, records: Iterable[ChangeRecord]) -> frozenset[Actor]:
    """Return those who are on record for having written this version, or the same content in another one."""
    return frozenset(
        r.actor
        for r in records
        if r.status is None
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
