"""Seeded mistakes: a document with one thing changed, so that it gives more, or less, than it should.

What changes nothing isn't among them: `StringLike` instead of `StringEquals` on a value without wildcards, `ArnLike`
instead of `ArnEquals`, an `IfExists` on who calls, a second copy of what is said already.
"""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from proofs.cases import Case

Statement = dict[str, Any]
STRANGER = "888800001111"
_CALLER = "aws:PrincipalArn"


@dataclass(frozen=True, slots=True)
class Seeded:
    """A case whose document was changed, and what was done to it."""

    case: Case
    mistake: str
    statement: int
    document: str


def every_seed(case: Case) -> Iterator[Seeded]:
    """Yield the case's document with each mistake in each of its statements, wherever it can be made."""
    document = json.loads(case.document)
    for number, statement in enumerate(document["Statement"]):
        for mistake, make in MISTAKES.items():
            changed = make(deepcopy(statement))
            if changed is None or changed == statement:
                continue
            others = deepcopy(document["Statement"])
            others[number : number + 1] = [changed] if changed else []
            text = json.dumps({**document, "Statement": others})
            yield Seeded(case, mistake, number, text)


def some_seeds(cases: Sequence[Case], number: int, seed: int = 0) -> list[Seeded]:
    """Return so many of them, as many of each mistake as can be: the same for the same seed."""
    choose = random.Random(seed)  # noqa: S311  # a choice of examples, no secret
    by_mistake: dict[str, list[Seeded]] = {}
    for case in cases:
        for seeded in every_seed(case):
            by_mistake.setdefault(seeded.mistake, []).append(seeded)
    for each in by_mistake.values():
        choose.shuffle(each)
    found: list[Seeded] = []
    while len(found) < number and any(by_mistake.values()):
        found += [each.pop() for _, each in sorted(by_mistake.items()) if each]
    return found[:number]


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def _is_foreign(statement: Statement) -> bool:
    return not str(statement.get("Sid", "Stagegate")).startswith("Stagegate")


def _everyone(statement: Statement) -> Statement | None:
    return {**statement, "Principal": "*"} if "Principal" in statement and statement["Principal"] != "*" else None


def _stranger(statement: Statement) -> Statement | None:
    if "AWS" not in (principal := statement.get("Principal", {})) or _is_foreign(statement):
        return None
    named = [*_list(principal["AWS"]), STRANGER]
    condition = statement.get("Condition", {})
    if (callers := condition.get("ArnEquals", {}).get(_CALLER)) is not None:
        condition["ArnEquals"][_CALLER] = [*_list(callers), f"arn:aws:iam::{STRANGER}:role/ModelOperator"]
    return {**statement, "Principal": {"AWS": named}}


def _another_account(statement: Statement) -> Statement | None:
    if "AWS" not in statement.get("Principal", {}) or _is_foreign(statement):
        return None
    first, *others = _list(statement["Principal"]["AWS"])
    another = STRANGER if first.isdigit() else first.replace(first.split(":")[4], STRANGER)
    return {**statement, "Principal": {"AWS": [another, *others]}}


def _role_itself(statement: Statement) -> Statement | None:
    condition = statement.get("Condition", {})
    callers = condition.get("ArnEquals", condition.get("ArnLike", {})).get(_CALLER)
    if callers is None or "Principal" not in statement:
        return None
    accounts = _list(statement["Principal"]["AWS"])
    roles = {each.replace("::*:", f"::{account}:") for each in _list(callers) for account in accounts}
    return {**statement, "Principal": {"AWS": sorted(roles)}}


def _one_account_less(statement: Statement) -> Statement | None:
    named = _list(statement["Principal"].get("AWS", [])) if isinstance(statement.get("Principal"), dict) else []
    return {**statement, "Principal": {"AWS": named[1:]}} if len(named) > 1 else None


def _no_condition(statement: Statement) -> Statement | None:
    return {k: v for k, v in statement.items() if k != "Condition"} if "Condition" in statement else None


def _one_condition_less(statement: Statement) -> Statement | None:
    condition = statement.get("Condition")
    if not condition or sum(map(len, condition.values())) < 2:
        return None
    operator = max(condition)
    keys = dict(condition[operator])
    keys.pop(max(keys))
    rest = {k: v for k, v in condition.items() if k != operator}
    return {**statement, "Condition": {**rest, **({operator: keys} if keys else {})}}


def _if_exists(statement: Statement) -> Statement | None:
    """A deny of what has the key with some value may stand beside one of what doesn't have it."""
    condition = statement.get("Condition", {})
    for operator in ("StringEquals", "StringLike", "Bool"):
        if operator in condition and statement["Effect"] == "Allow" and _CALLER not in condition[operator]:
            rest = {k: v for k, v in condition.items() if k != operator}
            return {**statement, "Condition": {**rest, f"{operator}IfExists": condition[operator]}}
    return None


def _turned_round(statement: Statement) -> Statement | None:
    condition = statement.get("Condition", {})
    for operator in ("StringEquals", "StringLike", "ArnEquals", "ArnLike"):
        if operator in condition:
            rest = {k: v for k, v in condition.items() if k != operator}
            negated = operator.replace("String", "StringNot").replace("Arn", "ArnNot")
            return {**statement, "Condition": {**rest, negated: condition[operator]}}
    return None


def _values(change: Callable[[str], str]) -> Callable[[Statement], Statement | None]:
    def make(statement: Statement) -> Statement | None:
        condition = statement.get("Condition", {})
        for operator in ("StringLike", "StringEquals", "ArnEquals", "ArnLike"):
            for key, values in condition.get(operator, {}).items():
                first, *others = _list(values)
                changed = change(first)
                if changed == first or (operator == "StringEquals" and "Account" in key):
                    continue
                loose = {"StringEquals": "StringLike", "ArnEquals": "ArnLike"}.get(operator, operator)
                rest = {k: v for k, v in condition[operator].items() if k != key}
                made = {**condition, operator: rest}
                made[loose] = {**made.get(loose, {}), key: [changed, *others]}
                return {**statement, "Condition": {k: v for k, v in made.items() if v}}
        return None

    return make


def _null_turned(statement: Statement) -> Statement | None:
    condition = statement.get("Condition", {})
    if "Null" not in condition:
        return None
    turned = {key: {"true": "false", "false": "true"}[_list(value)[0]] for key, value in condition["Null"].items()}
    return {**statement, "Condition": {**condition, "Null": turned}}


def _condition_more(statement: Statement) -> Statement:
    condition = statement.get("Condition", {})
    equal = {**condition.get("StringEquals", {}), "aws:RequestedRegion": "us-east-1"}
    return {**statement, "Condition": {**condition, "StringEquals": equal}}


def _resources(change: Callable[[str], str]) -> Callable[[Statement], Statement | None]:
    def make(statement: Statement) -> Statement | None:
        for element in ("Resource", "NotResource"):
            if element in statement and not _is_foreign(statement):
                first, *others = _list(statement[element])
                changed = change(first)
                return None if changed == first else {**statement, element: [changed, *others]}
        return None

    return make


def _one_resource_less(statement: Statement) -> Statement | None:
    for element in ("Resource", "NotResource"):
        if element in statement and len(listed := _list(statement[element])) > 1 and not _is_foreign(statement):
            return {**statement, element: listed[1:]}
    return None


def _any_resource(statement: Statement) -> Statement | None:
    return {**statement, "Resource": "*"} if "*" not in _list(statement.get("Resource", "*")) else None


def _more_actions(statement: Statement) -> Statement | None:
    service = _list(statement["Action"])[0].partition(":")[0]
    return None if service == "*" else {**statement, "Action": [*_list(statement["Action"]), f"{service}:PutX"]}


def _all_actions(statement: Statement) -> Statement | None:
    first = _list(statement["Action"])[0]
    service, _, name = first.partition(":")
    return None if service == "*" or name == "*" else {**statement, "Action": f"{service}:*"}


def _one_action_less(statement: Statement) -> Statement | None:
    listed = _list(statement.get("Action", "*"))
    return {**statement, "Action": listed[1:]} if len(listed) > 1 else None


def _every_other_action(statement: Statement) -> Statement | None:
    rest = {k: v for k, v in statement.items() if k != "Action"}
    return {**rest, "NotAction": statement["Action"]} if "Action" in statement else None


def _swapped(statement: Statement) -> Statement:
    return {**statement, "Effect": "Deny" if statement["Effect"] == "Allow" else "Allow"}


def _shorter(text: str) -> str:
    """One letter less before a wildcard at the end. A fence is about cards: `model-card*` is the same to it."""
    return f"{text[:-2]}*" if text.endswith("*") and len(text) > 2 and ":model-card/" not in text else text


def _ours(make: Callable[[Statement], Statement | None]) -> Callable[[Statement], Statement | None]:
    """In what others wrote, a mistake may change nothing: somebody else says it as well."""
    return lambda statement: None if _is_foreign(statement) else make(statement)


MISTAKES: dict[str, Callable[[Statement], Statement | None]] = {
    name: _ours(make)
    for name, make in {
        "everyone": _everyone,
        "a stranger beside": _stranger,
        "another account": _another_account,
        "one account less": _one_account_less,
        "the role itself": _role_itself,
        "no condition": _no_condition,
        "one condition less": _one_condition_less,
        "if it exists": _if_exists,
        "a condition turned round": _turned_round,
        "a wildcard behind a value": _values(lambda text: text if text.endswith("*") else f"{text}*"),
        "a shorter start of a value": _values(_shorter),
        "a wildcard before a role's name": _values(lambda text: text.replace(":role/", ":role/*")),
        "any partition": _values(lambda text: text.replace("arn:aws:iam:", "arn:*:iam:")),
        "another value": _values(lambda text: text[:-1] + ("x*" if text.endswith("*") else "~")),
        "Null turned round": _null_turned,
        "one condition more": _condition_more,
        "a wildcard behind a resource": _resources(lambda text: text if text.endswith("*") else f"{text}*"),
        "a shorter start of a resource": _resources(_shorter),
        "a wildcard less": _resources(lambda text: text.removesuffix("*") if len(text) > 1 else text),
        "another resource": _resources(lambda text: text if text == "*" else text.replace("/", "/x", 1)),
        "any resource": _any_resource,
        "one resource less": _one_resource_less,
        "one action more": _more_actions,
        "all actions of the service": _all_actions,
        "one action less": _one_action_less,
        "every other action": _every_other_action,
        "Allow and Deny swapped": _swapped,
        "the statement lost": lambda _: {},
    }.items()
}
