"""Narrowing: of what stands in a document, what is wanted still. A close takes it that a full document has no room for.

To take something out can make a document longer: a statement for two accounts and two objects, less one object for one
account, is two statements. Of the statements that stand, any choice fits.
"""

from collections.abc import Iterable

from stagegate.core.errors import DocumentTooLargeError
from stagegate.iam.limits import Limit
from stagegate.iam.merge import atoms, covers, merge
from stagegate.iam.read import read_policy, statement_from
from stagegate.iam.render import render
from stagegate.iam.statements import SID_PREFIX, Effect, Statement, StatementError


def narrowed(
    existing: str | None, wanted: Iterable[Statement], limit: Limit, partition: str, sid_prefix: str = SID_PREFIX
) -> tuple[tuple[Statement, ...], tuple[Statement, ...]]:
    """Return what our statements in the document give and is `wanted`, as far as a document with it fits, and what of
    it doesn't fit any more. Nothing is given that isn't wanted, nor what others have made of our statements; what is
    wanted to be denied is denied.

    Raises UnreadablePolicyError, and DocumentTooLargeError where others have filled the document.
    """
    requested = tuple(wanted)
    allowed = _parts_of(each for each in requested if each.effect is Effect.ALLOW)
    kept = [each for each in requested if each.effect is Effect.DENY]
    whole: list[Statement] = []
    partly: list[Statement] = []
    for raw in read_policy(existing, sid_prefix).ours:
        try:
            stands = statement_from(raw, partition)
        except StatementError:
            continue
        if stands.effect is Effect.ALLOW and atoms(stands) <= allowed:
            whole.append(stands)
        else:
            partly.append(stands)
    parts = merge(part for part in allowed - _parts_of(whole) if any(covers(stands, part) for stands in partly))
    render(existing, kept, limit, sid_prefix)
    lost: list[Statement] = []
    for each in (*whole, *parts):
        try:
            render(existing, (*kept, each), limit, sid_prefix)
        except DocumentTooLargeError:
            lost.append(each)
        else:
            kept.append(each)
    return tuple(kept), tuple(lost)


def _parts_of(statements: Iterable[Statement]) -> frozenset[Statement]:
    return frozenset[Statement]().union(*map(atoms, statements))
