"""Finds what no model could be opened for, however few there are: AWS's quotas that the file itself passes.

What depends on how many models there are is found when they are planned, and `make preflight` weighs the documents.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from stagegate.rules.checks.placed import Placed, placed
from stagegate.rules.formats import ANY, select
from stagegate.rules.guardrails import GuardrailKind
from stagegate.rules.model import PrincipalScope
from stagegate.rules.names import role_arns
from stagegate.rules.problems import Problem

ACCOUNTS_IN_A_SHARE = 5_000
ACCOUNTS_IN_SHARES = 25_000
""" "Service quotas", RAM user guide: principals in one share, and in all shares of a Region."""
POLICIES_ON_AN_ACCOUNT = 5
"""Service control policies attached to one account ("Quotas for AWS Organizations"); one is FullAWSAccess."""
GROUP_POLICY_CHARACTERS = 20_480
"""`PolicyString` of PutModelPackageGroupPolicy (botocore's SageMaker model)."""


def check(tables: Mapping[str, object]) -> Iterator[Problem]:
    """Yield the quotas that the file passes by itself, each with its arithmetic."""
    places = list(placed(tables))
    yield from _shares(places)
    yield from _attached(tables)
    yield from _one_package(tables, places)


def _shares(places: list[Placed]) -> Iterator[Problem]:
    for place in places:
        if (count := len(place.accounts)) > ACCOUNTS_IN_A_SHARE:
            yield Problem(
                path=(*place.path, "accounts"),
                found=f"{count:,} accounts",
                allowed=f"{ACCOUNTS_IN_A_SHARE:,}, the principals that RAM takes into one share",
            )
    total = sum(len(place.accounts) for place in places)
    if total > ACCOUNTS_IN_SHARES:
        yield Problem(
            path=("audiences",) if places[0].audience else ("stages",),
            found=f"{total:,} accounts, counting each for every audience and stage that has it",
            allowed=f"{ACCOUNTS_IN_SHARES:,}, the principals that RAM takes into all shares of a Region",
        )


def _attached(tables: Mapping[str, object]) -> Iterator[Problem]:
    """A fence is one more policy on each account of a stage; it may be on any that a guardrail is on."""
    on = Counter(
        account
        for _, guardrail in select(tables, ("guardrails", ANY))
        if isinstance(guardrail, dict) and guardrail.get("by") == GuardrailKind.SCP
        for _, account in select(guardrail, ("accounts", ANY))
        if isinstance(account, str)
    )
    most = POLICIES_ON_AN_ACCOUNT - 2
    for account, count in sorted(on.items()):
        if count > most:
            yield Problem(
                path=("guardrails",),
                found=f"{count} guardrails by scp on {account}",
                allowed=f"{most}: Organizations takes {POLICIES_ON_AN_ACCOUNT} policies on an account, FullAWSAccess"
                " and the fence among them",
            )


def _one_package(tables: Mapping[str, object], places: list[Placed]) -> Iterator[Problem]:
    """A group's policy names everybody who may deploy a package once at least: each account by its id, and each name of
    a role for all accounts (`iam/encoding`). What else stands there is weighed when it is planned.
    """
    by_account = [value for _, value in select(tables, ("packages", "principals"))] == [PrincipalScope.ACCOUNT.value]
    told = set()
    for path, opens in select(tables, ("packages", "status", ANY, "opens")):
        if not isinstance(opens, list):
            continue
        for audience in dict.fromkeys(place.audience for place in places):
            here = [place for place in places if place.audience == audience and place.name in opens]
            accounts = {account for place in here for account in place.accounts}
            roles = set() if by_account else {name for place in here for name in _names(place)}
            size = sum(len(name) + len('"",') for name in (*accounts, *roles))
            if size > GROUP_POLICY_CHARACTERS and path not in told:
                told.add(path)
                who = f"{len(accounts):,} accounts" + (f" and {len(roles):,} names of roles" if roles else "")
                whose = f" of {audience}" if audience else ""
                yield Problem(
                    path=path,
                    found=f"{who}{whose}, which take {size:,} characters to name once",
                    allowed=f"{GROUP_POLICY_CHARACTERS:,} characters, a package group's policy: fewer accounts or roles"
                    " for one audience",
                )


def _names(place: Placed) -> Iterator[str]:
    """Yield the names of a stage's roles as patterns for any account."""
    for account in place.accounts:
        for arn in role_arns(place.roles, account, "aws"):
            yield arn.replace(f"::{account}:", "::*:", 1)
