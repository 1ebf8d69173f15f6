"""Finds roles of stages that are nobody's: of other accounts than the stage's, two of one name, or none in an
account.
"""

from collections.abc import Iterator, Mapping

from stagegate.rules.checks.placed import placed, texts
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.formats import ANY, FORMATS, select
from stagegate.rules.names import account_of_role, name_of_role, role_arns
from stagegate.rules.problems import Problem, shown
from stagegate.rules.toml_lines import KeyPath

_PROTECTED = ("AWSServiceRoleFor", "AWSReservedSSO_")


def roles(tables: Mapping[str, object]) -> Iterator[Problem]:
    """Yield the problems of what stages and registrations name as roles. What is written wrongly is told elsewhere."""
    told: set[KeyPath] = set()
    accounts: dict[str, list[list[str]]] = {}
    for found in placed(tables):
        # Who is in a unit, nobody knows here.
        here = [] if found.stage.get("units") else found.accounts
        accounts.setdefault(found.name, []).append(here)
        if found.path not in told:
            yield from _problems(found.path, found.roles, here)
            if found.stage.get("fence") == FenceKind.BOUNDARY.value:
                yield from unchangeable((*found.path, "roles"), found.roles)
        told.add(found.path)
    for path, entry in select(tables, ("registrations", ANY)):
        if isinstance(entry, dict) and isinstance(entry.get("stage"), str):
            yield from _registering(path, entry.get("roles"), accounts.get(entry["stage"], []))


def _registering(path: KeyPath, listed: object, by_audience: list[list[str]]) -> Iterator[Problem]:
    """Yield what is wrong with the roles that register: of several audiences, they are each in one's accounts."""
    if len(by_audience) < 2:
        yield from _problems(path, listed, by_audience[0] if by_audience else [])
        return
    known = sorted({account for accounts in by_audience for account in accounts})
    for at, role in enumerate(texts(listed)) if all(by_audience) else ():
        if role.startswith("arn:") and account_of_role(role) not in known:
            allowed = f"a role of the stage's accounts, {', '.join(known)}"
            yield Problem(path=(*path, "roles", at), found=shown(role), allowed=allowed)


def unchangeable(path: KeyPath, listed: object) -> Iterator[Problem]:
    """Yield the roles among these whose boundary nobody can set: AWS protects those of its services, and those that IAM
    Identity Center makes ("Using service-linked roles", IAM user guide; "AWSReservedSSO_", IAM Identity Center user
    guide).
    """
    for at, role in enumerate(texts(listed)):
        if name_of_role(role).startswith(_PROTECTED):
            yield Problem(
                path=(*path, at),
                found=shown(role),
                allowed="a role whose boundary can be set: AWS protects AWSServiceRoleFor… and AWSReservedSSO_…",
            )


def _problems(path: KeyPath, listed: object, accounts: list[str]) -> Iterator[Problem]:
    found = texts(listed)
    written = FORMATS[("stages", ANY, "roles", ANY)]
    if not found or not accounts or not all(written.fits(role) for role in found):
        return
    for at, role in enumerate(found):
        where = (*path, "roles", at)
        if role.startswith("arn:") and account_of_role(role) not in accounts:
            yield Problem(
                path=where, found=shown(role), allowed=f"a role of the stage's accounts, {', '.join(accounts)}"
            )
        before = {name_of_role(arn) for account in accounts for arn in role_arns(found[:at], account, "aws")}
        is_alone = role.startswith("arn:") and len(accounts) > 1
        if not is_alone and name_of_role(role) in before and role not in found[:at]:
            yield Problem(
                path=where,
                found=f"{shown(role)}, a second {name_of_role(role)}",
                allowed="a name once: IAM has it once",
            )
    for account in accounts:
        if not role_arns(found, account, "aws") and any(account_of_role(r) in accounts for r in found):
            yield Problem(
                path=(*path, "roles"),
                found=f"no role of {account}",
                allowed="at least one for each account of the stage",
            )
