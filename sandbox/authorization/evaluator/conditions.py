"""The Condition element: operators, sets, and what an absent key means.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from typing import Any

from sandbox.authorization.evaluator.errors import InvalidPolicy
from sandbox.authorization.evaluator.matching import Lookup, arn_matches, substituted, text_matches

Compare = Callable[[str, str, Lookup], bool]
"""(value in the policy, value of the request, lookup for variables) -> whether they agree."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator applied to one key: `ForAnyValue:StringNotLikeIfExists` on `aws:TagKeys`."""

    operator: str
    key: str
    values: tuple[str, ...]
    quantifier: str
    """`ForAnyValue`, `ForAllValues` or empty."""
    if_exists: bool

    def holds(self, lookup: Lookup) -> bool:
        """Whether the request that `lookup` describes meets this condition."""
        actual = lookup(self.key)
        if self.operator == "Null":
            return (actual is None) == (self.values[0] == "true")
        compare, negated = _OPERATORS[self.operator]
        if actual is None:
            if self.quantifier:
                return self.quantifier == "ForAllValues" or self.if_exists
            return negated or self.if_exists

        def agrees(value: str) -> bool:
            return any(compare(wanted, value, lookup) for wanted in self.values) != negated

        if self.quantifier == "ForAnyValue":
            return any(agrees(value) for value in actual)
        if self.quantifier == "ForAllValues":
            return all(agrees(value) for value in actual)
        if len(actual) != 1:
            raise InvalidPolicy(
                f"{self.key} has {len(actual)} values in this request: {self.operator} on it needs "
                "ForAllValues or ForAnyValue"
            )
        return agrees(actual[0])


def parse_conditions(where: str, raw: Any) -> tuple[Condition, ...]:  # Any: foreign JSON
    """The conditions of a Condition element, all of which have to hold. Raises InvalidPolicy."""
    if not isinstance(raw, dict):
        raise InvalidPolicy(f"{where}: Condition is not an object")
    return tuple(
        _condition(where, operator, key, value) for operator, keys in raw.items() for key, value in keys.items()
    )


def _condition(where: str, written: str, key: str, raw: Any) -> Condition:
    quantifier, colon, operator = written.rpartition(":")
    if colon and quantifier not in ("ForAnyValue", "ForAllValues"):
        raise InvalidPolicy(f"{where}: unknown set operator {quantifier}")
    if_exists = operator.endswith("IfExists")
    operator = operator.removesuffix("IfExists")
    if operator != "Null" and operator not in _OPERATORS:
        raise InvalidPolicy(f"{where}: unsupported condition operator {written}")
    values = tuple(_text(each) for each in (raw if isinstance(raw, list) else [raw]))
    where = f"{where}: {written} on {key}"
    if not values:
        raise InvalidPolicy(f"{where}: no values")
    if operator == "Null" and (quantifier or if_exists or len(values) != 1 or values[0] not in ("true", "false")):
        raise InvalidPolicy(f'{where}: Null takes "true" (the key is absent) or "false", not {raw!r}')
    if operator == "Bool" and any(value not in ("true", "false") for value in values):
        raise InvalidPolicy(f'{where}: Bool takes "true" or "false", not {raw!r}')
    if operator in ("IpAddress", "NotIpAddress"):
        for value in values:
            _checked(where, lambda text: float(ip_network(text).prefixlen), value)
    if operator.startswith(("Numeric", "Date")):
        for value in values:
            _checked(where, _number if operator.startswith("Numeric") else _instant, value)
    return Condition(operator, key, values, quantifier, if_exists)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _checked(where: str, convert: Callable[[str], float], value: str) -> None:
    try:
        convert(value)
    except ValueError as error:
        raise InvalidPolicy(f"{where}: {value!r} can't be compared: {error}") from error


def _number(value: str) -> float:
    return float(value)


def _instant(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _equal(wanted: str, value: str, lookup: Lookup) -> bool:
    return substituted(wanted, lookup) == value


def _equal_ignoring_case(wanted: str, value: str, lookup: Lookup) -> bool:
    resolved = substituted(wanted, lookup)
    return resolved is not None and resolved.lower() == value.lower()


def _boolean(wanted: str, value: str, _: Lookup) -> bool:
    return wanted == value.lower()


def _in_network(wanted: str, value: str, _: Lookup) -> bool:
    try:
        return ip_address(value) in ip_network(wanted)
    except ValueError:
        return False


def _ordered(convert: Callable[[str], float], test: Callable[[float, float], bool]) -> Compare:
    """A comparison `test(value of the request, value of the policy)`; a value that can't be converted doesn't agree."""

    def compare(wanted: str, value: str, _: Lookup) -> bool:
        try:
            return test(convert(value), convert(wanted))
        except ValueError:
            return False

    return compare


def _ordering(prefix: str, convert: Callable[[str], float]) -> dict[str, tuple[Compare, bool]]:
    equals = _ordered(convert, lambda a, b: a == b)
    return {
        f"{prefix}Equals": (equals, False),
        f"{prefix}NotEquals": (equals, True),
        f"{prefix}LessThan": (_ordered(convert, lambda a, b: a < b), False),
        f"{prefix}LessThanEquals": (_ordered(convert, lambda a, b: a <= b), False),
        f"{prefix}GreaterThan": (_ordered(convert, lambda a, b: a > b), False),
        f"{prefix}GreaterThanEquals": (_ordered(convert, lambda a, b: a >= b), False),
    }


_OPERATORS: dict[str, tuple[Compare, bool]] = {
    "StringEquals": (_equal, False),
    "StringNotEquals": (_equal, True),
    "StringEqualsIgnoreCase": (_equal_ignoring_case, False),
    "StringNotEqualsIgnoreCase": (_equal_ignoring_case, True),
    "StringLike": (text_matches, False),
    "StringNotLike": (text_matches, True),
    # ArnEquals and ArnLike behave identically, AWS says.
    "ArnEquals": (arn_matches, False),
    "ArnLike": (arn_matches, False),
    "ArnNotEquals": (arn_matches, True),
    "ArnNotLike": (arn_matches, True),
    "Bool": (_boolean, False),
    "IpAddress": (_in_network, False),
    "NotIpAddress": (_in_network, True),
    **_ordering("Numeric", _number),
    **_ordering("Date", _instant),
}
"""Operator -> (comparison, whether its result is turned round). A negated operator is true for an absent key."""
