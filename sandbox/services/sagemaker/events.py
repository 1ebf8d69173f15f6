"""What becomes known of a change: SageMaker's own event, and later CloudTrail's record of the call.

The state change is as in https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html,
with the empty `CreatedBy` and `LastModifiedBy` of a card that no Studio user made (`UserContext.IamIdentity` is "for
model package groups, model packages, and project entities only", says botocore). It goes to the owner's account.

The CloudTrail event goes to the caller's account, with the caller's identity, after `delays.cloudtrail`. Its time is
when the request was completed ("CloudTrail record contents"), `delays.completion` after the change.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.kernel.delays import delays
from sandbox.kernel.identity import Principal, caller, root
from sandbox.services import events
from sandbox.services.iam.identities import unique_id
from sandbox.services.sagemaker.store.card import Card

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
"""What CloudTrail writes in place of a sensitive value."""
_SENSITIVE = ("Content", "ModelCardContent")
"""What botocore marks as sensitive: the content of a card, and of the card of a model package."""


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


def emit_api_call(
    account: str,
    region: str,
    operation: str,
    request: Mapping[str, Any],
    response: Mapping[str, Any] | None,
    error: tuple[str, str] | None = None,
) -> None:
    """Put CloudTrail's event of the call that is being answered on the bus of its caller.

    `account` is the account that was called, whose root user is named when the sandbox itself calls. `request` and
    `response` are in the API's casing; `error` is (code, message) of a call that was refused.
    """
    principal = caller.get() or root(account)
    completed = clock.now() + delays.completion
    detail: dict[str, Any] = {
        "eventVersion": "1.08",
        "userIdentity": user_identity(principal),
        "eventTime": f"{_utc(completed):%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "sagemaker.amazonaws.com",
        "eventName": operation,
        "awsRegion": region,
        "requestParameters": _lower_camel(request),
        "responseElements": _lower_camel(response) if response else None,
        "requestID": str(uuid.uuid4()),
        "eventID": str(uuid.uuid4()),
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": principal.account or account,
        "eventCategory": "Management",
    }
    if error is not None:
        detail |= {"errorCode": error[0], "errorMessage": error[1]}
    events.emit(
        principal.account or account,
        region,
        "aws.sagemaker",
        "AWS API Call via CloudTrail",
        detail,
        delay=delays.completion + delays.cloudtrail,
    )


def user_identity(principal: Principal) -> dict[str, Any]:
    """CloudTrail's `userIdentity` of a principal.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
    """
    if principal.is_service:
        return {"type": "AWSService", "invokedBy": principal.arn}
    if principal.role_arn is None:
        return {
            "type": "Root",
            "principalId": principal.account,
            "arn": principal.arn,
            "accountId": principal.account,
        }
    role_id = _role_id(principal.role_arn)
    return {
        "type": "AssumedRole",
        "principalId": f"{role_id}:{principal.arn.rsplit('/', 1)[1]}",
        "arn": principal.arn,
        "accountId": principal.account,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": role_id,
                "arn": principal.role_arn,
                "accountId": principal.account,
                "userName": principal.role_arn.rsplit("/", 1)[1],
            },
        },
    }


def _role_id(role_arn: str) -> str:
    """The unique id of a role, or a stable stand-in for that of one that IAM doesn't have."""
    return unique_id(role_arn) or "AROA" + base64.b32encode(hashlib.sha256(role_arn.encode()).digest()).decode()[:17]


def _lower_camel(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            f"{name[0].lower()}{name[1:]}": HIDDEN if name in _SENSITIVE else _lower_camel(member)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [_lower_camel(item) for item in value]
    return value


def _utc(instant: float) -> datetime:
    return datetime.fromtimestamp(instant, UTC)
