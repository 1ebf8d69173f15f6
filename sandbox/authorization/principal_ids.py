"""How AWS keeps the roles and users that a resource-based policy names: by their unique ids.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html: AWS turns the ARN of a role
or user into its unique id when the policy is saved, and shows the ARN again only while that very role exists. So a
role that was deleted shows as `AROA…`, and one that was made anew under the same name has no access.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.authorization.registry import registry
from sandbox.kernel.place import PARTITION

_SESSION = re.compile(rf"arn:{PARTITION}:sts::(\d{{12}}):assumed-role/([^/]+)/(.+)")
_ID = re.compile(r"(A(?:ROA|IDA)[A-Z0-9]{12,})(?::(.+))?")


def kept_form(document: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The document as AWS keeps it, and the roles, users and ids in it that can't be resolved.

    An account's 12 digits become its root's ARN. Accounts aren't looked up: every one is taken to exist.
    """
    unknown: list[str] = []

    def keep(principal: str) -> str:
        if re.fullmatch(r"\d{12}", principal):
            return f"arn:{PARTITION}:iam::{principal}:root"
        if principal == "*" or re.fullmatch(rf"arn:{PARTITION}:iam::\d{{12}}:root", principal):
            return principal
        found = unique_id(principal)
        if found is None:
            unknown.append(principal)
            return principal
        return found

    return _with_principals(document, keep), unknown


def shown_form(text: str) -> str:
    """A kept document as AWS shows and evaluates it: ids of those who exist as ARNs, the others as they are."""
    if "AROA" not in text and "AIDA" not in text:
        return text
    arns = registry.identities.arns_by_unique_id()
    return json.dumps(_with_principals(json.loads(text), lambda kept: _shown(kept, arns)), separators=(",", ":"))


def shown_principal(kept: str) -> str:
    """One kept principal as AWS shows it."""
    return _shown(kept, registry.identities.arns_by_unique_id()) if _ID.fullmatch(kept) else kept


def unique_id(principal: str) -> str | None:
    """What AWS keeps for the ARN of a role, a user or a role session; None for one that doesn't exist."""
    session = _SESSION.fullmatch(principal)
    if session:
        role = registry.identities.role_named(session[1], session[2])
        return f"{role.unique_id}:{session[3]}" if role else None
    return registry.identities.unique_id(principal)


def _shown(kept: str, arns: Mapping[str, str]) -> str:
    found = _ID.fullmatch(kept)
    arn = arns.get(found[1]) if found else None
    if found is None or arn is None:
        return kept
    if found[2] is None:
        return arn
    return f"arn:{PARTITION}:sts::{arn.split(':')[4]}:assumed-role/{arn.rsplit('/', 1)[1]}/{found[2]}"


def _with_principals(document: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """A copy with `change` applied to each principal of type AWS."""
    statements = document["Statement"]
    several = isinstance(statements, list)
    changed = [_changed(each, change) for each in (statements if several else [statements])]
    return document | {"Statement": changed if several else changed[0]}


def _changed(statement: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    for element in ("Principal", "NotPrincipal"):
        principal = statement.get(element)
        if isinstance(principal, dict) and "AWS" in principal:
            named = principal["AWS"]
            kept = [change(each) for each in named] if isinstance(named, list) else change(named)
            statement = statement | {element: principal | {"AWS": kept}}
    return statement
