"""How a statement of ours is written in a document whose size AWS limits: shorter, and about exactly the same requests.

An account stands in it by its id, which services may give back as the ARN of its root ("AWS JSON policy elements:
Principal", AWS account principals). Where all accounts of a statement have roles of the same names, each name stands
there once, as the pattern `arn:PARTITION:iam::*:role/Name`. The wildcard is the account alone, as an ARN is compared
part by part ("IAM JSON policy elements: Condition operators", ARN operators), and which accounts are meant Principal
says. What the ledger keeps, and what plans say, has every role by its own ARN (`statements.to_json`).
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from stagegate.iam.statements import (
    PRINCIPAL_ARN,
    SID_PREFIX,
    Condition,
    Statement,
    StatementError,
    account_root_of,
    to_json,
)

_ROOT = re.compile(r"arn:(?P<partition>[a-z-]+):iam::(?P<account>[0-9]{12}):root")
_ANYWHERE = re.compile(r"arn:(?P<partition>aws[a-z-]*):iam::\*:role/[\w+=,.@/-]+", re.ASCII)

Nested = Mapping[str, Mapping[str, frozenset[str]]]
"""A Condition element: values by operator and key."""


def encoded(statement: Statement, sid_prefix: str = SID_PREFIX) -> dict[str, Any]:
    """Return the statement as a policy document has it, with the Sid of what it says; a list of one is a string."""
    body = to_json(statement, sid_prefix)
    if len({principal.split(":")[1] for principal in statement.principals}) == 1:
        body["Principal"] = {"AWS": _plain(map(_id, statement.principals))}
    if (names := names_of(statement)) and not any(_is_taken(condition) for condition in statement.conditions):
        condition = {operator: dict(keys) for operator, keys in body["Condition"].items()}
        del condition["ArnEquals"][PRINCIPAL_ARN]
        condition.setdefault("ArnLike", {})[PRINCIPAL_ARN] = _plain(names)
        body["Condition"] = {operator: condition[operator] for operator in sorted(condition) if condition[operator]}
    return body


def expanded(principals: frozenset[str], nested: Nested) -> Nested:
    """Return the conditions of a document's statement with the ARN of each role that a pattern stands for.

    Raises StatementError for a pattern that `encoded` wouldn't write beside these principals, and leaves what is none.
    """
    patterns = nested.get("ArnLike", {}).get(PRINCIPAL_ARN, frozenset())
    if not patterns or not all(_ANYWHERE.fullmatch(each) for each in patterns):
        return nested
    partitions = {each.split(":")[1] for each in patterns}
    roots = [found for each in principals if (found := _ROOT.fullmatch(each)) and {found["partition"]} == partitions]
    if len(roots) < len(principals) or PRINCIPAL_ARN in nested.get("ArnEquals", {}):
        raise StatementError(f"ArnLike on {PRINCIPAL_ARN}: found {sorted(patterns)} beside {sorted(principals)}")
    roles = frozenset(in_account(name, root["account"]) for name in patterns for root in roots)
    return {
        **nested,
        "ArnLike": {key: values for key, values in nested["ArnLike"].items() if key != PRINCIPAL_ARN},
        "ArnEquals": {**nested.get("ArnEquals", {}), PRINCIPAL_ARN: roles},
    }


def roles_of(statement: Statement) -> Condition | None:
    """Return the condition that names the roles, if the principals are exactly those roles' accounts."""
    for condition in statement.conditions:
        if (condition.operator, condition.key) == ("ArnEquals", PRINCIPAL_ARN):
            accounts = {account_root_of(role) for role in condition.values}
            return condition if accounts == statement.principals else None
    return None


def names_of(statement: Statement) -> frozenset[str] | None:
    """Return the names that the roles of a statement have in each of its several accounts, as patterns; None where one
    account has others, or there is only one.
    """
    roles = roles_of(statement)
    if roles is None or len(statement.principals) == 1 or not all(":role/" in role for role in roles.values):
        return None
    names = frozenset(map(anywhere, roles.values))
    is_everywhere = len(roles.values) == len(names) * len(statement.principals)
    return names if is_everywhere else None


def anywhere(role: str) -> str:
    """Return the pattern of a role's ARN, in any account of the partition."""
    start, _, name = role.partition(":role/")
    return f"{start.rpartition(':')[0]}:*:role/{name}"


def in_account(name: str, account: str) -> str:
    """Return the ARN of the role of that name in an account."""
    return name.replace("::*:", f"::{account}:", 1)


def _is_taken(condition: Condition) -> bool:
    return condition.is_principal_arn and condition.operator == "ArnLike"


def _id(principal: str) -> str:
    root = _ROOT.fullmatch(principal)
    return root["account"] if root else principal


def _plain(values: Iterable[str]) -> str | list[str]:
    listed = sorted(values)
    return listed[0] if len(listed) == 1 else listed
