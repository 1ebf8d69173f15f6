"""Policy documents: JSON text in, validated statements out.

Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sandbox.authorization.evaluator.conditions import Condition, parse_conditions
from sandbox.authorization.evaluator.errors import InvalidPolicy
from sandbox.authorization.evaluator.principals import Principals, parse_principals


class Kind(StrEnum):
    """Which family a document belongs to; its value is how AWS's messages call it."""

    IDENTITY = "identity-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    SCP = "service control policy"
    RESOURCE = "resource-based policy"
    TRUST = "role trust policy"

    @property
    def with_article(self) -> str:
        """`an identity-based policy`."""
        return f"{'an' if self is Kind.IDENTITY else 'a'} {self}"

    @property
    def has_principal(self) -> bool:
        """Whether its statements name principals."""
        return self in (Kind.RESOURCE, Kind.TRUST)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. `resources` is None where there is no Resource: it speaks of what the policy is attached to."""

    label: str
    allows: bool
    actions: tuple[str, ...]
    excludes_actions: bool
    resources: tuple[str, ...] | None
    excludes_resources: bool
    principals: Principals | None
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A validated policy; `name` is how reasons refer to it. The same text is the same object."""

    name: str
    kind: Kind
    statements: tuple[Statement, ...]


_ELEMENTS = frozenset(
    ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition"),
)
_TOP = frozenset(("Version", "Id", "Statement"))
_VARIABLES_SINCE = "2012-10-17"


@lru_cache(maxsize=4096)
def parse(name: str, kind: Kind, text: str) -> Document:
    """The document of `text`. Raises InvalidPolicy naming the policy, the statement and what is wrong with it."""
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise InvalidPolicy(f"{kind} {name}: not JSON: {error}") from error
    if not isinstance(raw, dict):
        raise InvalidPolicy(f"{kind} {name}: a policy is a JSON object")
    if unknown := set(raw) - _TOP:
        raise InvalidPolicy(f"{kind} {name}: unknown element {min(unknown)}")
    version = raw.get("Version", "2008-10-17")
    if version not in ("2008-10-17", _VARIABLES_SINCE):
        raise InvalidPolicy(f"{kind} {name}: Version {version!r} is not one of 2008-10-17, 2012-10-17")
    if version != _VARIABLES_SINCE and "${" in text:
        # "IAM JSON policy elements: Version": in a document of before, variables are literal strings.
        raw = json.loads(text.replace("${", "${$}{"))
    statements = raw.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list):
        raise InvalidPolicy(f"{kind} {name}: Statement is missing")
    return Document(
        name, kind, tuple(_statement(f"{kind} {name}", kind, n, each) for n, each in enumerate(statements, 1))
    )


def _statement(where: str, kind: Kind, number: int, raw: Any) -> Statement:  # Any: foreign JSON
    if not isinstance(raw, dict):
        raise InvalidPolicy(f"{where}: statement {number} is not an object")
    label = str(raw.get("Sid") or f"#{number}")
    where = f"{where}: statement {label}"
    if unknown := set(raw) - _ELEMENTS:
        raise InvalidPolicy(f"{where}: unsupported element {min(unknown)}")
    if raw.get("Effect") not in ("Allow", "Deny"):
        raise InvalidPolicy(f"{where}: Effect is Allow or Deny, not {raw.get('Effect')!r}")
    actions, excludes_actions = _either(where, raw, "Action")
    if actions is None:
        raise InvalidPolicy(f"{where}: Action is missing")
    for action in actions:
        if action != "*" and ":" not in action:
            raise InvalidPolicy(f"{where}: action {action!r} names no service")
    resources, excludes_resources = _either(where, raw, "Resource")
    if resources is None and not kind.has_principal:
        raise InvalidPolicy(f"{where}: Resource is missing")
    if resources is not None and kind is Kind.TRUST:
        raise InvalidPolicy(f"{where}: a trust policy has no Resource")
    principals = _principals(where, kind, raw)
    return Statement(
        label=label,
        allows=raw["Effect"] == "Allow",
        actions=actions,
        excludes_actions=excludes_actions,
        resources=resources,
        excludes_resources=excludes_resources,
        principals=principals,
        conditions=parse_conditions(where, raw.get("Condition", {})),
    )


def _principals(where: str, kind: Kind, raw: Mapping[str, Any]) -> Principals | None:
    """Whom the statement speaks of, where its kind of policy says so."""
    named = [element for element in ("Principal", "NotPrincipal") if element in raw]
    if len(named) != kind.has_principal:
        problem = (
            "exclude each other" if len(named) > 1 else "is missing" if kind.has_principal else "is not allowed here"
        )
        raise InvalidPolicy(f"{where}: {' and '.join(named) or 'Principal'} {problem}")
    if "NotPrincipal" in raw and kind is Kind.TRUST:
        raise InvalidPolicy(f"{where}: a trust policy has no NotPrincipal")
    if "NotPrincipal" in raw and raw["Effect"] == "Allow":
        raise InvalidPolicy(f"{where}: NotPrincipal needs the Effect Deny")
    return parse_principals(where, raw[named[0]], excludes="NotPrincipal" in raw) if named else None


def _either(where: str, raw: Mapping[str, Any], element: str) -> tuple[tuple[str, ...] | None, bool]:
    """The strings of `Action` or of `NotAction`, and whether it was the latter."""
    if element in raw and f"Not{element}" in raw:
        raise InvalidPolicy(f"{where}: {element} and Not{element} exclude each other")
    for key, excludes in ((element, False), (f"Not{element}", True)):
        if key in raw:
            return strings(f"{where}: {key}", raw[key]), excludes
    return None, False


def strings(where: str, value: Any) -> tuple[str, ...]:
    """A string, or a non-empty list of strings, as a tuple."""
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(each, str) for each in values):
        raise InvalidPolicy(f"{where}: expected a string or a list of strings, found {value!r}")
    return tuple(values)
