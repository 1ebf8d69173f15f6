"""Finds roles of stages that are nobody's: of other accounts than the stage's, two of one name, or none in an
account.
"""

from collections.abc import Iterator, Mapping

from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.formats import ANY, FORMATS, select
from stagegate.rules.names import account_of_role, name_of_role, role_arns
from stagegate.rules.problems import Problem, shown
from stagegate.rules.toml_lines import KeyPath

_PROTECTED = ("AWSServiceRoleFor", "AWSReservedSSO_")


def roles(tables: Mapping[str, object]) -> Iterator[Problem]:
    """Yield the problems of what stages and registrations name as roles. What is written wrongly is told elsewhere."""
    accounts: dict[str, list[str]] = {}
    for path, stage in select(tables, ("stages", ANY)):
        if isinstance(stage, dict) and isinstance(stage.get("name"), str):
            accounts[stage["name"]] = _texts(stage.get("accounts"))
            yield from _problems(path, stage.get("roles"), accounts[stage["name"]])
            if stage.get("fence") == FenceKind.BOUNDARY.value:
                yield from unchangeable((*path, "roles"), stage.get("roles"))
    for path, entry in select(tables, ("registrations", ANY)):
        if isinstance(entry, dict) and isinstance(entry.get("stage"), str):
            yield from _problems(path, entry.get("roles"), accounts.get(entry["stage"], []))


def unchangeable(path: KeyPath, listed: object) -> Iterator[Problem]:
    """Yield the roles among these whose boundary nobody can set: AWS protects those of its services, and those that IAM
    Identity Center makes ("Using service-linked roles", IAM user guide; "AWSReservedSSO_", IAM Identity Center user
    guide).
    """
    for at, role in enumerate(_texts(listed)):
        if name_of_role(role).startswith(_PROTECTED):
            yield Problem(
                path=(*path, at),
                found=shown(role),
                allowed="a role whose boundary can be set: AWS protects AWSServiceRoleFor… and AWSReservedSSO_…",
            )


def _problems(path: KeyPath, listed: object, accounts: list[str]) -> Iterator[Problem]:
    found = _texts(listed)
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


def _texts(found: object) -> list[str]:
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
