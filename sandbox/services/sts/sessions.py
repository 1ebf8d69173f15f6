"""Role sessions: what STS refuses before it asks anybody, and who the credentials it gives stand for.

Limits: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sandbox.authorization.accesses import Call
from sandbox.authorization.evaluator.documents import Kind, parse
from sandbox.authorization.evaluator.errors import InvalidPolicy
from sandbox.authorization.registry import Refused
from sandbox.kernel.identity import Principal, registry, session
from sandbox.services.iam import identities

_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_POLICY_LIMIT = 2048
"""Characters of an inline session policy."""
_DEFAULT_DURATION = 3600


def check(call: Call) -> None:
    """Raise Refused for an AssumeRole whose session name or session policy STS would not take."""
    if call.operation != "AssumeRole":
        return
    name, policy = str(call.get("RoleSessionName")), call.get("Policy")
    if not _NAME.fullmatch(name):
        raise Refused(
            "ValidationError",
            f"1 validation error detected: Value '{name}' at 'roleSessionName' failed to satisfy constraint: "
            r"Member must satisfy regular expression pattern: [\w+=,.@-]* and have a length of 2 to 64",
        )
    if policy is None:
        return
    if len(policy) > _POLICY_LIMIT:
        raise Refused(
            "ValidationError",
            "1 validation error detected: Value at 'policy' failed to satisfy constraint: "
            f"Member must have length less than or equal to {_POLICY_LIMIT}",
        )
    try:
        parse(name, Kind.SESSION, policy)
    except InvalidPolicy as error:
        raise Refused("MalformedPolicyDocument", str(error)) from error


def register(call: Call, answer: Mapping[str, Any], now: float) -> None:
    """Let the credentials in AssumeRole's `answer` stand for the session that `call` asked for."""
    if call.operation != "AssumeRole":
        return
    principal = session(str(call.get("RoleArn")), str(call.get("RoleSessionName")), call.get("Policy"))
    expires_at = now + int(call.get("DurationSeconds") or _DEFAULT_DURATION)
    registry.register(answer["Credentials"]["AccessKeyId"], principal, expires_at)


def caller_identity(principal: Principal, call: Call) -> dict[str, str] | None:
    """GetCallerIdentity's answer, None for another operation. moto looks it up by access key, which not all have."""
    if call.operation != "GetCallerIdentity":
        return None
    role = identities.role(principal.role_arn) if principal.role_arn else None
    user_id = f"{role.unique_id}:{principal.arn.rsplit('/', 1)[1]}" if role else principal.account
    return {"UserId": user_id, "Account": principal.account, "Arn": principal.arn}
