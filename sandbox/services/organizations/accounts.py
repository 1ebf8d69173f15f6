"""The organization itself, its root and its accounts: read only, they are made by `build`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.kernel.wire.errors import NotInSandboxError, aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.organizations.models import OrganizationsBackend
from sandbox.services.organizations.organization import Account, Organization
from sandbox.services.organizations.pages import paged

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
    """DescribeAccount."""
    organization = backend.organization()
    account = organization.accounts.get(request["AccountId"])
    if account is None:
        raise aws_error("AccountNotFoundException", f"We can't find an account with the id {request['AccountId']}.")
    return {"Account": _account(organization, account)}


def list_accounts(backend: OrganizationsBackend, request: Mapping[str, Any]) -> Json:
    """ListAccounts, the management account included."""
    organization = backend.organization()
    return paged("Accounts", [_account(organization, each) for each in organization.accounts.values()], request)


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
    """ListParents, of an account: the root."""
    organization = backend.organization()
    child = request["ChildId"]
    if child.startswith("ou-"):
        raise NotInSandboxError(f"the organizational unit {child}")
    if child not in organization.accounts:
        raise aws_error("ChildNotFoundException", f"We can't find an account with the id {child}.")
    return paged("Parents", [{"Id": organization.root_id, "Type": "ROOT"}], request)


def _account(organization: Organization, account: Account) -> Json:
    return {
        "Id": account.id,
        "Arn": organization.arn("account", account.id),
        "Email": _email(account.id),
        "Name": account.name,
        "Status": "ACTIVE",
        "State": "ACTIVE",
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": datetime.fromtimestamp(account.joined_at, UTC),
    }


def _email(account: str) -> str:
    return f"aws-{account}@example.com"
