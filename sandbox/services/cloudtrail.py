"""CloudTrail's records, as EventBridge gets them: of a call, in its caller's account; and of what a service does by
itself, in the account that it is about.

Their time is when the request was completed ("CloudTrail record contents"), `delays.completion` after the change; they
arrive after `delays.cloudtrail`.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.authorization.registry import registry
from sandbox.kernel.clock import clock
from sandbox.kernel.delays import delays
from sandbox.kernel.identity import Principal, caller, root
from sandbox.services import events

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
"""What CloudTrail writes in place of a sensitive value."""
_SENSITIVE = ("Content", "ModelCardContent")
"""What botocore marks as sensitive: the content of a card, and of the card of a model package."""


def emit_api_call(
    service: str,
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
    detail: dict[str, Any] = {
        "userIdentity": user_identity(principal),
        "eventName": operation,
        "requestParameters": _lower_camel(request),
        "responseElements": _lower_camel(response) if response else None,
        "requestID": str(uuid.uuid4()),
        "readOnly": False,
        "eventType": "AwsApiCall",
    }
    if error is not None:
        detail |= {"errorCode": error[0], "errorMessage": error[1]}
    _emit(service, principal.account or account, region, "AWS API Call via CloudTrail", detail)


def emit_service_event(service: str, account: str, region: str, name: str, details: Mapping[str, Any]) -> None:
    """Put CloudTrail's event of what a service has done by itself on the bus of the account that it is about.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/non-api-aws-service-events.html
    """
    detail = {
        "userIdentity": {"accountId": account, "invokedBy": f"{service}.amazonaws.com"},
        "eventName": name,
        "requestParameters": None,
        "responseElements": None,
        "readOnly": False,
        "eventType": "AwsServiceEvent",
        "serviceEventDetails": dict(details),
    }
    _emit(service, account, region, "AWS Service Event via CloudTrail", detail)


def _emit(service: str, account: str, region: str, detail_type: str, of: Mapping[str, Any]) -> None:
    completed = clock.now() + delays.completion
    detail = {
        "eventVersion": "1.08",
        "eventTime": f"{datetime.fromtimestamp(completed, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": f"{service}.amazonaws.com",
        "awsRegion": region,
        "eventID": str(uuid.uuid4()),
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
        **of,
    }
    lateness = delays.completion + delays.cloudtrail
    events.emit(account, region, f"aws.{service}", detail_type, detail, delay=lateness)


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
    return (
        registry.identities.unique_id(role_arn)
        or "AROA" + base64.b32encode(hashlib.sha256(role_arn.encode()).digest()).decode()[:17]
    )


def _lower_camel(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            f"{name[0].lower()}{name[1:]}": HIDDEN if name in _SENSITIVE else _lower_camel(member)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [_lower_camel(item) for item in value]
    return value
