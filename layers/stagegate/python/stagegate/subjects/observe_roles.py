"""Looking up the roles that the rules name, in the accounts that they are to be in."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.aws.sessions import Accounts
from stagegate.core.errors import PermanentError
from stagegate.core.findings import Finding, blocked, warned
from stagegate.rules.names import account_of_role, name_of_role
from stagegate.subjects.context import Planner

PERMISSIONS = frozenset({"iam:GetRole"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """What was seen of roles, by the ARNs that the rules give them: which have a permissions boundary and which have
    none; which aren't there, each with IAM's own ARN where it has one of that name, else ""; and what accounts couldn't
    be looked into, with the reason.
    """

    bounded: frozenset[str] = frozenset()
    unbounded: frozenset[str] = frozenset()
    absent: tuple[tuple[str, str], ...] = ()
    unseen: tuple[tuple[str, str], ...] = ()

    @property
    def missing(self) -> frozenset[str]:
        """The ARNs of those that aren't there: what names them lets nobody in."""
        return frozenset(arn for arn, _ in self.absent)


def look_up(planner: Planner, arns: Collection[str], *, region: str, partition: str) -> Roles:
    """Return what IAM says of each role. What can't be seen of one account keeps no other from being looked into."""
    bounded: set[str] = set()
    unbounded: set[str] = set()
    absent: list[tuple[str, str]] = []
    unseen: list[tuple[str, str]] = []
    for account in sorted({account_of_role(arn) for arn in arns}):
        accounts = Accounts(own=planner.environment.account, members=planner.members)
        try:
            # Which roles they can be, the rules say: their names wouldn't all fit into a session's policy.
            iam = accounts.client(
                "iam",
                PERMISSIONS,
                f"arn:{partition}:iam::{account}:role/*",
                account=account,
                region=region,
                partition=partition,
            )
            for arn in sorted(each for each in arns if account_of_role(each) == account):
                there, has_boundary = _role(iam, name_of_role(arn), account)
                if there != arn:
                    absent.append((arn, there))
                else:
                    (bounded if has_boundary else unbounded).add(arn)
        except PermanentError as error:
            unseen.append((account, str(error)))
    return Roles(bounded=frozenset(bounded), unbounded=frozenset(unbounded), absent=tuple(absent), unseen=tuple(unseen))


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


def _role(iam: Any, name: str, account: str) -> tuple[str, bool]:
    """Return the ARN of the role of a name, "" for none, and whether it has a permissions boundary."""
    with translated(f"look up role {name} of {account}"):
        try:
            role = iam.get_role(RoleName=name)["Role"]
        except ClientError as error:
            if code_of(error) == "NoSuchEntity":
                return "", False
            raise
    return role["Arn"], "PermissionsBoundary" in role
