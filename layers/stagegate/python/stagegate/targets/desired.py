"""Desired grants: what one subject wants of one target, as the ledger keeps it until the subject wants something
else.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from stagegate.iam.key_grants import KeyUse, use_from_json, use_to_json
from stagegate.iam.read import statement_from
from stagegate.iam.statements import Statement, content_of, to_json
from stagegate.targets.hub_content import HubContent, from_said
from stagegate.targets.target import ACCOUNT_CLOSED, CloseTarget, OpenTarget


def desired_text_of(change: OpenTarget | CloseTarget) -> str | None:
    """Return what the change wants of its target, as text, or None for nothing more. Equal for equal changes."""
    return None if isinstance(change, CloseTarget) else _written(change.statements, change.uses, change)


def digest_of(desired_text: str | None) -> str:
    """Return a digest of desired grants: the same for the same access."""
    return hashlib.sha256((desired_text or "").encode()).hexdigest()[:16]


def written(desired_text: str | None, *, is_entered: bool = True) -> str | None:
    """Return what the ledger notes as written on a target: a digest of what is wanted there, None for nothing; or that
    it was closed on record alone, as nobody could enter its account, which is closed.
    """
    if desired_text is None:
        return None if is_entered else ACCOUNT_CLOSED
    return digest_of(desired_text)


def still_desired(before: str | None, desired_text: str | None) -> str | None:
    """Return what was wanted before and is wanted still: what is left where a change can't be carried out."""
    if before is None or desired_text is None:
        return None
    statements = set(statements_in({"": desired_text}))
    return _written(
        [statement for statement in statements_in({"": before}) if statement in statements],
        uses_in({"": before}) & uses_in({"": desired_text}),
    )


def makes_a_difference(before: Mapping[str, str], arn: str, desired_text: str | None, *, is_carried_out: bool) -> bool:
    """Tell whether a subject's desired grants change, or may still have to, what everybody wants of a target together.

    `before` has the desired grants by subject. There is no difference where others want the same anyway. What is on
    record already may be that of a run that died before it was carried out, unless it is known that it
    `is_carried_out`.
    """
    if before.get(arn) == desired_text:
        return not is_carried_out
    after = with_desired(before, arn, desired_text)
    return (set(statements_in(before)), uses_in(before)) != (set(statements_in(after)), uses_in(after))


def with_desired(desired_texts: Mapping[str, str | None], arn: str, desired_text: str | None) -> dict[str, str]:
    """Return the desired grants with one subject's replaced, or without it."""
    return {subject: text for subject, text in {**desired_texts, arn: desired_text}.items() if text is not None}


def statements_in(desired_texts: Mapping[str, str]) -> tuple[Statement, ...]:
    """Return all statements that are wanted, given the desired grants by subject.

    Raises StatementError for another's text.
    """
    return tuple(
        statement_from(raw)
        for desired_text in _ordered(desired_texts)
        for raw in json.loads(desired_text)["statements"]
    )


def uses_in(desired_texts: Mapping[str, str]) -> frozenset[KeyUse]:
    """Return the uses of the key that anybody wants, given the desired grants by subject."""
    return frozenset(
        use_from_json(raw) for desired_text in _ordered(desired_texts) for raw in json.loads(desired_text)["uses"]
    )


def content_in(desired_text: str) -> HubContent | None:
    """Return the content of a hub that is wanted; None for another's text, as of another release."""
    try:
        return from_said(json.loads(desired_text)["only"])
    except (KeyError, ValueError):
        return None


def _written(statements: Iterable[Statement], uses: Iterable[KeyUse], change: OpenTarget | None = None) -> str | None:
    said: dict[str, Any] = {
        "statements": [to_json(statement) for statement in sorted(statements, key=content_of)],
        "uses": [use_to_json(use) for use in sorted(uses)],
    }
    if change and (only := change.role or change.model or change.content):
        said["only"] = only.said
    return json.dumps(said, separators=(",", ":")) if any(said.values()) else None


def _ordered(desired_texts: Mapping[str, str]) -> Iterable[str]:
    return (desired_texts[subject] for subject in sorted(desired_texts))
