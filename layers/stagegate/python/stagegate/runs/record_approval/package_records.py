"""What is put down of a call that changed a model package, and of the content that it was about."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from stagegate.approvals.principals import Actor, could_be_one_caller
from stagegate.approvals.records import RECORD_TOLERANCE, AuditRecord
from stagegate.aws import sessions
from stagegate.core.arns import Subject
from stagegate.core.errors import PermanentError
from stagegate.core.statuses import PackageStatus
from stagegate.runs.record_approval.package_calls import PackageCall
from stagegate.subjects.packages import artifact_reader
from stagegate.subjects.packages import observe as observe_packages
from stagegate.subjects.packages.artifact_reader import ArtifactReader
from stagegate.subjects.packages.artifacts import with_fingerprints
from stagegate.subjects.packages.package import Package

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

PERMISSIONS = observe_packages.PERMISSIONS | artifact_reader.BYTES_PERMISSIONS | sessions.PERMISSIONS


def records_of(
    sagemaker: "SageMakerClient",
    reader: Callable[[], ArtifactReader],
    call: PackageCall,
    actor: Actor,
    subject: Subject,
) -> Iterator[AuditRecord]:
    """Yield the records of an actor's call. A creation is two: its author's, and that of its first status.

    The record of a status has the bytes that lie at the package's addresses now, if they are certain to be those that
    the call was about; or why not. It is never held up by that for good: whoever takes a package out of a status has to
    be on record. Raises ThrottledError, as every read does.
    """
    package = observe_packages.observe(sagemaker, subject, sealed=True)
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
        record = AuditRecord(
            id=call.id,
            at=call.at,
            actor=actor,
            status=call.status.value,
            version=version,
            content_hash=content,
            risk=package.risk if package and content else None,
        )
        yield _with_fingerprints(record, call.status, reader, subject, package) if package and content else record


def _with_fingerprints(
    record: AuditRecord, status: PackageStatus, reader: Callable[[], ArtifactReader], subject: Subject, package: Package
) -> AuditRecord:
    try:
        place = reader()
        if not place.rules.opened_by(package.group, status):
            return replace(record, not_fingerprinted=f"governance.toml let {status} open nothing at the time")
        return with_fingerprints(record, package, place.observe(subject, package, encryption=False))
    except PermanentError as error:
        return replace(record, not_fingerprinted=str(error))


def _is_last_change(call: PackageCall, actor: Actor, package: Package) -> bool:
    """Tell whether nobody has changed the package since the call, so that it is made of what the call was about.

    A package has no versions of its content. Its last modification has to be of the call's time and of its caller:
    CloudTrail's whole seconds alone would take somebody else's edit, a moment later, for what was approved.
    """
    last = package.last_actor
    in_time = call.at <= package.last_modified < call.at + RECORD_TOLERANCE
    return in_time and last is not None and (last.arn == actor.arn or could_be_one_caller(last, actor))
