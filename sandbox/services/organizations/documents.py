"""What Organizations accepts as the document of a policy."""

from __future__ import annotations

import json
from typing import Any

from sandbox.kernel.wire.errors import aws_error

MAX_SCP_CHARACTERS = 5120
"""White space counts when the API is used: it is kept as given.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html (an account's quota may be higher)
"""

_STATEMENT_KEYS = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}


def require_scp(content: str) -> None:
    """Return if `content` is a service control policy of allowed size.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html: no Principal, and
    exactly one each of Action/NotAction and Resource/NotResource.
    """
    if len(content) > MAX_SCP_CHARACTERS:
        raise aws_error(
            "ConstraintViolationException",
            f"The policy has {len(content)} characters, more than {MAX_SCP_CHARACTERS}.",
            Reason="POLICY_CONTENT_LIMIT_EXCEEDED",
        )
    document = _parsed(content)
    for statement in _statements(document):
        unknown = set(statement) - _STATEMENT_KEYS
        if unknown:
            raise _malformed(f"a statement has {sorted(unknown)}")
        if statement.get("Effect") not in ("Allow", "Deny"):
            raise _malformed("a statement's Effect must be Allow or Deny")
        for positive, negative in (("Action", "NotAction"), ("Resource", "NotResource")):
            if (positive in statement) == (negative in statement):
                raise _malformed(f"a statement needs exactly one of {positive} and {negative}")


def require_resource_policy(content: str) -> None:
    """Return if `content` is a policy whose statements all say for whom."""
    try:
        document = json.loads(content)
        statements = _statements(document) if isinstance(document, dict) else []
    except ValueError:
        statements = []
    if not statements or not all("Principal" in statement for statement in statements):
        raise aws_error(
            "InvalidInputException",
            "The resource policy is not valid JSON of a policy whose statements have a Principal.",
            Reason="INVALID_RESOURCE_POLICY_JSON",
        )


def _parsed(content: str) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except ValueError as error:
        raise _malformed(f"not valid JSON: {error}") from error
    if not isinstance(document, dict) or document.get("Version") != "2012-10-17":
        raise _malformed('it needs "Version": "2012-10-17"')
    return document


def _statements(document: dict[str, Any]) -> list[dict[str, Any]]:
    statements = document.get("Statement")
    listed = [statements] if isinstance(statements, dict) else statements
    if not isinstance(listed, list) or not listed or not all(isinstance(each, dict) for each in listed):
        raise _malformed("it needs at least one statement")
    return listed


def _malformed(why: str) -> Exception:
    message = f"The provided policy document does not meet the requirements of the specified policy type: {why}."
    return aws_error("MalformedPolicyDocumentException", message)
