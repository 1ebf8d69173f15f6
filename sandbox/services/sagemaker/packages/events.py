"""`SageMaker Model Package State Change`, with the documented members.

https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html. There is no previous status
in it, nor who made the change.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sandbox.kernel.spelling import TimeSpelling, spellings
from sandbox.services import events
from sandbox.services.sagemaker.store.package import ModelPackage

_MEMBERS = (
    "InferenceSpecification",
    "CertifyForMarketplace",
    "ModelApprovalStatus",
    "MetadataProperties",
    "ModelMetrics",
    "ModelLifeCycle",
)


def emit_state_change(package: ModelPackage, updated: Sequence[str] | None = None) -> None:
    """Put the event on the bus of the package's owner; `updated` is None for a package that was created.

    That a creation has no `UpdatedModelPackageFields` is not documented.
    """
    modified_at = package.created_at if package.modified_at is None else package.modified_at
    detail: dict[str, Any] = {
        "ModelPackageGroupName": package.group,
        "ModelPackageVersion": package.version,
        "ModelPackageArn": package.arn,
        "CreationTime": _utc(package.created_at),
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
        "LastModifiedTime": _utc(modified_at),
    }
    detail |= {name: package.members[name] for name in _MEMBERS if name in package.members}
    if updated is not None:
        detail["UpdatedModelPackageFields"] = list(updated)
    _, _, _, region, account, _ = package.arn.split(":", 5)
    events.emit(
        account, region, "aws.sagemaker", "SageMaker Model Package State Change", detail, resources=(package.arn,)
    )


def _utc(instant: float) -> str:
    moment = datetime.fromtimestamp(instant, UTC)
    if spellings.times is TimeSpelling.MILLISECONDS:
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
