"""An account that leaves the organization, and comes back."""

from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.services.organizations.organization import current
from sandbox.stagegate.organization import Organization


@contextmanager
def left(organization: Organization, name: str) -> Iterator[None]:
    """The account of this name is removed from the organization; afterwards it is there again, as it was."""
    account, found = organization.accounts[name], current()
    assert found is not None
    before, policies = found.accounts[account], found.attached[account]
    organization.admin("organizations", "management").remove_account_from_organization(AccountId=account)
    yield
    found.accounts[account], found.attached[account] = before, policies
