"""Merging: the fewest statements we find that give exactly the access of many.

A statement is a product of sets (its axes), so two that differ in one axis only are together the product with the
union on that axis: no request is gained and none is lost. Which merges exclude which others depends on the order, and
the best cover is a hard problem, so each of a few orders is followed to its end and the best end is kept.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any

from stagegate.iam.encoding import anywhere, encoded, in_account, roles_of
from stagegate.iam.statements import PRINCIPAL_ARN, Condition, Effect, Statement, account_root_of, content_of, to_json

Axes = tuple[frozenset[str], ...]
"""What may be merged: who, actions, resources, and the values of each condition that is one of several values."""

_ANY_OF = re.compile(r"(ForAnyValue:)?(String(Equals|EqualsIgnoreCase|Like)|Arn(Equals|Like))(IfExists)?")
"""Operators whose values are alternatives. A negated operator's aren't (all of them must differ), nor are those of
`ForAllValues`: with more values a request may bring values of both."""


class _Who(Enum):
    """What the first axis of a statement is."""

    PRINCIPALS = auto()
    """Its principals."""
    ROLES = auto()
    """Roles: each statement's principals are exactly the accounts of the roles that its condition names. A role has one
    account, so account and role are one axis: any roles can stand beside each other."""
    NAMES = auto()
    """Accounts that all have roles of the same names, which are the last axis: they are written once."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """What must be equal before two statements can be merged at all."""

    effect: Effect
    who: _Who
    takes_resources: bool
    fixed: frozenset[Condition]
    free: tuple[tuple[str, str], ...]


_Way = Callable[[Statement], Sequence[tuple[_Shape, Axes]]]
"""A way to take a statement apart into products, all of one shape."""


def merge(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Return the fewest statements found with exactly the same access; of equally few, those that are the shortest with
    every role listed, as 0.2.0 wrote them: so a document of its is known by its text.

    The result depends on the set of statements alone, not on their order or number, and merging it again changes
    nothing. Nothing is widened: only sets of literal elements are joined, and only a statement whose every element
    stands in another one is left out.
    """
    return _merged(statements, [_taken_apart], lambda cover: (len(cover), _length(cover, to_json)))


def merge_shortest(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Return the shortest form found with exactly the same access, for a document that is near its limit.

    What one merge comes to may let another one find a shorter form: it ends where nothing gets shorter.
    """

    def rank(cover: Sequence[Statement]) -> tuple[int, int]:
        return length(cover), len(cover)

    shortest, found = _in_order(_absorbed(statements)), _merged(statements, [_taken_apart, _by_name], rank)
    while rank(found) < rank(shortest):
        shortest, found = found, _merged(found, [_taken_apart, _by_name], rank)
    return shortest


def merge_listed(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Return the shortest form with every role listed, as 0.2.0 wrote a document that was near its limit."""
    return _merged(statements, [_taken_apart], lambda cover: (_length(cover, to_json), len(cover)))


def length(statements: Iterable[Statement]) -> int:
    """Return the characters that the statements take in a minified document."""
    return _length(statements, encoded)


def _length(statements: Iterable[Statement], written: Callable[[Statement], dict[str, Any]]) -> int:
    return sum(len(json.dumps(written(s), separators=(",", ":"), ensure_ascii=False)) + 1 for s in statements)


def atoms(statement: Statement) -> frozenset[Statement]:
    """Return the statement as its smallest parts: one principal or role, action, resource and value of a condition."""
    ((shape, axes),) = _taken_apart(statement)
    parts: list[Axes] = [()]
    for axis in axes:
        parts = [(*part, frozenset([one])) for part in parts for one in axis] if axis else [(*p, axis) for p in parts]
    return frozenset(_put_together(shape, part) for part in parts)


def _merged(
    statements: Iterable[Statement], ways: Iterable[_Way], rank: Callable[[Sequence[Statement]], tuple[int, int]]
) -> tuple[Statement, ...]:
    alike: dict[_Shape, list[Statement]] = {}
    for statement in _absorbed(set(statements)):
        ((shape, _),) = _taken_apart(statement)
        alike.setdefault(shape, []).append(statement)
    kept: list[Statement] = []
    for listed in alike.values():
        covers = [cover for way in ways for cover in _covers_of(listed, way)]
        best = min(covers, key=lambda cover: (*rank(cover), [content_of(s) for s in cover]))
        kept += best
    return _in_order(_absorbed(kept))


def _covers_of(alike: Iterable[Statement], way: _Way) -> Iterator[tuple[Statement, ...]]:
    """Yield what each order of merging comes to, for statements of one shape, if there is a way for all of them."""
    parts = [way(statement) for statement in alike]
    if not all(parts):
        return
    shape, products = parts[0][0][0], {axes for products in parts for _, axes in products}
    ends = {frozenset(_follow(products, order)) for order in _orders(len(parts[0][0][1]))}
    yield from (_in_order(_absorbed(_put_together(shape, axes) for axes in end)) for end in ends)


def _follow(products: set[Axes], order: Sequence[int]) -> set[Axes]:
    """Merge along one axis after the other until nothing merges along any."""
    while True:
        before = len(products)
        for axis in order:
            groups: dict[tuple[Axes, Axes], list[frozenset[str]]] = {}
            for product in products:
                groups.setdefault((product[:axis], product[axis + 1 :]), []).append(product[axis])
            products = {(*left, frozenset().union(*values), *right) for (left, right), values in groups.items()}
        if len(products) == before:
            return products


def _orders(axes: int) -> list[tuple[int, ...]]:
    """Each axis comes first once going up and once going down: for three axes, all the orders there are."""
    up = [tuple((start + step) % axes for step in range(axes)) for start in range(axes)]
    return up + [tuple(reversed(order)) for order in up]


def _absorbed(statements: Iterable[Statement]) -> list[Statement]:
    """Leave out each statement whose access another one gives as a whole."""
    kept = sorted(set(statements), key=_breadth, reverse=True)
    holders: dict[tuple[int, str], list[Statement]] = {}
    out: list[Statement] = []
    for statement in kept:
        elements = [(axis, e) for axis, values in enumerate(_sets(statement)) for e in values]
        # Whatever holds all of the statement holds its rarest element: few have to be compared.
        nearest = min((holders.get(element, []) for element in elements), key=len)
        if any(covers(wide, statement) for wide in nearest):
            continue
        out.append(statement)
        for element in elements:
            holders.setdefault(element, []).append(statement)
    return out


def covers(wide: Statement, narrow: Statement) -> bool:
    """Tell whether every request that `narrow` speaks of is one that `wide` speaks of, by their literal elements."""
    return (
        wide.effect is narrow.effect
        and wide.principals >= narrow.principals
        and wide.actions >= narrow.actions
        and (wide.resources is None) == (narrow.resources is None)
        and (wide.resources or frozenset()) >= (narrow.resources or frozenset())
        and all(any(_implies(given, requested) for given in narrow.conditions) for requested in wide.conditions)
    )


def _implies(given: Condition, requested: Condition) -> bool:
    if (given.operator, given.key) != (requested.operator, requested.key):
        return False
    return given.values <= requested.values if _any_of(requested) else given.values == requested.values


def _sets(statement: Statement) -> Axes:
    return statement.principals, statement.actions, statement.resources or frozenset()


def _breadth(statement: Statement) -> tuple[int, int, int, str]:
    """Sort key by which a statement comes after all that could lie within it."""
    values = sum(len(condition.values) for condition in statement.conditions)
    return sum(map(len, _sets(statement))), -len(statement.conditions), values, content_of(statement)


def _taken_apart(statement: Statement) -> list[tuple[_Shape, Axes]]:
    """Return the statement as one product."""
    roles = roles_of(statement)
    free = sorted((c for c in statement.conditions if _any_of(c) and c is not roles), key=lambda c: (c.operator, c.key))
    shape = _Shape(
        effect=statement.effect,
        who=_Who.ROLES if roles else _Who.PRINCIPALS,
        takes_resources=statement.resources is not None,
        fixed=statement.conditions - {*free, roles} if roles else statement.conditions - {*free},
        free=tuple((c.operator, c.key) for c in free),
    )
    who = roles.values if roles else statement.principals
    return [(shape, (who, statement.actions, statement.resources or frozenset(), *(c.values for c in free)))]


def _by_name(statement: Statement) -> list[tuple[_Shape, Axes]]:
    """Return a product for each of its roles: of accounts, and of names. None for a statement about no roles."""
    ((shape, (who, *others)),) = _taken_apart(statement)
    if shape.who is not _Who.ROLES or not all(":role/" in each for each in who):
        return []
    named = replace(shape, who=_Who.NAMES)
    return [(named, (frozenset([account_root_of(r)]), *others, frozenset([anywhere(r)]))) for r in who]


def _put_together(shape: _Shape, axes: Axes) -> Statement:
    who, actions, resources, *values = axes
    if shape.who is _Who.NAMES:
        names = values.pop()
        who = frozenset(in_account(name, account.split(":")[4]) for name in names for account in who)
    conditions = {
        Condition(operator=operator, key=key, values=of) for (operator, key), of in zip(shape.free, values, strict=True)
    }
    if shape.who is not _Who.PRINCIPALS:
        conditions.add(Condition(operator="ArnEquals", key=PRINCIPAL_ARN, values=who))
        who = frozenset(account_root_of(role) for role in who)
    return Statement(
        principals=who,
        actions=actions,
        resources=resources if shape.takes_resources else None,
        conditions=shape.fixed | conditions,
        effect=shape.effect,
    )


def _any_of(condition: Condition) -> bool:
    return _ANY_OF.fullmatch(condition.operator) is not None


def _in_order(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    return tuple(sorted(statements, key=content_of))
