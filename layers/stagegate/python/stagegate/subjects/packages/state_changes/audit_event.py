"""SageMaker's event of a change of a package, decoded where it comes in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import dacite

from stagegate.approvals.state_changes import StateChange
from stagegate.core.errors import InputError

DETAIL_TYPE = "SageMaker Model Package State Change"
_SOURCE = "aws.sagemaker"
"""Nobody can put an event of that source: PutEvents refuses it (`NotAuthorizedForSourceException`), on every bus."""


@dataclass(frozen=True)
class _Detail:
    ModelPackageArn: str
    ModelApprovalStatus: str = ""
    LastModifiedTime: str = ""
    UpdatedModelPackageFields: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Event:
    account: str
    source: str
    detail: _Detail


def change_of(event: Mapping[str, Any]) -> StateChange:
    """Return the change that SageMaker's event tells of. Raises InputError, which names the field that is wrong.

    A time that can't be read is none: CloudTrail decides then.
    """
    try:
        found = dacite.from_dict(_Event, dict(event))
    except dacite.DaciteError as error:
        raise InputError(f"state change event: {error}; allowed: a {DETAIL_TYPE}") from error
    arn = found.detail.ModelPackageArn
    if found.source != _SOURCE or arn.split(":")[4:5] != [found.account]:
        raise InputError(
            f"state change event: found source {found.source!r} and a package of another account than {found.account};"
            f" allowed: SageMaker's own event of {found.account}"
        )
    return StateChange(
        arn=arn,
        status=found.detail.ModelApprovalStatus,
        fields=frozenset(found.detail.UpdatedModelPackageFields),
        at=_time(found.detail.LastModifiedTime),
    )


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None
