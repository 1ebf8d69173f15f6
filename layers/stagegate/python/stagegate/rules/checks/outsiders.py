"""Finds, before anything is built, who can't be one of those whom the rules are about: roles of Stagegate's own, and
approvers of accounts that nothing else in the file is about.

The functions and `make deploy` know the stack's prefix and accounts, and refuse the same (`checks.stack`). The file
alone names neither: `prefix` is the default or what the caller says, and one account of approvers that stands nowhere
else is taken for the governance account.
"""

from collections.abc import Iterator, Mapping

from stagegate.rules.formats import ANY, FORMATS, PathPattern, select
from stagegate.rules.names import account_of_role, is_own_role, role_behind
from stagegate.rules.problems import Problem, shown

_PRINCIPALS: PathPattern = ("approvers", ANY, "principals", ANY)

_PEOPLE: Mapping[PathPattern, str] = {
    _PRINCIPALS: "people's roles",
    ("tags", ANY, "principals", ANY): "people's roles",
    ("stages", ANY, "roles", ANY): "roles that use models",
    ("audiences", ANY, "stages", ANY, "roles", ANY): "roles that use models",
    ("registrations", ANY, "roles", ANY): "roles that register models",
    ("registrations", ANY, "readers", ANY): "roles that read what is registered",
    ("imports", ANY, "consumer"): "a role that invokes models",
    ("guardrails", ANY, "roles", ANY): "roles that users work with",
}
"""Where the rules name roles, and what they have to be."""

_ACCOUNTS: tuple[PathPattern, ...] = (
    ("stages", ANY, "accounts", ANY),
    ("audiences", ANY, "stages", ANY, "accounts", ANY),
    ("buckets", ANY, "account"),
    ("repositories", ANY, "account"),
    ("guardrails", ANY, "accounts", ANY),
    ("organization", "accounts", ANY),
    ("guardrails", ANY, "domains", ANY, "account"),
)
_ARNS: tuple[PathPattern, ...] = (("guardrails", ANY, "roles", ANY),)
_ADDRESSES: tuple[PathPattern, ...] = (("registrations", ANY, "repositories", ANY),)


def check(tables: Mapping[str, object], *, prefix: str, account: str | None) -> Iterator[Problem]:
    """Yield the outsiders in what was read from governance.toml. `account` is the governance account, if it is known.

    What is written wrongly is told elsewhere.
    """
    for pattern, allowed in _PEOPLE.items():
        for path, role in _written(tables, pattern):
            if is_own_role(role_behind(role), prefix):
                yield Problem(path=path, found=f"{shown(role)}, a role of Stagegate", allowed=allowed)
    yield from _of_no_account(tables, prefix, account)


def _of_no_account(tables: Mapping[str, object], prefix: str, account: str | None) -> Iterator[Problem]:
    """Yield approvers of accounts that the file isn't about, but for the governance account's."""
    known = _known(tables)
    allowed = f"somebody of {', '.join(known)}, or of {account or 'one other account'}, the governance account"
    governance = account
    for path, principal in _written(tables, _PRINCIPALS):
        theirs = account_of_role(principal)
        if theirs in known or is_own_role(role_behind(principal), prefix):
            continue
        governance = governance or theirs
        if theirs == governance:
            continue
        if account:
            found = f"{shown(principal)}, of an account that nothing else here names"
            yield Problem(path=path, found=found, allowed=allowed)
        else:
            found = f"{shown(principal)}, of a second account that nothing else here names, beside {governance}"
            yield Problem(path=path, found=found, allowed=f"{allowed} (ACCOUNT= says which)")


def _known(tables: Mapping[str, object]) -> list[str]:
    """Return the accounts that the file is about."""
    found = [account for pattern in _ACCOUNTS for _, account in _written(tables, pattern)]
    found += [account_of_role(arn) for pattern in _ARNS for _, arn in _written(tables, pattern)]
    found += [address.partition(".")[0] for pattern in _ADDRESSES for _, address in _written(tables, pattern)]
    return sorted(set(found))


def _written(tables: Mapping[str, object], pattern: PathPattern) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for path, value in select(tables, pattern):
        if isinstance(value, str) and FORMATS[pattern].fits(value):
            yield path, value
