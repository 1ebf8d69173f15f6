"""Approvals of packages on SageMaker's own word: its event says what was changed, and its description who changed it.

Neither says enough alone, and the two may be about different changes. They are believed where they can't be, until
CloudTrail's record of the call comes: it confirms what they said, or takes it back.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from stagegate.approvals.principals import Actor
from stagegate.approvals.records import Approvable, AuditRecord, RecordSource, is_about_then

_STATUS = "ModelApprovalStatus"
_STATUS_ALONE = frozenset({_STATUS, "ApprovalDescription"})
"""What an approval changes (`UpdatedModelPackageFields`), and no more than that."""
_NEAR = timedelta(seconds=5)
"""So near another change may lie that a record is of: clocks differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """What SageMaker's event says of a change of a package: which `status` it had then, which `fields` were changed,
    and when, as exactly as the event has it; None where it can't be read.
    """

    arn: str
    status: str
    fields: frozenset[str]
    at: datetime | None


def doubt(change: StateChange, subject: Approvable, records: Collection[AuditRecord]) -> str:
    """Return why it isn't certain that whoever made the subject's last change set its status by this one; "" if it is.

    `subject` was read after the event. The times have to be the same, and finer than a second: in one second somebody
    may have set the status, and somebody else changed the metadata, whom the description names then.
    """
    if _STATUS not in change.fields:
        return "the event isn't of a status"
    if not change.fields <= _STATUS_ALONE:
        return "the call changed more than the status"
    if change.at is None or change.at.microsecond == 0:
        return "the event's time isn't finer than a second"
    if change.at != subject.last_modified:
        return "the package was changed at another time than the event says"
    if change.status != subject.status:
        return "the package has another status than the event says"
    if any(record.earliest - _NEAR < change.at < record.latest + _NEAR for record in records):
        return "another change about then is on record"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """The records that count, and those on SageMaker's word that CloudTrail contradicts: they don't."""

    records: tuple[AuditRecord, ...]
    contradicted: tuple[AuditRecord, ...] = ()


def weighed(records: Collection[AuditRecord], *, takes_state_changes: bool) -> Weighed:
    """Return the records with CloudTrail's word for SageMaker's, where both are there.

    A call that both tell of is one record, by CloudTrail, of the time that SageMaker has: what rests on it stays as it
    is. Where CloudTrail knows that the status was set about then, and not by this caller, the record is contradicted.
    Where the rules don't take SageMaker's word, CloudTrail's alone is there.
    """
    rest = [record for record in records if record.source is not RecordSource.STATE_CHANGE]
    if not takes_state_changes:
        return Weighed(records=tuple(rest))
    told = {record.id: record for record in records if record.source is RecordSource.STATE_CHANGE}
    counted: list[AuditRecord] = []
    contradicted: list[AuditRecord] = []
    for record in sorted(told.values(), key=lambda r: (r.at, r.id)):
        about_then = [r for r in rest if _may_be_of_one_call(r, record)]
        own = [r for r in about_then if _is_caller(r.actor, record.actor)]
        if own:
            confirmed = min(own, key=lambda r: (r.at, r.id))
            rest = [r for r in rest if r.id != confirmed.id]
            actor = replace(confirmed.actor, arn=record.actor.arn)
            counted.append(replace(record, actor=actor, source=RecordSource.CLOUDTRAIL, reason=confirmed.reason))
        elif about_then:
            contradicted.append(record)
        else:
            counted.append(record)
    return Weighed(records=(*rest, *counted), contradicted=tuple(contradicted))


def _may_be_of_one_call(record: AuditRecord, told: AuditRecord) -> bool:
    """Tell whether CloudTrail's record may be of the call that SageMaker has told of. The one that made the package is
    another.
    """
    is_update = record.status == told.status and record.version == told.version and not record.creates
    return is_update and told.moment is not None and is_about_then(record, told.moment)


def _is_caller(found: Actor, told: Actor) -> bool:
    """Tell whether CloudTrail names whom SageMaker names; a Studio user is a session with the profile's name there."""
    if told.profile_name is not None and found.source_identity == told.profile_name:
        return True
    differ = None not in (found.source_identity, told.source_identity) and found.source_identity != told.source_identity
    return found.arn == told.arn and not differ


def is_author_known(content_hash: str, records: Collection[AuditRecord]) -> bool:
    """Tell whether CloudTrail has said who wrote this content, and of nobody who did that they act for somebody else.

    SageMaker's word of an approval comes minutes before CloudTrail's of an edit just before it, and doesn't say on
    whose behalf somebody acts: a second person can't be told from the first then.
    """
    edits = [r for r in records if r.status is None and not r.metadata_only]
    is_on_record = any(r.content_hash == content_hash for r in edits)
    return is_on_record and not any(r.actor.on_behalf_of for r in edits)
