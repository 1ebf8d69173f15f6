"""What becomes known of a change at once: SageMaker's own event. CloudTrail's record of the call comes later.

The state change is as in https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html,
with the empty `CreatedBy` and `LastModifiedBy` of a card that no Studio user made (`UserContext.IamIdentity` is "for
model package groups, model packages, and project entities only", says botocore). It goes to the owner's account.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sandbox.services import events
from sandbox.services.sagemaker.store.card import Card


def emit_state_change(card: Card) -> None:
    """Put `SageMaker Model Card State Change` for the latest version on the bus of the card's owner."""
    version = card.latest
    detail = {
        "ModelCardVersion": version.number,
        # The documented example has nanoseconds here and milliseconds in CreationTime.
        "LastModifiedTime": f"{_utc(version.modified_at):%Y-%m-%dT%H:%M:%S.%f}000Z",
        "LastModifiedBy": {},
        "CreationTime": _utc(card.created_at).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "CreatedBy": {},
        "ModelCardName": card.name,
        "ModelCardStatus": version.status.value,
        "AccountId": card.account,
        "SecurityConfig": card.security_config,
    }
    events.emit(
        card.account,
        card.region,
        "aws.sagemaker",
        "SageMaker Model Card State Change",
        detail,
        resources=(card.arn,),
    )


def _utc(instant: float) -> datetime:
    return datetime.fromtimestamp(instant, UTC)
