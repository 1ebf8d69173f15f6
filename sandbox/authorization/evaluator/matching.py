"""Wildcards and policy variables in actions, ARNs and condition values."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from sandbox.authorization.evaluator.errors import InvalidPolicy

_TOKEN = re.compile(r"\$\{([^}]*)\}|(\*)|(\?)|([^*?$]+|\$)", re.DOTALL)

Lookup = Callable[[str], tuple[str, ...] | None]
"""The values of a context key, None when the request doesn't carry it."""


@lru_cache(maxsize=65536)
def action_matches(pattern: str, action: str) -> bool:
    """Whether an Action element covers `action`; case doesn't matter, `*` and `?` are wildcards."""
    return _compiled(pattern.lower()).fullmatch(action.lower()) is not None


def text_matches(pattern: str, text: str, lookup: Lookup | None = None) -> bool:
    """Whether `pattern` (wildcards, and variables when there is a lookup) covers the whole of `text`."""
    resolved = _resolved(pattern, lookup) if lookup else _compiled(pattern)
    return resolved is not None and resolved.fullmatch(text) is not None


def arn_matches(pattern: str, arn: str, lookup: Lookup | None = None) -> bool:
    """Whether an ARN pattern covers `arn`, field by field: no wildcard reaches over one of the first five colons.

    A pattern with fewer than six fields is completed with `*`.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    if pattern == "*":
        return True
    return _plain_arn_matches(pattern, arn) if "${" not in pattern else _arn_matches(pattern, arn, lookup)


@lru_cache(maxsize=65536)
def _plain_arn_matches(pattern: str, arn: str) -> bool:
    return _arn_matches(pattern, arn, None)


def _arn_matches(pattern: str, arn: str, lookup: Lookup | None) -> bool:
    fields = _fields(pattern)
    fields += ["*"] * (6 - len(fields))
    values = arn.split(":", 5)
    if len(values) < 6:
        return False
    return all(text_matches(field, value, lookup) for field, value in zip(fields, values, strict=True))


def substituted(value: str, lookup: Lookup) -> str | None:
    """`value` with its variables replaced, wildcards left literal; None when a variable has no value."""
    if "${" not in value:
        return value
    parts: list[str] = []
    for variable, star, mark, literal in _TOKEN.findall(value):
        replaced = _variable(variable, lookup) if variable else star or mark or literal
        if replaced is None:
            return None
        parts.append(replaced)
    return "".join(parts)


def _fields(pattern: str) -> list[str]:
    """The ARN fields of a pattern; a colon inside `${…}` is no separator."""
    hidden = re.sub(r"\$\{[^}]*\}", lambda found: found.group().replace(":", "\0"), pattern)
    return [field.replace("\0", ":") for field in hidden.split(":", 5)]


@lru_cache(maxsize=8192)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


def _resolved(pattern: str, lookup: Lookup) -> re.Pattern[str] | None:
    """None when a variable has no value: the pattern then matches nothing, as AWS documents it."""
    if "${" not in pattern:
        return _compiled(pattern)
    parts: list[str] = []
    for variable, star, mark, literal in _TOKEN.findall(pattern):
        if variable:
            value = _variable(variable, lookup)
            if value is None:
                return None
            parts.append(re.escape(value))
        else:
            parts.append(".*" if star else "." if mark else re.escape(literal))
    return re.compile("".join(parts), re.DOTALL)


def _variable(name: str, lookup: Lookup) -> str | None:
    if name in ("*", "?", "$"):
        return name
    if "," in name:
        raise InvalidPolicy(f"policy variable ${{{name}}}: default values are not supported")
    values = lookup(name)
    if values is None:
        return None
    if len(values) != 1:
        raise InvalidPolicy(f"policy variable ${{{name}}} has {len(values)} values; a variable needs exactly one")
    return values[0]
