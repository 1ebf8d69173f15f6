"""Look again at a card's shares."""

from collections.abc import Iterable, Mapping
from typing import Any

from stagegate.plans.grants import Grant
from stagegate.plans.record import Record
from stagegate.subjects.context import Verifier
from stagegate.surfaces.shares import verify as verify_shares

PERMISSIONS = verify_shares.PERMISSIONS


def verify(verifier: Verifier, record: Record, results: Iterable[Mapping[str, Any]]) -> tuple[Grant, ...]:
    """Return the grants as they are now. Raises NotSettledError, and DriftRemainsError if they aren't as planned."""
    return verify_shares.verified(verifier.ram, record, results)
