"""Rendering: a document with every foreign statement as it was, and all of ours as they should be."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from stagegate.core.errors import DocumentTooLargeError
from stagegate.iam.documents import canonical_policy
from stagegate.iam.encoding import encoded
from stagegate.iam.limits import Limit
from stagegate.iam.merge import atoms, covers, merge, merge_listed, merge_shortest
from stagegate.iam.read import DeadPrincipal, Policy, read_policy, statement_from
from stagegate.iam.statements import SID_PREFIX, Effect, Statement, StatementError, to_json

# Half of a surrogate pair is text for JSON and for Python, and none for UTF-8.
_TEXT = re.compile(r"[^\ud800-\udfff]*")


AsJson = Callable[[Statement, str], dict[str, Any]]
"""A way to write a statement, given the start of its Sid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A document that is ready to be written, within its limit.

    `is_empty`: nothing is left, so the policy is to be deleted, as services refuse one without statements. `changed`:
    it says something else than what stands there now, however that is written. `foreign` and `ours` count statements.
    `listed` is the same document with every role and account by its ARN, as 0.2.0 wrote it; None where that is too
    large, or nothing changes.
    """

    text: str
    size: int
    limit: Limit
    changed: bool
    foreign: int
    ours: int
    sid_prefix: str = SID_PREFIX
    dead: tuple[DeadPrincipal, ...] = ()
    listed: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether no statement is left."""
        return not self.foreign and not self.ours

    @property
    def percent(self) -> float:
        """How much of the limit is used, to a tenth of a percent."""
        return round(100 * self.size / self.limit.size, 1)


def render(existing: str | None, wanted: Iterable[Statement], limit: Limit, sid_prefix: str = SID_PREFIX) -> Rendered:
    """Return the document that gives exactly `wanted` beside everything that others have written.

    Foreign statements stay to the letter (as JSON values) and in order, before ours, and so does everything at the top;
    whatever carries a Sid of ours, which starts with the stack's `sid_prefix`, is replaced. `existing` is None where no
    policy stands. One that says the same with every role listed, as 0.2.0 wrote it, stays so until something changes.

    Raises UnreadablePolicyError for an existing text that isn't a policy, DocumentTooLargeError for a document that
    the service would refuse, and StatementError for a wanted statement that can't stand in this document.
    """
    policy = read_policy(existing, sid_prefix)
    requested = tuple(wanted)
    ours = merge(requested)
    _check_fit(policy, ours, limit)
    text = _written(policy, ours)
    changed = is_changed(existing, text)
    listed = _listed(policy, requested, ours, limit) if changed else None
    if existing is not None and listed is not None and not is_changed(existing, listed):
        text, changed = listed, False
    elif limit.measure(text) > limit.size:
        ours = merge_shortest(requested)
        text = _written(policy, ours)
        changed = is_changed(existing, text)
    if (size := limit.measure(text)) > limit.size:
        raise DocumentTooLargeError(_too_large(size, limit.measure(_written(policy, ())), limit))
    return Rendered(
        text=text,
        size=size,
        limit=limit,
        changed=changed,
        foreign=len(policy.foreign),
        ours=len(ours),
        sid_prefix=sid_prefix,
        dead=policy.dead,
        listed=listed,
    )


def narrowed(
    existing: str | None, wanted: Iterable[Statement], limit: Limit, partition: str, sid_prefix: str = SID_PREFIX
) -> tuple[tuple[Statement, ...], tuple[Statement, ...]]:
    """Return what our statements in a full document give and is `wanted`, as far as a document with it fits, and what
    of it doesn't fit any more: to take something out can make a document longer. A statement for two accounts and two
    objects, less one object for one account, is two statements. Of the statements that stand, any choice fits.

    Nothing is given that isn't wanted, nor what others have made of our statements; what is
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


def _listed(policy: Policy, requested: Sequence[Statement], ours: Sequence[Statement], limit: Limit) -> str | None:
    """Return the document as 0.2.0 wrote it: the fewest statements, or near the limit the shortest."""
    text = _written(policy, ours, to_json)
    if limit.measure(text) > limit.size:
        text = _written(policy, merge_listed(requested), to_json)
    return text if limit.measure(text) <= limit.size else None


def is_changed(existing: str | None, wanted: str) -> bool:
    """Tell whether what stands on a resource says something else than `wanted`, however the service has written it.

    No policy is the same as one without statements. Raises UnreadablePolicyError.
    """
    before, after = read_policy(existing), read_policy(wanted)
    if existing is None:
        return bool(after.foreign or after.ours)
    return canonical_policy(before.document) != canonical_policy(after.document)


def _written(policy: Policy, ours: Sequence[Statement], as_json: AsJson = encoded) -> str:
    """Return the minified document. Half a surrogate pair came in escaped, and stays so."""
    document = {**policy.document, "Statement": [*policy.foreign, *(as_json(each, policy.sid_prefix) for each in ours)]}
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    return text if _TEXT.fullmatch(text) else json.dumps(document, separators=(",", ":"))


def _check_fit(policy: Policy, ours: Iterable[Statement], limit: Limit) -> None:
    for statement in ours:
        text = json.dumps(to_json(statement), ensure_ascii=False)
        if "${" in text and not policy.has_variables:
            version = policy.document.get("Version", "none")
            raise StatementError(
                f"{limit.name}: found Version {version}, which takes ${{...}} for plain text; allowed: 2012-10-17 for"
                f" {text}"
            )


def _too_large(size: int, foreign: int, limit: Limit) -> str:
    ways = f" Ways out: {'; '.join(limit.ways_out)}." if limit.ways_out else ""
    who = "what others have written alone takes" if foreign > limit.size else "of these, what others have written takes"
    return (
        f"{limit.name}: {size:,} {limit.unit}, {100 * size / limit.size:.1f}% of the {limit.size:,} that AWS takes;"
        f" {who} {foreign:,}. Nothing was written.{ways}"
    )


def _parts_of(statements: Iterable[Statement]) -> frozenset[Statement]:
    return frozenset[Statement]().union(*map(atoms, statements))
