"""A policy document as it stands on a resource: which statements are ours, and what everybody else wrote."""

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from stagegate.core.errors import PermanentError
from stagegate.core.untrusted import LONGEST, one_line
from stagegate.iam.encoding import expanded
from stagegate.iam.statements import SID_PREFIX, Effect, Statement, StatementError, conditions_of, is_ours

CURRENT_VERSION = "2012-10-17"

# "IAM identifiers", unique identifiers: the prefix of roles and that of users; 16 to 128 characters in the API.
_DEAD = re.compile(r"A(ROA|IDA)[A-Z0-9]{12,124}(:.+)?")
"""The unique id of a role or a user, or of a session of a deleted role (`AROA...:name`)."""
_ACCOUNT = re.compile(r"[0-9]{12}")
_OURS_HAS = frozenset(("Sid", "Effect", "Principal", "Action", "Resource", "Condition"))

Json = Mapping[str, Any]
"""A JSON object that somebody else wrote: anything may be in it."""


class UnreadablePolicyError(PermanentError):
    """What stands on the resource isn't a policy that could be kept to the letter: names what was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadPrincipal:
    """A principal that was deleted, in somebody else's statement: AWS shows its unique id, and refuses every PUT of a
    document with it. `statement` is the Sid, or `#2` for the second statement of the document.
    """

    id: str
    statement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A document as parsed, and its statements: those of others and ours, both in the document's order. `sid_prefix` is
    what tells ours.
    """

    document: Json
    foreign: tuple[Json, ...]
    ours: tuple[Json, ...]
    sid_prefix: str = SID_PREFIX
    dead: tuple[DeadPrincipal, ...] = ()

    @property
    def has_variables(self) -> bool:
        """Whether `${...}` is a variable in it. Without a Version it isn't ("IAM JSON policy elements: Version")."""
        return self.document.get("Version") == CURRENT_VERSION


def read_policy(text: str | None, sid_prefix: str = SID_PREFIX) -> Policy:
    """Return the parts of a document, or those of a new one for None.

    Raises UnreadablePolicyError for anything that isn't JSON with statements, and where a name stands twice in an
    object: only one of the two could be kept.
    """
    if text is None:
        return Policy(
            document={"Version": CURRENT_VERSION, "Statement": []}, foreign=(), ours=(), sid_prefix=sid_prefix
        )
    try:
        document = json.loads(text, object_pairs_hook=_object, parse_constant=_number, parse_float=_number)
    except ValueError as error:
        raise UnreadablePolicyError(
            f"policy: found {_shown(text)}, which isn't JSON: {one_line(str(error), LONGEST)}"
        ) from error
    if not isinstance(document, dict) or "Statement" not in document:
        raise UnreadablePolicyError(f"policy: found {_shown(text)}; allowed: a JSON object with Statement")
    statements = document["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    for number, statement in enumerate(listed, 1):
        if not isinstance(statement, dict):
            raise UnreadablePolicyError(f"policy: found statement {number}: {_shown(statement)}; allowed: an object")
    return Policy(
        document=document,
        foreign=tuple(s for s in listed if not is_ours(s.get("Sid"), sid_prefix)),
        ours=tuple(s for s in listed if is_ours(s.get("Sid"), sid_prefix)),
        sid_prefix=sid_prefix,
        dead=tuple(_dead_principals(listed, sid_prefix)),
    )


def statement_from(raw: Json, partition: str | None = None) -> Statement:
    """Return a statement that we wrote. Raises StatementError for one that we wouldn't: somebody has edited it.

    In a document an account stands by its id or by its root's ARN, as `encoded` or the service writes it: an id is the
    root of that account in the document's `partition`. What we keep ourselves has none.
    """
    principal = raw.get("Principal")
    if raw.keys() - _OURS_HAS or not isinstance(principal, Mapping) or principal.keys() != {"AWS"}:
        raise StatementError(f"statement {_shown(raw.get('Sid'))}: found elements that Stagegate doesn't write")
    effect = raw.get("Effect")
    condition = raw.get("Condition", {})
    if effect not in tuple(Effect) or not isinstance(condition, Mapping):
        raise StatementError(
            f"statement {_shown(raw.get('Sid'))}: found Effect {_shown(effect)} and Condition {_shown(condition)}"
        )
    if not all(isinstance(keys, Mapping) for keys in condition.values()):
        raise StatementError(f"statement {_shown(raw.get('Sid'))}: found Condition {_shown(condition)}")
    principals = frozenset(_principal(text, partition) for text in _strings(principal["AWS"]))
    nested = {operator: {key: _strings(v) for key, v in keys.items()} for operator, keys in condition.items()}
    return Statement(
        principals=principals,
        actions=_strings(raw.get("Action")),
        resources=_strings(raw["Resource"]) if "Resource" in raw else None,
        conditions=conditions_of(expanded(principals, nested)),
        effect=Effect(effect),
    )


def foreign_statements(policy: Policy) -> Iterable[tuple[str, Json]]:
    """Yield others' statements, each with its label: its Sid, or `#2` for the second of the document."""
    listed = policy.document["Statement"]
    return _foreign(listed if isinstance(listed, list) else [listed], policy.sid_prefix)


def _foreign(statements: Iterable[Json], sid_prefix: str) -> Iterable[tuple[str, Json]]:
    """Yield others' statements, each with its label: its Sid, or `#2` for the second of the document."""
    for number, statement in enumerate(statements, 1):
        sid = statement.get("Sid")
        if not is_ours(sid, sid_prefix):
            yield sid if isinstance(sid, str) and sid else f"#{number}", statement


def _dead_principals(statements: Iterable[Json], sid_prefix: str) -> Iterable[DeadPrincipal]:
    for label, statement in _foreign(statements, sid_prefix):
        for element in ("Principal", "NotPrincipal"):
            named = statement.get(element)
            found = named.get("AWS") if isinstance(named, Mapping) else None
            for principal in found if isinstance(found, list) else [found]:
                if isinstance(principal, str) and _DEAD.fullmatch(principal):
                    yield DeadPrincipal(id=principal, statement=label)


def _strings(value: Any) -> frozenset[str]:
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in listed):
        raise StatementError(f"found {_shown(value)}; allowed: strings")
    return frozenset(listed)


def _principal(text: str, partition: str | None) -> str:
    return f"arn:{partition}:iam::{text}:root" if partition and _ACCOUNT.fullmatch(text) else text


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(n for n in names if names.count(n) > 1)!r} stands twice in one object")
    return made


def _number(text: str) -> float:
    """Python reads `NaN`, `Infinity` and `1e999`, and would write what no service reads."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no number that can be written again")
    return number


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
