"""Who changed a version of a model package: CloudTrail's events of the calls, and what is put on record of one."""
# ruff: noqa: N815 - members are spelled as CloudTrail spells them, so that an error names the member that is wrong

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from stagegate.approvals.attribution import is_prompt
from stagegate.approvals.kept import Kept
from stagegate.approvals.principals import Actor, could_be_one_caller
from stagegate.approvals.questions import is_answer
from stagegate.approvals.records import LONGEST_CALL, RECORD_TOLERANCE, AuditRecord, of_this_one, own_record
from stagegate.aws import sessions
from stagegate.aws.cloudtrail import Call, Envelope, decoded, status_of
from stagegate.core.arns import Subject
from stagegate.core.errors import InputError, RefusedError, SettingsError
from stagegate.core.statuses import PackageStatus
from stagegate.ledger import units
from stagegate.subjects.context import Access, Auditor
from stagegate.subjects.packages import artifact_reader, observe
from stagegate.subjects.packages.artifact_reader import ArtifactReader
from stagegate.subjects.packages.artifacts import with_fingerprints
from stagegate.subjects.packages.model import Package

PERMISSIONS = observe.PERMISSIONS | artifact_reader.BYTES_PERMISSIONS | sessions.PERMISSIONS | units.READ_PERMISSIONS
MEMBER_PERMISSIONS = artifact_reader.BYTES_PERMISSIONS


@dataclass(frozen=True)
class _Request:
    modelPackageArn: str | None = None
    modelApprovalStatus: str | None = None
    approvalDescription: str | None = None
    inferenceSpecification: Any = None
    additionalInferenceSpecificationsToAdd: Any = None
    modelCard: Any = None
    omitted: bool = False


@dataclass(frozen=True)
class _Response:
    modelPackageArn: str | None = None


def call_of(event: Mapping[str, Any], _partition: str) -> Call:
    """Return the call that a CloudTrail event reports. Raises InputError, which names the field that is wrong.

    A creation always sets a status. An update edits if it could change images or data, and not the metadata alone. Of a
    request that was too long CloudTrail leaves out everything ("omitted"): it may have changed both, and which status
    it set nobody knows, so that it approves nothing.
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
    call = envelope.call(
        arn=arn,
        # "PendingManualApproval" is what a version has whose creator gives none (sagemaker 2017-07-24).
        status=status or (PackageStatus.PENDING if creates and not request.omitted else None),
        creates=creates,
        edits=creates
        or request.omitted
        or bool(request.inferenceSpecification or request.additionalInferenceSpecificationsToAdd),
    )
    return replace(call, links=request.modelCard is not None, reason=request.approvalDescription or "")


def records_of(auditor: Auditor, call: Call, actor: Actor, subject: Subject, kept: Kept) -> Iterator[AuditRecord]:
    """Yield the records of an actor's call. A creation is two: its author's, and that of its first status.

    The record of a status has the bytes that lie at the package's addresses now, if they are certain to be those that
    the call was about; or why not. Where AWS refuses a look at them, nothing is recorded and RefusedError is raised:
    the record of an approval that says nothing of bytes would be void, and nobody would hear of it. Other statuses open
    nothing and don't look. Raises ThrottledError, as every read does.
    """
    package = observe.observe(auditor.sagemaker, subject, sealed=True)
    is_last = package is not None and _is_last_change(call, actor, package)
    content = package.content_hash if package and (is_last or _was_so_before(call, package, kept)) else None
    is_dated = package is not None and is_last and is_prompt(call.at, package.last_modified)
    record = AuditRecord(
        id=call.id,
        at=call.at,
        moment=package.last_modified if package and is_dated else None,
        actor=_as_sagemaker_names(actor, package.last_actor) if package and is_dated else actor,
        status=None,
        version=int(subject.name.rpartition("/")[2]),
        content_hash=content,
        card=package.card if package and is_last else _card_before(call, kept),
        creates=call.creates,
    )
    if call.edits or call.links or call.status is None:
        card = record.card if is_last or not (call.links or call.edits) else None
        yield replace(record, id=f"{call.id}-content", metadata_only=not call.edits, links=call.links, card=card)
    if call.status is not None:
        status = PackageStatus(call.status)
        risk = package.risk if package and content else None
        record = replace(record, status=status.value, risk=risk, reason=call.reason)
        yield with_bytes(record, status, auditor, subject, package, kept) if package and content else record


def own_record_of(auditor: Auditor, subject: Subject, kept: Kept) -> AuditRecord | None:
    """Return the record of a package's first status, where SageMaker itself names who made it and nobody else has."""
    package = observe.observe(auditor.sagemaker, subject, sealed=True)
    record = own_record(package, of_this_one(package, kept.records)) if package else None
    if package is None or record is None:
        return None
    record = replace(record, card=package.card)
    try:
        return with_bytes(record, package.status, auditor, subject, package, kept)
    except RefusedError as error:
        return replace(record, not_fingerprinted=str(error))


def with_bytes(
    record: AuditRecord,
    status: PackageStatus,
    auditor: Auditor,
    subject: Subject,
    package: Package,
    kept: Kept,
    here: Access | None = None,
) -> AuditRecord:
    """Return the record of a status with the bytes that it is about, or why they aren't known. `here` is the auditor's
    settled access, where that is known. Raises RefusedError.
    """
    try:
        here = here or auditor.settled()
    except SettingsError as error:
        return replace(record, not_fingerprinted=str(error))
    if not here.rules.opened_by(package.group, status):
        return replace(record, not_fingerprinted=f"governance.toml let {status} open nothing at the time")
    reader = ArtifactReader(rules=here.rules, environment=here.environment, members=here.members)
    artifacts = reader.observe(subject, package, encryption=False)
    answer = replace(record, fingerprints=artifacts.fingerprints)
    return answer if is_answer(answer, kept.questions) else with_fingerprints(record, package, artifacts)


def _is_last_change(call: Call, actor: Actor, package: Package) -> bool:
    """Tell whether nobody has changed the package since the call, so that it is made of what the call was about.

    A package has no versions of its content. Its last modification has to be of the call's time and of its caller:
    times alone would take somebody else's edit, a moment later, for what was approved.
    """
    last = package.last_actor
    in_time = call.at - LONGEST_CALL < package.last_modified < call.at + RECORD_TOLERANCE
    return in_time and last is not None and (last.arn == actor.arn or could_be_one_caller(last, actor))


def _as_sagemaker_names(actor: Actor, last: Actor | None) -> Actor:
    """Return the caller by the user profile that SageMaker names for this change, where the session says that name too.

    CloudTrail has a session of the execution role, and rules may list the profile. A session without the name could be
    any user's of the role.
    """
    if last is None or last.profile_name is None or last.profile_name != actor.source_identity:
        return actor
    return replace(actor, arn=last.arn)


def _was_so_before(call: Call, package: Package, kept: Kept) -> bool:
    """Tell whether the package was made of the same before the call as it is now, by the newest that is on record.

    Then it was in between, too: whoever repeats a status takes no approval away. Somebody else's edit about then makes
    it uncertain again (`entitle_package`).
    """
    found: list[tuple[datetime, str | None]] = [(q.at, q.asked.content_hash) for q in kept.questions if q.at <= call.at]
    changing = (r for r in kept.records if r.content_hash is not None or (r.status is None and not r.metadata_only))
    found += [(r.latest, r.content_hash) for r in changing if r.latest <= call.at]
    newest = max((at for at, _ in found), default=None)
    return {content for at, content in found if at == newest} == {package.content_hash}


def _card_before(call: Call, kept: Kept) -> str | None:
    """Return the card that the package's own card named when it was last on record before the call, None for never.

    What it names when the record arrives may be somebody else's edit, a moment after.
    """
    found = [(r.latest, r.card) for r in kept.records if r.latest <= call.at and r.card is not None]
    found += [(q.at, q.asked.card) for q in kept.questions if q.at <= call.at and q.asked.card is not None]
    return max(found, default=(call.at, None))[1]
