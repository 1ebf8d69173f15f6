"""Statements: what we put into a policy document that others write as well, one access per statement.

A statement is a product: every one of its principals may take every one of its actions on every one of its resources,
where all of its conditions hold. `merge` relies on that.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from stagegate.core.errors import PermanentError
from stagegate.iam.documents import canonical

SID_PREFIX = "Stagegate"
_STACK_DIGITS, _DIGITS = 6, 10
_DIGEST = re.compile(r"[0-9a-f]{8,64}")

_EXACT_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):"
    r"(iam::(?P<account>[0-9]{12}):(root|(role|user)/[\w+=,.@/-]+)"
    r"|sts::(?P<caller>[0-9]{12}):assumed-role/[\w+=,.@-]+/[\w+=,.@-]+)",
    re.ASCII,
)
_ACCOUNT = re.compile(r"[0-9]{12}")
_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z0-9*?]+")
_OPERATOR = re.compile(r"((ForAnyValue|ForAllValues):)?[A-Za-z]+")
PRINCIPAL_ARN = "aws:PrincipalArn"


class StatementError(PermanentError, ValueError):
    """A statement that AWS would refuse, or that would open more than it says: names the element and what was found."""


class Effect(StrEnum):
    """What a statement does."""

    ALLOW = "Allow"
    DENY = "Deny"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One operator on one key. `values` are as the policy has them: strings, also for `Bool` and `Null`."""

    operator: str
    key: str
    values: frozenset[str]

    def __post_init__(self) -> None:
        if not _OPERATOR.fullmatch(self.operator) or ":" not in self.key:
            raise StatementError(f"Condition: found {self.operator!r} on {self.key!r}; allowed: an operator on a key")
        _check_strings(f"{self.operator} on {self.key}", self.values)
        # A `Null` with anything else never holds: the deny that it guards never denies (docs/corrections.md).
        if self.operator == "Null" and self.values not in ({"true"}, {"false"}):
            raise StatementError(f'Null on {self.key}: found {sorted(self.values)}; allowed: "true" or "false"')
        if self.is_principal_arn and self.operator != "Null":
            _check_exact(f"{self.operator} on {self.key}", self.values)

    @property
    def is_principal_arn(self) -> bool:
        """Whether this asks who the caller is. Condition keys don't mind upper and lower case."""
        return self.key.lower() == PRINCIPAL_ARN.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of ours, valid by construction (StatementError).

    `principals` are AWS principal ARNs without wildcards: AWS refuses these in a Principal, and in a condition they
    match accounts and roles that nobody meant. `resources` is None where the policy takes none (ECR repositories).
    """

    principals: frozenset[str]
    actions: frozenset[str]
    resources: frozenset[str] | None
    conditions: frozenset[Condition] = frozenset()
    effect: Effect = Effect.ALLOW

    def __post_init__(self) -> None:
        _check_strings("Principal", self.principals)
        _check_exact("Principal", self.principals)
        _check_strings("Action", self.actions)
        for action in sorted(self.actions):
            if not _ACTION.fullmatch(action):
                raise StatementError(f"Action: found {action!r}; allowed: service:Name")
        if self.resources is not None:
            _check_strings("Resource", self.resources)
            for resource in sorted(self.resources):
                if resource != "*" and not resource.startswith("arn:"):
                    raise StatementError(f'Resource: found {resource!r}; allowed: an ARN, or "*"')
        keys = [(condition.operator, condition.key.lower()) for condition in self.conditions]
        if len(set(keys)) < len(keys):
            raise StatementError(f"Condition: found {sorted(keys)}; allowed: a key once per operator")


def conditions_of(nested: Mapping[str, Mapping[str, Iterable[str] | str]]) -> frozenset[Condition]:
    """Return a Condition element (operator to key to values) as conditions. Raises StatementError."""
    return frozenset(
        Condition(operator=operator, key=key, values=frozenset([values] if isinstance(values, str) else values))
        for operator, keys in nested.items()
        for key, values in keys.items()
    )


def statement_for(
    account: str,
    roles: Iterable[str] | None,
    *,
    partition: str,
    actions: Iterable[str],
    resources: Iterable[str] | None,
    conditions: Iterable[Condition] = (),
    effect: Effect = Effect.ALLOW,
) -> Statement:
    """Return the statement for exactly these roles of an account, given by their ARNs, or for all of it (`None`).

    The principal is always the account: a role as principal becomes a dead id when the role is deleted, and then the
    whole document can't be written any more. Which role it is, a condition on aws:PrincipalArn says, which for a
    session is the role's ARN ("AWS global condition context keys"). Raises StatementError, also for no roles at all:
    that must not mean the whole account.
    """
    if not _ACCOUNT.fullmatch(account):
        raise StatementError(f"Principal: found account {account!r}; allowed: 12 digits")
    requested = frozenset(conditions)
    if roles is not None:
        exact = Condition(operator="ArnEquals", key=PRINCIPAL_ARN, values=frozenset(roles))
        strangers = sorted(r for r in exact.values if not r.startswith(f"arn:{partition}:iam::{account}:role/"))
        if strangers:
            raise StatementError(f"Principal: found {strangers[0]!r}; allowed: roles of {account} in {partition}")
        requested |= {exact}
    return Statement(
        principals=frozenset([f"arn:{partition}:iam::{account}:root"]),
        actions=frozenset(actions),
        resources=None if resources is None else frozenset(resources),
        conditions=requested,
        effect=effect,
    )


def exactly(text: str) -> str:
    """Return a name so that a policy takes each of its characters as itself.

    An S3 key may contain `*`, `?` and `$`, which in a Resource are wildcards and the start of a variable: such a key
    would open others. Needs Version 2012-10-17 ("IAM policy elements: Variables and tags", special characters).
    """
    return re.sub(r"[*?$]", lambda found: f"${{{found.group()}}}", text)


def sid_prefix_of(*stack: str) -> str:
    """Return how the Sids of a stack start: another stack's statements in the same document are somebody else's."""
    return SID_PREFIX + hashlib.sha256("/".join(stack).encode()).hexdigest()[:_STACK_DIGITS]


def sid_of(statement: Statement, sid_prefix: str = SID_PREFIX) -> str:
    """Return the Sid: behind the stack's mark, the same statement has the same Sid in every document."""
    return sid_prefix + hashlib.sha256(content_of(statement).encode()).hexdigest()[:_DIGITS]


def content_of(statement: Statement) -> str:
    """Return everything that a statement says, as canonical JSON: equal for equal statements, and an order for them."""
    return canonical(_body(statement))


def is_ours(sid: object, sid_prefix: str = SID_PREFIX) -> bool:
    """Tell whether a Sid is one that the stack of that mark gives. `StagegateReadOnly`, which a person might write, is
    not; without a mark every stack's are.
    """
    return (
        isinstance(sid, str)
        and sid.startswith(sid_prefix)
        and _DIGEST.fullmatch(sid.removeprefix(sid_prefix)) is not None
    )


def to_json(statement: Statement, sid_prefix: str = SID_PREFIX) -> dict[str, Any]:
    """Return the statement as a policy document has it, with its Sid; a list of one is written as a string."""
    return {"Sid": sid_of(statement, sid_prefix), **_body(statement)}


def account_root_of(principal: str) -> str:
    """Return the principal that stands for the whole account of a principal. Raises StatementError."""
    found = _EXACT_ARN.fullmatch(principal)
    if not found:
        raise StatementError(f"Principal: found {principal!r}; allowed: the ARN of an AWS principal")
    return f"arn:{found['partition']}:iam::{found['account'] or found['caller']}:root"


def _body(statement: Statement) -> dict[str, Any]:
    body: dict[str, Any] = {
        "Effect": str(statement.effect),
        "Principal": {"AWS": _plain(statement.principals)},
        "Action": _plain(statement.actions),
    }
    if statement.resources is not None:
        body["Resource"] = _plain(statement.resources)
    if statement.conditions:
        nested: dict[str, dict[str, str | list[str]]] = {}
        for condition in sorted(statement.conditions, key=lambda c: (c.operator, c.key)):
            nested.setdefault(condition.operator, {})[condition.key] = _plain(condition.values)
        body["Condition"] = nested
    return body


def _plain(values: frozenset[str]) -> str | list[str]:
    listed = sorted(values)
    return listed[0] if len(listed) == 1 else listed


def _check_strings(where: str, values: object) -> None:
    """A set is asked for, as a string would be taken for the set of its letters."""
    if not isinstance(values, frozenset) or not values or not all(isinstance(v, str) and v for v in values):
        raise StatementError(f"{where}: found {values!r}; allowed: a frozenset of strings, not empty")


def _check_exact(where: str, principals: Iterable[str]) -> None:
    for principal in sorted(principals):
        if not _EXACT_ARN.fullmatch(principal):
            raise StatementError(
                f"{where}: found {principal!r}; allowed: the whole ARN of an AWS principal, no wildcard"
            )
