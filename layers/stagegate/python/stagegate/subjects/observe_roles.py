"""Looking up the roles that the rules name, in the accounts that they are to be in."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from stagegate.aws.errors import translated
from stagegate.aws.sessions import Accounts
from stagegate.core.errors import AccountClosedError, PermanentError
from stagegate.core.findings import Finding, blocked, warned
from stagegate.rules.names import account_of_role, name_of_role
from stagegate.subjects import observe_accounts
from stagegate.subjects.context import Planner
from stagegate.subjects.observe_accounts import explained

MEMBER_PERMISSIONS = frozenset({"iam:ListRoles"})
"""A list has every role's ARN, in one call for a thousand of them, and no boundary ("ListRoles", IAM API reference)."""
PERMISSIONS = MEMBER_PERMISSIONS | observe_accounts.PERMISSIONS
_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """What was seen of roles, by the ARNs that the rules give them: which aren't there, each with IAM's own ARN where
    it has one of that name, else ""; those whose accounts are `closed`, with the account's own words; and what accounts
    couldn't be looked into, with the reason.
    """

    absent: tuple[tuple[str, str], ...] = ()
    closed: tuple[tuple[str, str], ...] = ()
    unseen: tuple[tuple[str, str], ...] = ()

    @property
    def missing(self) -> frozenset[str]:
        """The ARNs of those that aren't there: what names them lets nobody in."""
        return frozenset(arn for arn, _ in (*self.absent, *self.closed))


def look_up(planner: Planner, arns: Collection[str], *, region: str, partition: str) -> Roles:
    """Return which of these roles IAM has. What can't be seen of one account keeps no other from being looked into."""
    absent: list[tuple[str, str]] = []
    closed: list[tuple[str, str]] = []
    unseen: list[tuple[str, str]] = []
    accounts = Accounts(own=planner.environment.account, members=planner.members)
    for account in sorted({account_of_role(arn) for arn in arns}):
        try:
            there = role_ids(accounts, account, region=region, partition=partition)
        except PermanentError as error:
            why = explained(planner, account, error)
            if isinstance(why, AccountClosedError):
                closed += [(arn, str(why)) for arn in sorted(arns) if account_of_role(arn) == account]
            else:
                unseen.append((account, str(why)))
            continue
        by_name = {name_of_role(arn).lower(): arn for arn in there}  # IAM has a name once, whatever its capitals
        absent += [
            (arn, by_name.get(name_of_role(arn).lower(), ""))
            for arn in sorted(arns)
            if account_of_role(arn) == account and arn not in there
        ]
    return Roles(absent=tuple(absent), closed=tuple(closed), unseen=tuple(unseen))


def role_findings(roles: Roles, stages: Iterable[tuple[str, Collection[str]]]) -> tuple[Finding, ...]:
    """Return what is wrong with the roles of each stage, given by its name and its roles' ARNs: a block where none of
    them is there.
    """
    found: list[Finding] = []
    for stage, arns in stages:
        for arn, there in roles.absent:
            if arn in arns:
                find = blocked if roles.missing.issuperset(arns) else warned
                found.append(find("RoleMissing", _missing(stage, arn, there), stage))
        for why in dict.fromkeys(why for arn, why in roles.closed if arn in arns):
            find = blocked if roles.missing.issuperset(arns) else warned
            found.append(find("AccountClosed", why, stage))
    if roles.unseen:
        found += [
            warned("RolesUnseen", f"Whether {account} has the roles that governance.toml names isn't known: {why}")
            for account, why in roles.unseen
        ]
    return tuple(found)


def _missing(stage: str, arn: str, there: str) -> str:
    account = account_of_role(arn)
    if not there:
        return (
            f"governance.toml names {arn} for {stage}, and {account} has no role of that name: it opens for the others"
            " alone. Correct the name, or make the role and start the subject by hand."
        )
    path = there.partition(":role/")[2]
    return (
        f'governance.toml names {arn} for {stage}; {account} has it as {there}: write "{path}" (or its ARN), with the'
        " path and in the letters that IAM has."
    )


def role_ids(accounts: Accounts, account: str, *, region: str, partition: str) -> dict[str, str]:
    """Return the ARNs of all roles of an account, each with its unique id. IAM has no resource for the list. Raises
    RefusedError, MemberRoleError.
    """
    iam = accounts.client("iam", MEMBER_PERMISSIONS, "*", account=account, region=region, partition=partition)
    with translated(f"list the roles of {account}"):
        pages = iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": _PAGE})
        return {role["Arn"]: role["RoleId"] for page in pages for role in page["Roles"]}
