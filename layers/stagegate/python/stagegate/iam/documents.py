"""Policy documents as text."""

import json
import re
from collections.abc import Mapping
from typing import Any

_ROOT = re.compile(r"arn:aws[a-z-]*:iam::([0-9]{12}):root")
_LISTS = ("Action", "NotAction", "Resource", "NotResource")
_PRINCIPALS = ("Principal", "NotPrincipal")


def canonical(document: Mapping[str, Any]) -> str:
    """Return a document as minified JSON with sorted keys and sorted lists of strings: services reorder and rewrite."""
    return json.dumps(_sorted(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical_text(text: str) -> str:
    """Return a document that is given as text in canonical form. Raises ValueError if it isn't JSON."""
    return canonical(json.loads(text))


def canonical_policy(document: Mapping[str, Any]) -> str:
    """Return a policy in the one form that all the ways to write the same share, as minified JSON.

    Services give a policy back rewritten: a string for a list of one, an account's root ARN for its id, `{"AWS": "*"}`
    for `"*"`, a boolean or a number as a string, statements and lists in another order. A missing Version is 2008-10-17
    ("IAM JSON policy elements: Version").
    """
    statements = document.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    whole = {"Version": "2008-10-17", **document, "Statement": sorted(map(_canonical_statement, listed))}
    return json.dumps(whole, sort_keys=True, separators=(",", ":"))


def _canonical_statement(statement: Any) -> str:
    if not isinstance(statement, Mapping):
        return json.dumps(statement, sort_keys=True)
    out = dict(statement)
    for name in out.keys() & {*_LISTS}:
        out[name] = _values(out[name])
    for name in out.keys() & {*_PRINCIPALS}:
        principals = {"AWS": "*"} if out[name] == "*" else out[name]
        if isinstance(principals, Mapping):
            out[name] = {kind: _values(values) for kind, values in principals.items()}
    if isinstance(condition := out.get("Condition"), Mapping):
        out["Condition"] = {
            operator: {key: _values(values) for key, values in keys.items()} if isinstance(keys, Mapping) else keys
            for operator, keys in condition.items()
        }
    return json.dumps(out, sort_keys=True)


def _values(value: Any) -> list[str]:
    return sorted({_scalar(item) for item in (value if isinstance(value, list) else [value])})


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        root = _ROOT.fullmatch(value)
        return root[1] if root else value
    return json.dumps(value, sort_keys=True)


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _sorted(item) for key, item in value.items()}
    if isinstance(value, list):
        items = [_sorted(item) for item in value]
        return sorted(items) if all(isinstance(item, str) for item in items) else items
    return value
