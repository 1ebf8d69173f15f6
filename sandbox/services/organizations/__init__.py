"""AWS Organizations, as AWS behaves."""

from sandbox.services.organizations.organization import (
    build,
    delegation_policy,
    enable_sharing,
    in_organization,
    management_account,
    organization_id,
    reopen,
    resource_tags,
    scp_levels,
    scps_for,
    sharing_enabled,
)

__all__ = [
    "build",
    "delegation_policy",
    "enable_sharing",
    "in_organization",
    "management_account",
    "organization_id",
    "reopen",
    "resource_tags",
    "scp_levels",
    "scps_for",
    "sharing_enabled",
]
