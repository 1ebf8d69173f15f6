"""Who changed a model card: CloudTrail's events of the calls, and what is put on record of one."""
# ruff: noqa: N815 - members are spelled as CloudTrail spells them, so that an error names the member that is wrong

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from stagegate.approvals.principals import Actor
from stagegate.approvals.records import AuditRecord, Version, version_set, version_written
from stagegate.aws.cloudtrail import Call, Envelope, decoded, status_of
from stagegate.core.arns import Subject
from stagegate.core.statuses import CardStatus
from stagegate.subjects.cards import observe
from stagegate.subjects.context import Auditor

PERMISSIONS = observe.PERMISSIONS
MEMBER_PERMISSIONS: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Request:
    modelCardName: str
    modelCardStatus: str | None = None


@dataclass(frozen=True)
class _Response:
    modelCardArn: str | None = None


def call_of(event: Mapping[str, Any], partition: str) -> Call:
    """Return the call that a CloudTrail event reports. Raises InputError, which names the field that is wrong.

    An update sets a status or writes the content; a creation does both.
    """
    envelope = decoded(Envelope[_Request, _Response], event, "CreateModelCard or UpdateModelCard")
    record, request = envelope.detail, envelope.detail.requestParameters
    named = (record.responseElements.modelCardArn if record.responseElements else None) or request.modelCardName
    home = f"arn:{partition}:sagemaker:{record.awsRegion}:{envelope.account}:model-card"
    status = status_of(CardStatus, request.modelCardStatus, "modelCardStatus")
    creates = record.eventName == "CreateModelCard"
    return envelope.call(
        arn=named if named.startswith("arn:") else f"{home}/{named}",
        status=status,
        creates=creates,
        edits=creates or status is None,
    )


def records_of(auditor: Auditor, call: Call, actor: Actor, subject: Subject) -> Iterator[AuditRecord]:
    """Yield the records of a call. A creation is two: its author's, and that of whoever set its first status."""
    versions = [
        Version(
            number=summary["ModelCardVersion"],
            status=CardStatus(summary["ModelCardStatus"]),
            created=summary["CreationTime"].astimezone(UTC),
            modified=(summary.get("LastModifiedTime") or summary["CreationTime"]).astimezone(UTC),
        )
        for summary in observe.versions(auditor.sagemaker, subject.name)
    ]
    written = version_written(call.at, versions)

    def record(id_: str, status: CardStatus | None, version: int | None) -> AuditRecord:
        return AuditRecord(
            id=id_,
            at=call.at,
            actor=actor,
            status=status.value if status else None,
            version=version,
            content_hash=None if version is None else observe.content_hash_of(auditor.sagemaker, subject.name, version),
        )

    if call.edits:
        yield record(f"{call.id}-content", None, written)
    if call.status is not None:
        status = CardStatus(call.status)
        yield record(call.id, status, written if call.creates else version_set(status, call.at, versions))
