"""Which accounts belong to the organization, as Organizations says."""

import itertools
from collections.abc import Collection
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.approvals.membership import Membership
from stagegate.aws.errors import code_of, translated
from stagegate.core.untrusted import reason

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

PERMISSIONS = frozenset({"organizations:DescribeAccount"})
LIST_PERMISSIONS = frozenset({"organizations:ListAccounts"})

_MOST_PAGES = 50
"""Of twenty accounts each ("ListAccounts", API reference of Organizations)."""
_REFUSED = (
    "AccessDenied",
    "AccessDeniedException",
    "AccountNotFoundException",
    "AWSOrganizationsNotInUseException",
)
"""What may be said of an account outside. `AccountNotFoundException` may also mean that the caller's own account is in
no organization ("DescribeAccount", API reference of Organizations)."""


def listed(organizations: "OrganizationsClient", among: Collection[str]) -> frozenset[str]:
    """Return those of these accounts that the organization's list has, whatever their state: in a large organization
    of its first pages, which end in time. Raises ThrottledError, RefusedError.
    """
    left = set(among)
    with translated("list the accounts of the organization"):
        pages = organizations.get_paginator("list_accounts").paginate()
        for page in itertools.islice(pages, _MOST_PAGES):
            left -= {account["Id"] for account in page["Accounts"]}
            if not left:
                break
    return frozenset(among) - left


def membership_of(organizations: "OrganizationsClient", account: str, *, own: str) -> Membership:
    """Return whether an account is in the organization and active.

    A closed or suspended account is in it until 90 days are over, and nobody of it can be asked. A refusal says that
    an account is outside only if the same question about our `own` account is answered: otherwise it is the question
    that is refused, and nothing is known. Raises ThrottledError, and RefusedError for what can't be understood.
    """
    with translated(f"ask whether account {account} is in the organization"):
        try:
            state = _state(organizations, account)
        except ClientError as error:
            if code_of(error) not in _REFUSED:
                raise
            refused = f"Organizations says {code_of(error)} ({reason(error.response['Error'].get('Message', ''))})"
            is_inside = False if _answers(organizations, own) else None
            has_left = is_inside is False and code_of(error) == "AccountNotFoundException"
            return Membership(is_inside=is_inside, why=refused, has_left=has_left)
    return Membership(is_inside=state == "ACTIVE", why=f"it is {state}", state=state)


def _answers(organizations: "OrganizationsClient", own: str) -> bool:
    try:
        _state(organizations, own)
    except ClientError as error:
        if code_of(error) not in _REFUSED:
            raise
        return False
    return True


def _state(organizations: "OrganizationsClient", account: str) -> str:
    """Return an account's state. `Status` is retired in favour of it (API reference of Organizations, "Account")."""
    described = organizations.describe_account(AccountId=account)["Account"]
    return described.get("State") or described.get("Status") or "of no known state"
