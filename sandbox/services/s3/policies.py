"""Bucket policies: what S3 refuses, and how it shows them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
"""

from __future__ import annotations

import json
import re
from typing import Any  # statements are foreign JSON

from sandbox.authorization.evaluator.matching import action_matches
from sandbox.authorization.principal_ids import shown_form
from sandbox.authorization.resource_policies import PolicyProblem, accept
from sandbox.services.s3.actions import BUCKET, OBJECT
from sandbox.services.s3.errors import MalformedPolicy

SIZE_LIMIT = 20_480
"""Bytes, of the document as it is sent. S3 counts it in a form of its own, which is not documented."""
_LISTS = ("Action", "NotAction", "Resource", "NotResource")


def accepted(bucket: str, policy: bytes) -> str:
    """The text to keep of a policy for the bucket of that ARN. Raises MalformedPolicy."""
    if len(policy) > SIZE_LIMIT:
        raise _malformed("Policy exceeds the maximum allowed document size.")
    try:
        text = policy.decode()
    except UnicodeDecodeError as error:
        raise _malformed("This policy contains invalid Json") from error
    if not text.startswith("{"):
        raise _malformed("Policies must be valid JSON and the first byte must be '{'")
    try:
        kept = accept(bucket, text)
        for statement in _statements(json.loads(kept)):
            _require_applicable(bucket, statement)
    except PolicyProblem as problem:
        raise _malformed(str(problem)) from problem
    return kept


def shown(kept: str) -> str:
    """A kept policy as S3 shows it: compact, lists of one as a string, principals in an order of its own."""
    document = json.loads(shown_form(_in_order(kept)))
    document["Statement"] = [_collapsed(each) for each in _statements(document)]
    return json.dumps(document, separators=(",", ":"))


def _in_order(kept: str) -> str:
    document = json.loads(kept)
    for statement in _statements(document):
        principal = statement.get("Principal")
        if isinstance(principal, dict):
            statement["Principal"] = {
                kind: sorted(set(value)) if isinstance(value, list) else value for kind, value in principal.items()
            }
    return json.dumps(document)


def _collapsed(statement: dict[str, Any]) -> dict[str, Any]:
    collapsed = {name: _single(value) if name in _LISTS else value for name, value in statement.items()}
    if isinstance(collapsed.get("Principal"), dict):
        collapsed["Principal"] = {kind: _single(value) for kind, value in collapsed["Principal"].items()}
    if "Condition" in collapsed:
        collapsed["Condition"] = {
            operator: {key: _single(value) for key, value in keys.items()}
            for operator, keys in collapsed["Condition"].items()
        }
    return collapsed


def _single(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _statements(document: dict[str, Any]) -> list[dict[str, Any]]:
    statements = document["Statement"]
    return statements if isinstance(statements, list) else [statements]


def _require_applicable(bucket: str, statement: dict[str, Any]) -> None:
    """Raise PolicyProblem unless each resource is this bucket's and each action has a resource that it is about."""
    resources = _list(statement.get("Resource", statement.get("NotResource")))
    if not resources:
        raise PolicyProblem("Missing required field Resource")
    for resource in resources:
        if resource != "*" and not re.fullmatch(re.escape(bucket) + r"(/.*)?", resource, re.DOTALL):
            raise PolicyProblem(f"Policy has invalid resource: {resource}")
    if "NotAction" in statement or "NotResource" in statement:
        return
    on_bucket = any(resource in ("*", bucket) for resource in resources)
    on_objects = any(resource == "*" or "/" in resource for resource in resources)
    for action in _list(statement["Action"]):
        of_bucket = any(action_matches(action, known) for known in BUCKET)
        of_object = any(action_matches(action, known) for known in OBJECT)
        if not of_bucket and not of_object:
            raise PolicyProblem(f"Policy has invalid action: {action}")
        if not (of_bucket and on_bucket) and not (of_object and on_objects):
            raise PolicyProblem(f"Action does not apply to any resource(s) in statement: {action}")


def _list(value: Any) -> list[str]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _malformed(message: str) -> MalformedPolicy:
    return MalformedPolicy("MalformedPolicy", message)
