"""The organization itself, its root and its accounts. They are made by `build`; accounts leave it, and are closed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.kernel.wire.errors import aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.organizations.models import OrganizationsBackend
from sandbox.services.organizations.organization import Account, Organization
from sandbox.services.organizations.pages import paged
from sandbox.services.organizations.recorded import departed

_CLOSING_S = 120.0
"""AWS says: a few minutes ("CloseAccount", API reference)."""
_SCP_ENABLED = [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]


def describe_organization(backend: OrganizationsBackend, _request: Mapping[str, Any]) -> Json:
    """DescribeOrganization, which every member may call."""
    organization = backend.organization()
    return {
        "Organization": {
            "Id": organization.id,
            "Arn": organization.arn("organization"),
            "FeatureSet": "ALL",
            "MasterAccountArn": organization.arn("account", organization.management_account),
            "MasterAccountId": organization.management_account,
            "MasterAccountEmail": _email(organization.management_account),
            "AvailablePolicyTypes": _SCP_ENABLED,
        }
    }


def describe_account(backend: OrganizationsBackend, request: Mapping[str, Any]) -> Json:
    """DescribeAccount. One that has left is as unknown as one that was never in it."""
    organization = backend.organization()
    return {"Account": described(organization, _known(organization, request))}


def remove_account(backend: OrganizationsBackend, request: Mapping[str, Any]) -> Json:
    """RemoveAccountFromOrganization: it is no member any more, and no policy of the organization is on it."""
    organization = backend.organization()
    account = _known(organization, request)
    if account.id == organization.management_account:
        raise aws_error("MasterCannotLeaveOrganizationException", "The management account can't leave.")
    _depart(organization, account.id, "REMOVED")
    return {}


def leave_organization(backend: OrganizationsBackend, _request: Mapping[str, Any]) -> Json:
    """LeaveOrganization, which a member calls for itself."""
    organization = backend.organization()
    if backend.account_id == organization.management_account:
        raise aws_error("MasterCannotLeaveOrganizationException", "The management account can't leave.")
    _depart(organization, backend.account_id, "LEFT")
    return {}


def _depart(organization: Organization, account: str, method: str) -> None:
    del organization.accounts[account]
    organization.attached.pop(account, None)
    departed(organization.management_account, account, method)


def close_account(backend: OrganizationsBackend, request: Mapping[str, Any]) -> Json:
    """CloseAccount: a member goes on being described, as closed. Nobody of it is let in anywhere, nor others to it."""
    organization = backend.organization()
    account = _known(organization, request)
    if account.id == organization.management_account:
        raise aws_error("ConstraintViolationException", "You can't close the management account.")
    if account.closing_since is not None:
        raise aws_error("AccountAlreadyClosedException", f"The account {account.id} is closed already.")
    account.closing_since = clock.now()
    return {}


def list_accounts(backend: OrganizationsBackend, request: Mapping[str, Any]) -> Json:
    """ListAccounts, the management account included."""
    organization = backend.organization()
    return paged("Accounts", [described(organization, each) for each in organization.accounts.values()], request)


def list_roots(backend: OrganizationsBackend, request: Mapping[str, Any]) -> Json:
    """ListRoots: there is one, with SCPs switched on."""
    organization = backend.organization()
    root = {
        "Id": organization.root_id,
        "Arn": organization.arn("root", organization.root_id),
        "Name": "Root",
        "PolicyTypes": _SCP_ENABLED,
    }
    return paged("Roots", [root], request)


def list_parents(backend: OrganizationsBackend, request: Mapping[str, Any]) -> Json:
    """ListParents, of an account or a unit."""
    organization = backend.organization()
    child = request["ChildId"]
    found = organization.accounts.get(child) or organization.units.get(child)
    if found is None:
        raise aws_error("ChildNotFoundException", f"We can't find an account or a unit with the id {child}.")
    kind = "ROOT" if found.parent == organization.root_id else "ORGANIZATIONAL_UNIT"
    return paged("Parents", [{"Id": found.parent, "Type": kind}], request)


def _known(organization: Organization, request: Mapping[str, Any]) -> Account:
    account = organization.accounts.get(request["AccountId"])
    if account is None:
        raise aws_error("AccountNotFoundException", f"We can't find an account with the id {request['AccountId']}.")
    return account


def _states(account: Account) -> Json:
    """An account's state, and the status that it replaces: a closed account's is SUSPENDED ("CloseAccount")."""
    if account.closing_since is None:
        return {"Status": "ACTIVE", "State": "ACTIVE"}
    if clock.now() < account.closing_since + _CLOSING_S:
        return {"Status": "PENDING_CLOSURE", "State": "PENDING_CLOSURE"}
    return {"Status": "SUSPENDED", "State": "CLOSED"}


def described(organization: Organization, account: Account) -> Json:
    """An account as Organizations describes it."""
    return {
        "Id": account.id,
        "Arn": organization.arn("account", account.id),
        "Email": _email(account.id),
        "Name": account.name,
        **_states(account),
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": datetime.fromtimestamp(account.joined_at, UTC),
    }


def _email(account: str) -> str:
    return f"aws-{account}@example.com"
