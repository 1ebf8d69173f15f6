"""Organizations' backend of one account; moto finds it, and the `urls` beside it, by this module's name."""

from __future__ import annotations

from moto.core.base_backend import BaseBackend

from sandbox.kernel.wire.errors import aws_error
from sandbox.services.organizations.organization import Organization, current


class OrganizationsBackend(BaseBackend):
    """The view that one account has of the organization.

    Every member sees the one store: who may call what (the management account, a member that the resource policy
    delegates to, anybody for DescribeOrganization) is for authorization to say, before the backend is asked.
    """

    def organization(self) -> Organization:
        """The organization that this account belongs to, or the error for an account without one."""
        organization = current()
        if organization is None or self.account_id not in organization.accounts:
            message = f"The account {self.account_id} is not a member of an organization."
            raise aws_error("AWSOrganizationsNotInUseException", message)
        return organization
