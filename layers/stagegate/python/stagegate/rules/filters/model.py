"""Filters of models as values, and what they say of a model: true, false, or that it can't be known."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from stagegate.rules.filters.fields import Field, Known


class Truth(StrEnum):
    """Kleene's three values: what isn't known makes a whole unknown only if it could still decide it."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


class Operator(StrEnum):
    """How a field is compared. The negated ones are `Negated` around these."""

    EQUALS = "=="
    IN = "in"
    INCLUDES = "includes"
    BEGINS_WITH = "begins with"
    ENDS_WITH = "ends with"


@dataclass(frozen=True, slots=True)
class Always:
    """`true` or `false` by itself."""

    truth: Truth


@dataclass(frozen=True, slots=True)
class Compared:
    """One field against a value, or for `in` against several."""

    field: Field
    operator: Operator
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Negated:
    """Not."""

    of: "Filter"


@dataclass(frozen=True, slots=True)
class AllOf:
    """And."""

    of: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Or."""

    of: tuple["Filter", ...]


Filter: TypeAlias = Always | Compared | Negated | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class Answer:
    """What a filter says of a model. Where that is unknown, `missing` names the fields that would have decided it."""

    truth: Truth
    missing: frozenset[str] = frozenset()


_TRUE, _FALSE = Answer(Truth.TRUE), Answer(Truth.FALSE)


def evaluate(requested: Filter, value_of: Callable[[Field], Known | None]) -> Answer:
    """Return what a filter says of the model that `value_of` answers for."""
    match requested:
        case Always(truth):
            return Answer(truth)
        case Compared():
            return _compare(requested, value_of(requested.field))
        case Negated(of):
            return _opposite(evaluate(of, value_of))
        case AllOf(of):
            return _opposite(_any(_opposite(evaluate(each, value_of)) for each in of))
        case AnyOf(of):
            return _any(evaluate(each, value_of) for each in of)


def _opposite(answer: Answer) -> Answer:
    if answer.truth is Truth.UNKNOWN:
        return answer
    return _FALSE if answer.truth is Truth.TRUE else _TRUE


def _any(answers: Iterable[Answer]) -> Answer:
    missing: set[str] = set()
    unknown = False
    for answer in answers:
        if answer.truth is Truth.TRUE:
            return _TRUE
        unknown |= answer.truth is Truth.UNKNOWN
        missing |= answer.missing
    return Answer(Truth.UNKNOWN, frozenset(missing)) if unknown else _FALSE


def _compare(requested: Compared, known: Known | None) -> Answer:
    """Compare one field. What isn't known is neither equal nor unequal to anything."""
    unknown = Answer(Truth.UNKNOWN, frozenset({requested.field.name}))
    if known is None:
        return unknown
    if isinstance(known.value, bool):
        return _TRUE if known.value == (requested.values[0] == "true") else _FALSE
    same = requested.field.same
    wanted = [same(value) for value in requested.values]
    if isinstance(known.value, tuple):
        if wanted[0] in map(same, known.value):
            return _TRUE
        return _FALSE if known.complete else unknown
    return _TRUE if _holds(requested.operator, same(known.value), wanted) else _FALSE


def _holds(operator: Operator, found: str, wanted: list[str]) -> bool:
    match operator:
        case Operator.EQUALS | Operator.IN:
            return found in wanted
        case Operator.INCLUDES:
            return wanted[0] in found
        case Operator.BEGINS_WITH:
            return found.startswith(wanted[0])
        case Operator.ENDS_WITH:
            return found.endswith(wanted[0])
