"""Roles of imports in an account that no package wants: as a ledger that was lost leaves them."""

from stagegate.aws.errors import translated
from stagegate.aws.sessions import Accounts
from stagegate.core.arns import Subject
from stagegate.ledger import targets
from stagegate.subjects.context import Planner
from stagegate.targets.execution_role import PATH, is_role_name
from stagegate.targets.target import Target, TargetType

MEMBER_PERMISSIONS = frozenset({"iam:ListRoles"})
PERMISSIONS = MEMBER_PERMISSIONS | {"dynamodb:Query"}
_PAGE = 1000


def lost_roles(planner: Planner, subject: Subject) -> tuple[str, ...]:
    """Return the ARNs of the roles of an account that are named and placed as those of imports, and that no package
    wants by the ledger: one call for all below our path, and one to the ledger for each that is there.

    The account is looked into first: what a package wants goes into the ledger before its role is made. Raises
    RefusedError, MemberRoleError.
    """
    account, partition, region = subject.name, subject.partition, subject.region
    accounts = Accounts(own=planner.environment.account, members=planner.members)
    iam = accounts.client("iam", MEMBER_PERMISSIONS, "*", account=account, region=region, partition=partition)
    with translated(f"list the roles of imports of {account}"):
        pages = iam.get_paginator("list_roles").paginate(PathPrefix=PATH, PaginationConfig={"PageSize": _PAGE})
        there = {role["RoleName"]: role["Arn"] for page in pages for role in page["Roles"]}
    return tuple(
        arn
        for name, arn in sorted(there.items())
        if is_role_name(planner.environment.prefix, name) and not _is_wanted(planner, subject, name)
    )


def _is_wanted(planner: Planner, subject: Subject, name: str) -> bool:
    target = Target(
        type=TargetType.IMPORT_ROLE,
        account=subject.name,
        region=subject.region,
        partition=subject.partition,
        name=name,
    )
    return bool(targets.desired_texts(planner.dynamodb, planner.environment.table, target.id))
