"""DynamoDB's expressions, as far as a ledger writes them: comparisons with AND and OR, SET, REMOVE and ADD."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

Plain = dict[str, Any]
"""An item, a key, or an expression's values, as the API has them: name -> {type: value}."""
Names = dict[str, str]
Condition = Callable[[Plain, Names, Plain], bool]
Update = Callable[[Plain, Names, Plain], None]

_TOKEN = re.compile(r"\s*([A-Za-z0-9_#:]+|<>|<=|>=|[=<>(),])")


class NotSimpleError(Exception):
    """Something that is left to moto."""


def text_value(value: Plain) -> Plain:
    """The same, if it is a text and not empty. Raises NotSimpleError."""
    if len(value) != 1 or not value.get("S"):
        raise NotSimpleError("a key that is no text")
    return value


def check_used(given: Plain, *expressions: str) -> None:
    """Every name and value that is given is used, as DynamoDB wants it, and every one that is used is given."""
    used = {token for text in expressions for token in _tokens(text) if token[0] in "#:"}
    if used != given.keys():
        raise NotSimpleError("what is given isn't what is used")


@lru_cache(maxsize=512)
def _tokens(text: str) -> tuple[str, ...]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise NotSimpleError(text)
        found.append(token.group(1))
        at = token.end()
    return tuple(found)


class _Tokens:
    """Those of an expression, one after the other."""

    def __init__(self, text: str) -> None:
        self._left = list(reversed(_tokens(text)))

    @property
    def next(self) -> str:
        return self._left[-1] if self._left else ""

    def take(self, *allowed: str) -> str:
        token = self._left.pop() if self._left else ""
        if allowed and token not in allowed:
            raise NotSimpleError(token)
        return token

    def takes(self, token: str) -> bool:
        """Whether it is the next; if so, it is taken."""
        if self.next.upper() != token:
            return False
        self._left.pop()
        return True


def _path(token: str) -> Callable[[Names], str]:
    if token.startswith("#"):
        return lambda names: names[token]
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", token) or _is_reserved(token):
        raise NotSimpleError(token)
    return lambda _names: token


def _is_reserved(token: str) -> bool:
    return token.upper() in ReservedKeywords.get_reserved_keywords()


def _value(token: str) -> str:
    if not token.startswith(":"):
        raise NotSimpleError(token)
    return token


@lru_cache(maxsize=512)
def condition_of(text: str) -> Condition:
    """Whether an item fulfils an expression. Raises NotSimpleError."""
    tokens = _Tokens(text)
    either = _either(tokens)
    if tokens.next:
        raise NotSimpleError(text)
    return either


def _either(tokens: _Tokens) -> Condition:
    parts = [_both(tokens)]
    while tokens.takes("OR"):
        parts.append(_both(tokens))
    return lambda item, names, values: any(part(item, names, values) for part in parts)


def _both(tokens: _Tokens) -> Condition:
    parts = [_term(tokens)]
    while tokens.takes("AND"):
        parts.append(_term(tokens))
    return lambda item, names, values: all(part(item, names, values) for part in parts)


def _term(tokens: _Tokens) -> Condition:
    first = tokens.take()
    if first in ("attribute_exists", "attribute_not_exists"):
        tokens.take("(")
        path = _path(tokens.take())
        tokens.take(")")
        wanted = first == "attribute_exists"
        return lambda item, names, _values: (path(names) in item) is wanted
    path, operator = _path(first), tokens.take("=", "<>", "<", "<=", ">", ">=")
    name = _value(tokens.take())
    return lambda item, names, values: _compared(item.get(path(names)), operator, values[name])


def _compared(found: Plain | None, operator: str, wanted: Plain) -> bool:
    """A comparison with what isn't there is false; only <> is true."""
    ((kind, value),) = wanted.items()
    if found is None:
        return operator == "<>"
    if kind not in ("S", "N", "BOOL") or kind not in found:
        raise NotSimpleError("values of two types")
    one, other = (Decimal(found[kind]), Decimal(value)) if kind == "N" else (found[kind], value)
    return _COMPARISONS[operator](one, other)


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: bool(one == other),
    "<>": lambda one, other: bool(one != other),
    "<": lambda one, other: bool(one < other),
    "<=": lambda one, other: bool(one <= other),
    ">": lambda one, other: bool(one > other),
    ">=": lambda one, other: bool(one >= other),
}


@lru_cache(maxsize=512)
def key_condition_of(text: str, hash_name: str, range_name: str) -> tuple[str, Callable[[str, Plain], bool]]:
    """The value of the partition, and what the sort key has to be."""
    tokens = _Tokens(text)
    tokens.take(hash_name)
    tokens.take("=")
    partition = _value(tokens.take())
    if not tokens.next:
        return partition, lambda _sk, _values: True
    if not tokens.takes("AND"):
        raise NotSimpleError(text)
    first = tokens.take(range_name, "begins_with")
    if first == "begins_with":
        tokens.take("(")
        tokens.take(range_name)
        tokens.take(",")
        name = _value(tokens.take())
        tokens.take(")")
        matches: Callable[[str, Plain], bool] = lambda sk, values: sk.startswith(text_value(values[name])["S"])  # noqa: E731
    else:
        compare = _COMPARISONS[tokens.take("=", "<", "<=", ">", ">=")]
        name = _value(tokens.take())
        matches = lambda sk, values: compare(sk, text_value(values[name])["S"])  # noqa: E731
    if tokens.next:
        raise NotSimpleError(text)
    return partition, matches


@lru_cache(maxsize=512)
def update_of(text: str) -> tuple[Update, frozenset[str]]:
    """What an update does, and the attributes that it names."""
    tokens, updates, changed = _Tokens(text), [], set()
    while tokens.next:
        read = _CLAUSES.get(tokens.take().upper())
        if read is None:
            raise NotSimpleError(text)
        while True:
            first = tokens.take()
            changed.add(first)
            updates.append(read(first, tokens))
            if not tokens.takes(","):
                break

    def update(item: Plain, names: Names, values: Plain) -> None:
        # Every action sees the item as it was before.
        before = dict(item)
        for each in updates:
            each(item, before, names, values)

    return update, frozenset(changed)


_Action = Callable[[Plain, Plain, Names, Plain], None]


def _set(first: str, tokens: _Tokens) -> _Action:
    path = _path(first)
    tokens.take("=")
    value = tokens.take()
    if value == "if_not_exists":
        tokens.take("(")
        other = _path(tokens.take())
        tokens.take(",")
        name = _value(tokens.take())
        tokens.take(")")

        def act(item: Plain, before: Plain, names: Names, values: Plain) -> None:
            item[path(names)] = before.get(other(names), values[name])

        return act
    name = _value(value)
    if tokens.next in ("+", "-"):
        raise NotSimpleError("arithmetic")

    def act_plainly(item: Plain, _before: Plain, names: Names, values: Plain) -> None:
        item[path(names)] = values[name]

    return act_plainly


def _remove(first: str, _tokens: _Tokens) -> _Action:
    path = _path(first)

    def act(item: Plain, _before: Plain, names: Names, _values: Plain) -> None:
        item.pop(path(names), None)

    return act


def _add(first: str, tokens: _Tokens) -> _Action:
    path, name = _path(first), _value(tokens.take())

    def act(item: Plain, before: Plain, names: Names, values: Plain) -> None:
        number, known = values[name], before.get(path(names), {"N": "0"})
        if "N" not in number or "N" not in known:
            raise NotSimpleError("ADD of no number")
        item[path(names)] = {"N": str(Decimal(known["N"]) + Decimal(number["N"]))}

    return act


_CLAUSES: dict[str, Callable[[str, _Tokens], _Action]] = {"SET": _set, "REMOVE": _remove, "ADD": _add}
