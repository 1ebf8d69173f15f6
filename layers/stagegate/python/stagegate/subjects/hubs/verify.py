"""Look again at a hub's references, and at its shares."""

from collections.abc import Iterable, Mapping
from typing import Any

from stagegate.core.errors import DriftRemainsError, NotSettledError
from stagegate.plans.grants import Grant
from stagegate.plans.record import Record
from stagegate.subjects.context import Verifier
from stagegate.surfaces.hub_contents import observe
from stagegate.surfaces.hub_contents.changes import LEAVING, holding
from stagegate.surfaces.shares import verify as verify_shares

PERMISSIONS = verify_shares.PERMISSIONS | {"sagemaker:ListHubContents"}


def verify(verifier: Verifier, record: Record, results: Iterable[Mapping[str, Any]]) -> tuple[Grant, ...]:
    """Return the grants as they are now. Raises NotSettledError, and DriftRemainsError if they aren't as planned, or
    the hub holds other references.
    """
    if record.content_hash is not None:
        _verify_references(verifier, record)
    return verify_shares.verified(verifier.ram, record, results)


def _verify_references(verifier: Verifier, record: Record) -> None:
    """Compare the names of the references in a hub with those that were planned."""
    arn = record.subject.arn
    seen = observe.references(verifier.sagemaker(), record.subject.name)
    if any(reference.status in LEAVING for reference in seen):
        raise NotSettledError(f"{arn}: SageMaker is still removing references")
    if holding(reference.name for reference in seen) != record.content_hash:
        raise DriftRemainsError(f"{arn}: found {len(seen)} references, and not those that were planned")
