"""Who changed a model card: CloudTrail's events of the calls, and what is put on record of one."""
# ruff: noqa: N815 - members are spelled as CloudTrail spells them, so that an error names the member that is wrong

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from stagegate.approvals.attribution import Version, moment_of, versions_set, versions_written
from stagegate.approvals.kept import Kept
from stagegate.approvals.principals import Actor
from stagegate.approvals.records import LONGEST_CALL, AuditRecord, PossibleVersion, of_this_one, own_record
from stagegate.aws.cloudtrail import Call, Envelope, decoded, status_of
from stagegate.core.arns import Subject
from stagegate.core.errors import InputError
from stagegate.core.statuses import CardStatus
from stagegate.subjects.cards import observe
from stagegate.subjects.context import Auditor

PERMISSIONS = observe.PERMISSIONS
MEMBER_PERMISSIONS: frozenset[str] = frozenset()

MOST_POSSIBLE = 20
"""Versions, the latest, whose content is read for one call. Who wrote one of the others can't be told."""


@dataclass(frozen=True)
class _Request:
    modelCardName: str | None = None
    modelCardStatus: str | None = None


@dataclass(frozen=True)
class _Response:
    modelCardArn: str | None = None


def call_of(event: Mapping[str, Any], partition: str) -> Call:
    """Return the call that a CloudTrail event reports. Raises InputError, which names the field that is wrong.

    An update sets a status or writes the content; a creation does both. Of a request that was too long CloudTrail
    leaves out everything ("omitted"). Only content is as long as that: it is the record of an edit, and of no status.
    """
    envelope = decoded(Envelope[_Request, _Response], event, "CreateModelCard or UpdateModelCard")
    record, request = envelope.detail, envelope.detail.requestParameters
    named = (record.responseElements.modelCardArn if record.responseElements else None) or request.modelCardName
    if named is None:
        raise InputError(
            "CloudTrail event: detail.requestParameters.modelCardName: found nothing, and no modelCardArn in"
            " detail.responseElements; allowed: the name or the ARN of a card"
        )
    home = f"arn:{partition}:sagemaker:{record.awsRegion}:{envelope.account}:model-card"
    status = status_of(CardStatus, request.modelCardStatus, "modelCardStatus")
    creates = record.eventName == "CreateModelCard"
    return envelope.call(
        arn=named if named.startswith("arn:") else f"{home}/{named}",
        status=status,
        creates=creates,
        edits=creates or status is None,
    )


def records_of(auditor: Auditor, call: Call, actor: Actor, subject: Subject, kept: Kept) -> Iterator[AuditRecord]:
    """Yield the records of a call. A creation is two: its author's, and that of whoever set its first status.

    Where the call may have been about several versions, the record has them all, and what it set approves none of them.
    """
    found = [
        Version(
            number=summary["ModelCardVersion"],
            status=CardStatus(summary["ModelCardStatus"]),
            created=summary["CreationTime"].astimezone(UTC),
            modified=(summary.get("LastModifiedTime") or summary["CreationTime"]).astimezone(UTC),
        )
        for summary in observe.versions(auditor.sagemaker, subject.name)
    ]
    written = versions_written(call.at, found, creates=call.creates)

    def record(id_: str, status: CardStatus | None, versions: tuple[Version, ...]) -> AuditRecord:
        numbers = [version.number for version in versions[-MOST_POSSIBLE:]]
        read = [PossibleVersion(number=n, content_hash=_hash(auditor, subject, n)) for n in numbers]
        (only,) = read if len(read) == 1 else (None,)
        moment = _moment(call, status, versions[0]) if len(versions) == 1 else None
        return AuditRecord(
            id=id_,
            at=call.at,
            moment=moment,
            actor=actor,
            status=status.value if status else None,
            version=only.number if only else None,
            content_hash=only.content_hash if only else None,
            versions=() if only else tuple(read),
            creates=call.creates,
        )

    if call.edits:
        yield record(f"{call.id}-content", None, written)
    if call.status is not None:
        status = CardStatus(call.status)
        set_ = written if call.creates else versions_set(status, call.at, found)
        yield record(call.id, status, () if _may_be_of_another(call, found, kept) else set_)


def own_record_of(auditor: Auditor, subject: Subject, kept: Kept) -> AuditRecord | None:
    """Return the record of the last change of status, where SageMaker itself names who made it and nobody else has."""
    card = observe.observe(auditor.sagemaker, subject)
    return own_record(card, of_this_one(card, kept.records)) if card else None


def _hash(auditor: Auditor, subject: Subject, version: int) -> str | None:
    return observe.content_hash_of(auditor.sagemaker, subject.name, version)


def _moment(call: Call, status: CardStatus | None, version: Version) -> datetime | None:
    """Return when the change of a call was made, where its version says so."""
    return version.created if status is None or call.creates else moment_of(status, call.at, version)


def _may_be_of_another(call: Call, versions: Iterable[Version], kept: Kept) -> bool:
    """Tell whether the call may have been about a card of its name that was deleted, and is on record."""
    created = min((version.created for version in versions), default=None)
    if created is None or call.creates or created <= call.at - LONGEST_CALL:
        return False
    return any(record.latest < created for record in kept.records)
