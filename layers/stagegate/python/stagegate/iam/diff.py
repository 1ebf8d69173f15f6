"""Differences of two documents, as lines that a person can read: who gains what, and who loses it."""

import json
from collections.abc import Iterable

from stagegate.core.untrusted import LONGEST_REASON, quoted
from stagegate.iam.describe import describe
from stagegate.iam.merge import atoms, merge
from stagegate.iam.read import read_policy, statement_from
from stagegate.iam.render import Rendered
from stagegate.iam.statements import Statement, StatementError


def diff(existing: str | None, rendered: Rendered, partition: str) -> tuple[str, ...]:
    """Return what our statements open (`+`) and close (`-`), and a last line with the document's size.

    The lines compare access, not statements: of a statement with fifty resources that gets another one, only that one
    is shown. What somebody made of a statement of ours is shown as it stands. Raises UnreadablePolicyError.
    """
    before, edited = _access(existing, rendered.sid_prefix, partition)
    after, _ = _access(rendered.text, rendered.sid_prefix, partition)
    lines = [
        *(
            f"- edited by somebody else: {quoted(json.dumps(raw, ensure_ascii=False), LONGEST_REASON)}"
            for raw in edited
        ),
        *(f"- {describe(statement)}" for statement in merge(before - after)),
        *(f"+ {describe(statement)}" for statement in merge(after - before)),
    ]
    if not lines and rendered.changed:
        lines.append("~ the same access, written differently")
    return (*lines, _summary(rendered))


def lacking(existing: str | None, wanted: Iterable[Statement], sid_prefix: str, partition: str) -> tuple[str, ...]:
    """Return what our statements in a document don't give of what is wanted, as sentences; what else they give, and
    how they are put, doesn't matter. Raises UnreadablePolicyError.
    """
    there, _ = _access(existing, sid_prefix, partition)
    whole = frozenset[Statement]().union(*map(atoms, merge((*there, *wanted))))
    return tuple(map(describe, merge(whole - there)))


def _access(text: str | None, sid_prefix: str, partition: str) -> tuple[frozenset[Statement], list[object]]:
    """Return what our statements in a document give, in its smallest parts, and those that nobody can read as ours."""
    found: set[Statement] = set()
    edited: list[object] = []
    for raw in read_policy(text, sid_prefix).ours:
        try:
            found |= atoms(statement_from(raw, partition))
        except StatementError:
            edited.append(raw)
    return frozenset(found), edited


def _summary(rendered: Rendered) -> str:
    limit = rendered.limit
    if rendered.is_empty:
        return f"= {limit.name}: nothing is left, so it goes"
    return (
        f"= {limit.name}: {rendered.ours} of our statements beside {rendered.foreign} of others,"
        f" {rendered.size:,} {limit.unit}, {rendered.percent}% of {limit.size:,}"
    )
