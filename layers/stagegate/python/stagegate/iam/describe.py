"""A statement as a sentence that a person can read."""

from collections.abc import Iterable

from stagegate.core.untrusted import word
from stagegate.iam.statements import PRINCIPAL_ARN, Condition, Effect, Statement, account_root_of

_WORDS = {
    "StringEquals": "is",
    "ArnEquals": "is",
    "StringLike": "is like",
    "ArnLike": "is like",
    "StringNotEquals": "is none of",
    "StringNotLike": "is like none of",
    "Bool": "is",
}


def describe(statement: Statement) -> str:
    """Return a statement as a sentence: who, may what, on what, if."""
    may = "may" if statement.effect is Effect.ALLOW else "must not"
    on = f" on {', '.join(map(word, sorted(statement.resources)))}" if statement.resources else ""
    roles = [c for c in statement.conditions if c.operator == "ArnEquals" and c.key == PRINCIPAL_ARN]
    conditions = sorted(statement.conditions - {*roles}, key=lambda c: (c.key, c.operator))
    given = f" if {' and '.join(map(_condition, conditions))}" if conditions else ""
    return f"{_who(statement, roles)} {may} {', '.join(sorted(statement.actions))}{on}{given}"


def _who(statement: Statement, roles: Iterable[Condition]) -> str:
    named = sorted({value for condition in roles for value in condition.values} or statement.principals)
    return ", ".join(_short(principal) for principal in named)


def _short(principal: str) -> str:
    account = account_root_of(principal).split(":")[4]
    name = principal.split(":", 5)[5]
    return f"all of {account}" if name == "root" else f"{word(name)} of {account}"


def _condition(condition: Condition) -> str:
    values = " or ".join(map(word, sorted(condition.values)))
    if condition.operator == "Null":
        return f"{condition.key} is {'absent' if values == 'true' else 'present'}"
    return f"{condition.key} {_WORDS.get(condition.operator, condition.operator)} {values}"
