"""Organizational units, and the accounts in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.kernel.wire.errors import aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.organizations.accounts import described
from sandbox.services.organizations.models import OrganizationsBackend
from sandbox.services.organizations.organization import FULL_ACCESS_ID, Organization, Unit
from sandbox.services.organizations.pages import paged


def create_organizational_unit(backend: OrganizationsBackend, request: Mapping[str, Any]) -> Json:
    """CreateOrganizationalUnit, with FullAWSAccess on it."""
    organization = backend.organization()
    parent = _parent(organization, request["ParentId"])
    root = organization.root_id.removeprefix("r-")
    unit = Unit(f"ou-{root}-{len(organization.units) + 1:08d}", request["Name"], parent)
    organization.units[unit.id] = unit
    organization.attached[unit.id] = [FULL_ACCESS_ID]
    return {"OrganizationalUnit": _unit(organization, unit)}


def move_account(backend: OrganizationsBackend, request: Mapping[str, Any]) -> Json:
    """MoveAccount: from where it is to another unit, or the root."""
    organization = backend.organization()
    account = organization.accounts.get(request["AccountId"])
    if account is None:
        raise aws_error("AccountNotFoundException", f"We can't find an account with the id {request['AccountId']}.")
    if account.parent != request["SourceParentId"]:
        raise aws_error("SourceParentNotFoundException", f"{account.id} isn't in {request['SourceParentId']}.")
    account.parent = _parent(organization, request["DestinationParentId"])
    return {}


def list_accounts_for_parent(backend: OrganizationsBackend, request: Mapping[str, Any]) -> Json:
    """ListAccountsForParent: those directly in it, and not those of the units below."""
    organization = backend.organization()
    parent = _parent(organization, request["ParentId"])
    found = [described(organization, each) for each in organization.accounts.values() if each.parent == parent]
    return paged("Accounts", found, request)


def list_organizational_units_for_parent(backend: OrganizationsBackend, request: Mapping[str, Any]) -> Json:
    """ListOrganizationalUnitsForParent: those directly below it."""
    organization = backend.organization()
    parent = _parent(organization, request["ParentId"])
    found = [_unit(organization, each) for each in organization.units.values() if each.parent == parent]
    return paged("OrganizationalUnits", found, request)


def _parent(organization: Organization, parent: str) -> str:
    if parent != organization.root_id and parent not in organization.units:
        raise aws_error("ParentNotFoundException", f"We can't find a root or unit with the id {parent}.")
    return parent


def _unit(organization: Organization, unit: Unit) -> Json:
    return {"Id": unit.id, "Arn": organization.arn("ou", unit.id), "Name": unit.name}
