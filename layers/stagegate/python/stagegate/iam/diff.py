"""Differences of two documents, as lines that a person can read: who gains what, and who loses it."""

import json
from collections.abc import Iterable

from stagegate.iam.merge import atoms, merge
from stagegate.iam.read import read_policy, statement_from
from stagegate.iam.render import Rendered
from stagegate.iam.statements import PRINCIPAL_ARN, Condition, Effect, Statement, StatementError, account_root_of

_WORDS = {
    "StringEquals": "is",
    "ArnEquals": "is",
    "StringLike": "is like",
    "ArnLike": "is like",
    "StringNotEquals": "is none of",
    "StringNotLike": "is like none of",
    "Bool": "is",
}


def diff(existing: str | None, rendered: Rendered) -> tuple[str, ...]:
    """Return what our statements open (`+`) and close (`-`), and a last line with the document's size.

    The lines compare access, not statements: of a statement with fifty resources that gets another one, only that one
    is shown. What somebody made of a statement of ours is shown as it stands. Raises UnreadablePolicyError.
    """
    before, edited = _access(existing, rendered.sid_prefix)
    after, _ = _access(rendered.text, rendered.sid_prefix)
    lines = [
        *(f"- edited by somebody else: {json.dumps(raw, ensure_ascii=False)}" for raw in edited),
        *(f"- {describe(statement)}" for statement in merge(before - after)),
        *(f"+ {describe(statement)}" for statement in merge(after - before)),
    ]
    if not lines and rendered.changed:
        lines.append("~ the same access, written differently")
    return (*lines, _summary(rendered))


def lacking(existing: str | None, wanted: Iterable[Statement], sid_prefix: str) -> tuple[str, ...]:
    """Return what our statements in a document don't give of what is wanted, as sentences; what else they give, and
    how they are put, doesn't matter. Raises UnreadablePolicyError.
    """
    there, _ = _access(existing, sid_prefix)
    whole = frozenset[Statement]().union(*map(atoms, merge((*there, *wanted))))
    return tuple(map(describe, merge(whole - there)))


def describe(statement: Statement) -> str:
    """Return a statement as a sentence: who, may what, on what, if."""
    may = "may" if statement.effect is Effect.ALLOW else "must not"
    on = f" on {', '.join(sorted(statement.resources))}" if statement.resources else ""
    roles = [c for c in statement.conditions if c.operator == "ArnEquals" and c.key == PRINCIPAL_ARN]
    conditions = sorted(statement.conditions - {*roles}, key=lambda c: (c.key, c.operator))
    given = f" if {' and '.join(map(_condition, conditions))}" if conditions else ""
    return f"{_who(statement, roles)} {may} {', '.join(sorted(statement.actions))}{on}{given}"


def _access(text: str | None, sid_prefix: str) -> tuple[frozenset[Statement], list[object]]:
    """Return what our statements in a document give, in its smallest parts, and those that nobody can read as ours."""
    found: set[Statement] = set()
    edited: list[object] = []
    for raw in read_policy(text, sid_prefix).ours:
        try:
            found |= atoms(statement_from(raw))
        except StatementError:
            edited.append(raw)
    return frozenset(found), edited


def _who(statement: Statement, roles: Iterable[Condition]) -> str:
    named = sorted({value for condition in roles for value in condition.values} or statement.principals)
    return ", ".join(_short(principal) for principal in named)


def _short(principal: str) -> str:
    account = account_root_of(principal).split(":")[4]
    name = principal.split(":", 5)[5]
    return f"all of {account}" if name == "root" else f"{name} of {account}"


def _condition(condition: Condition) -> str:
    values = " or ".join(sorted(condition.values))
    if condition.operator == "Null":
        return f"{condition.key} is {'absent' if values == 'true' else 'present'}"
    return f"{condition.key} {_WORDS.get(condition.operator, condition.operator)} {values}"


def _summary(rendered: Rendered) -> str:
    limit = rendered.limit
    if rendered.is_empty:
        return f"= {limit.name}: nothing is left, so it goes"
    return (
        f"= {limit.name}: {rendered.ours} of our statements beside {rendered.foreign} of others,"
        f" {rendered.size:,} {limit.unit}, {rendered.percent}% of {limit.size:,}"
    )
