"""Conditions of others' statements, asked about requests of which not everything is known.

"IAM JSON policy elements: Condition operators" and "Single-valued vs. multivalued context keys", IAM user guide.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from stagegate.iam.globs import (
    MANY,
    ONE,
    Answer,
    Fit,
    Known,
    Pattern,
    Wildcard,
    all_of,
    any_of,
    arn_fits,
    fits,
    negated,
)
from stagegate.iam.requests import Request

_VARIABLE = re.compile(r"\$\{([^}]*)\}|([*?])|(.)", re.DOTALL)
_OPERATOR = re.compile(r"(?:(?P<set>ForAnyValue|ForAllValues):)?(?P<name>[A-Za-z]+?)(?P<if_exists>IfExists)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """A condition operator, taken apart."""

    name: str
    of_set: str
    if_exists: bool

    @property
    def is_negated(self) -> bool:
        """Whether it holds where none of its values fits."""
        return "Not" in self.name


def holds(condition: Mapping[str, Any], request: Request, *, has_variables: bool) -> tuple[Answer, tuple[str, ...]]:
    """Tell whether a Condition element holds for a request; and which parts of it nobody can tell, in words."""
    answers: list[Answer] = []
    unknown: list[str] = []
    for written, keys in condition.items():
        for key, raw in (keys if isinstance(keys, Mapping) else {}).items():
            answer = _one(written, key, raw, request, has_variables=has_variables)
            answers.append(answer)
            if answer is Answer.MAYBE:
                unknown.append(f"{written} on {key}")
    return all_of(answers), tuple(unknown)


def pattern_in(text: str, request: Request, *, has_variables: bool) -> Pattern | None:
    """Return a text with its variables replaced by what the request has; None where nobody knows what it has."""
    if not has_variables or "${" not in text:
        return tuple(MANY if each == "*" else ONE if each == "?" else each for each in text)
    out: list[str | Wildcard] = []
    for variable, wildcard, letter in _VARIABLE.findall(text):
        if wildcard:
            out.append(MANY if wildcard == "*" else ONE)
        elif letter:
            out.append(letter)
        elif variable in ("*", "?", "$"):
            out.append(variable)
        else:
            values = request.values(variable)
            if values is None or len(values) != 1 or values[0] is None or values[0].is_start:
                return None
            out += values[0].text
    return tuple(out)


def _one(written: str, key: str, raw: object, request: Request, *, has_variables: bool) -> Answer:
    found = _OPERATOR.fullmatch(written)
    if found is None:
        return Answer.MAYBE
    operator = Operator(name=found["name"], of_set=found["set"] or "", if_exists=found["if_exists"] is not None)
    wanted = [_text(each) for each in (raw if isinstance(raw, list) else [raw])]
    values = request.values(key)
    if values is None:
        return Answer.MAYBE
    # One of these values is the request's: what holds for all of them holds, what holds for none doesn't.
    answers = [_for_value(operator, wanted, value, request, has_variables=has_variables) for value in values]
    return answers[0] if len(set(answers)) == 1 else Answer.MAYBE


def _for_value(
    operator: Operator, wanted: list[str], value: Known | None, request: Request, *, has_variables: bool
) -> Answer:
    if operator.name == "Null":
        return Answer.YES if [str(value is None).lower()] == [each.lower() for each in wanted] else Answer.NO
    if value is None:
        if operator.of_set:
            return Answer.YES if operator.of_set == "ForAllValues" or operator.if_exists else Answer.NO
        return Answer.YES if operator.is_negated or operator.if_exists else Answer.NO
    compare = _COMPARISONS.get(operator.name.replace("Not", "", 1) if operator.is_negated else operator.name)
    if compare is None:
        return Answer.MAYBE
    answers = []
    for each in wanted:
        pattern = pattern_in(each, request, has_variables=has_variables)
        answers.append(Answer.MAYBE if pattern is None else compare(pattern, value))
    return negated(any_of(answers)) if operator.is_negated else any_of(answers)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _literally(fit: Fit) -> Fit:
    """Take wildcards for what they are."""
    return lambda pattern, known: fit(tuple(map(_letter, pattern)), known)


def _letter(each: str | Wildcard) -> str:
    return each if isinstance(each, str) else "*" if each.is_many else "?"


def _ignoring_case(pattern: Pattern, known: Known) -> Answer:
    return fits([each.lower() if isinstance(each, str) else each for each in pattern], known.lower())


def _ordered(test: Callable[[float, float], bool]) -> Fit:
    def compare(pattern: Pattern, known: Known) -> Answer:
        try:
            wanted, value = float("".join(map(_letter, pattern))), float(known.text)
        except ValueError:
            return Answer.MAYBE
        return Answer.MAYBE if known.is_start else Answer.YES if test(value, wanted) else Answer.NO

    return compare


_COMPARISONS: Mapping[str, Fit] = {
    "StringEquals": _literally(fits),
    "StringEqualsIgnoreCase": _literally(_ignoring_case),
    "StringLike": fits,
    "ArnEquals": arn_fits,
    "ArnLike": arn_fits,
    "Bool": _literally(_ignoring_case),
    "NumericEquals": _ordered(lambda value, wanted: value == wanted),
    "NumericLessThan": _ordered(lambda value, wanted: value < wanted),
    "NumericLessThanEquals": _ordered(lambda value, wanted: value <= wanted),
    "NumericGreaterThan": _ordered(lambda value, wanted: value > wanted),
    "NumericGreaterThanEquals": _ordered(lambda value, wanted: value >= wanted),
}
"""What the operators compare by, without their negations. Addresses, dates and binary values nobody knows here."""
