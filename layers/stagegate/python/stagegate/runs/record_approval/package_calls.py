"""CloudTrail's events of calls that changed a version of a model package."""
# ruff: noqa: N815 - members are spelled as CloudTrail spells them, so that an error names the member that is wrong

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stagegate.approvals.principals import Actor
from stagegate.core.errors import InputError
from stagegate.core.statuses import PackageStatus
from stagegate.runs.record_approval.cloudtrail import Record, decoded, status_of

CALLS = ("CreateModelPackage", "UpdateModelPackage")


@dataclass(frozen=True)
class _Request:
    modelPackageArn: str | None = None
    modelApprovalStatus: str | None = None
    inferenceSpecification: Any = None
    additionalInferenceSpecificationsToAdd: Any = None


@dataclass(frozen=True)
class _Response:
    modelPackageArn: str | None = None


@dataclass(frozen=True, kw_only=True)
class _Record(Record):
    requestParameters: _Request
    responseElements: _Response | None = None


@dataclass(frozen=True)
class _Envelope:
    account: str
    detail: _Record


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageCall:
    """A call that created or updated a model package: which, when (whole seconds), by whom, and what it set.

    `status` is None for an update that left it alone; a creation always sets one. `edits` tells whether the call could
    change images or data, and not the metadata alone. `actor` is None in a copy that names nobody.
    """

    id: str
    arn: str
    at: datetime
    actor: Actor | None
    status: PackageStatus | None
    creates: bool
    edits: bool


def package_call(event: Mapping[str, Any]) -> PackageCall:
    """Return the call that a CloudTrail event reports. Raises InputError, which names the field that is wrong."""
    envelope = decoded(_Envelope, event, " or ".join(CALLS))
    record = envelope.detail
    request = record.requestParameters
    named = record.responseElements.modelPackageArn if record.responseElements else None
    arn = named or request.modelPackageArn
    if arn is None:
        raise InputError(
            "CloudTrail event: detail.responseElements.modelPackageArn: found nothing; allowed: the ARN of a package"
        )
    creates = record.eventName == CALLS[0]
    status = status_of(PackageStatus, request.modelApprovalStatus, "modelApprovalStatus")
    return PackageCall(
        id=record.id,
        arn=arn,
        at=record.at,
        actor=record.actor_in(envelope.account),
        # "PendingManualApproval" is what a version has whose creator gives none (sagemaker 2017-07-24).
        status=status or (PackageStatus.PENDING if creates else None),
        creates=creates,
        edits=creates or bool(request.inferenceSpecification or request.additionalInferenceSpecificationsToAdd),
    )
