"""Who changed a version of a model package: CloudTrail's events of the calls, and what is put on record of one."""
# ruff: noqa: N815 - members are spelled as CloudTrail spells them, so that an error names the member that is wrong

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from stagegate.approvals.principals import Actor, could_be_one_caller
from stagegate.approvals.records import RECORD_TOLERANCE, AuditRecord
from stagegate.aws import sessions
from stagegate.aws.cloudtrail import Call, Envelope, decoded, status_of
from stagegate.core.arns import Subject
from stagegate.core.errors import InputError, PermanentError
from stagegate.core.statuses import PackageStatus
from stagegate.subjects.context import Auditor
from stagegate.subjects.packages import artifact_reader, observe
from stagegate.subjects.packages.artifact_reader import ArtifactReader
from stagegate.subjects.packages.artifacts import with_fingerprints
from stagegate.subjects.packages.model import Package

PERMISSIONS = observe.PERMISSIONS | artifact_reader.BYTES_PERMISSIONS | sessions.PERMISSIONS
MEMBER_PERMISSIONS = artifact_reader.BYTES_PERMISSIONS


@dataclass(frozen=True)
class _Request:
    modelPackageArn: str | None = None
    modelApprovalStatus: str | None = None
    inferenceSpecification: Any = None
    additionalInferenceSpecificationsToAdd: Any = None


@dataclass(frozen=True)
class _Response:
    modelPackageArn: str | None = None


def call_of(event: Mapping[str, Any], _partition: str) -> Call:
    """Return the call that a CloudTrail event reports. Raises InputError, which names the field that is wrong.

    A creation always sets a status. An update edits if it could change images or data, and not the metadata alone.
    """
    envelope = decoded(Envelope[_Request, _Response], event, "CreateModelPackage or UpdateModelPackage")
    record, request = envelope.detail, envelope.detail.requestParameters
    arn = (record.responseElements.modelPackageArn if record.responseElements else None) or request.modelPackageArn
    if arn is None:
        raise InputError(
            "CloudTrail event: detail.responseElements.modelPackageArn: found nothing; allowed: the ARN of a package"
        )
    creates = record.eventName == "CreateModelPackage"
    status = status_of(PackageStatus, request.modelApprovalStatus, "modelApprovalStatus")
    return envelope.call(
        arn=arn,
        # "PendingManualApproval" is what a version has whose creator gives none (sagemaker 2017-07-24).
        status=status or (PackageStatus.PENDING if creates else None),
        creates=creates,
        edits=creates or bool(request.inferenceSpecification or request.additionalInferenceSpecificationsToAdd),
    )


def records_of(auditor: Auditor, call: Call, actor: Actor, subject: Subject) -> Iterator[AuditRecord]:
    """Yield the records of an actor's call. A creation is two: its author's, and that of its first status.

    The record of a status has the bytes that lie at the package's addresses now, if they are certain to be those that
    the call was about; or why not. It is never held up by that for good: whoever takes a package out of a status has to
    be on record. Raises ThrottledError, as every read does.
    """
    package = observe.observe(auditor.sagemaker, subject, sealed=True)
    content = package.content_hash if package and _is_last_change(call, actor, package) else None
    version = int(subject.name.rpartition("/")[2])
    if call.edits or call.status is None:
        yield AuditRecord(
            id=f"{call.id}-content",
            at=call.at,
            actor=actor,
            status=None,
            version=version,
            content_hash=content,
            metadata_only=not call.edits,
        )
    if call.status is not None:
        status = PackageStatus(call.status)
        record = AuditRecord(
            id=call.id,
            at=call.at,
            actor=actor,
            status=status.value,
            version=version,
            content_hash=content,
            risk=package.risk if package and content else None,
        )
        yield _with_fingerprints(record, status, auditor, subject, package) if package and content else record


def _with_fingerprints(
    record: AuditRecord, status: PackageStatus, auditor: Auditor, subject: Subject, package: Package
) -> AuditRecord:
    try:
        here = auditor.access()
        if not here.rules.opened_by(package.group, status):
            return replace(record, not_fingerprinted=f"governance.toml let {status} open nothing at the time")
        reader = ArtifactReader(rules=here.rules, environment=here.environment, members=here.members)
        return with_fingerprints(record, package, reader.observe(subject, package, encryption=False))
    except PermanentError as error:
        return replace(record, not_fingerprinted=str(error))


def _is_last_change(call: Call, actor: Actor, package: Package) -> bool:
    """Tell whether nobody has changed the package since the call, so that it is made of what the call was about.

    A package has no versions of its content. Its last modification has to be of the call's time and of its caller:
    CloudTrail's whole seconds alone would take somebody else's edit, a moment later, for what was approved.
    """
    last = package.last_actor
    in_time = call.at <= package.last_modified < call.at + RECORD_TOLERANCE
    return in_time and last is not None and (last.arn == actor.arn or could_be_one_caller(last, actor))
