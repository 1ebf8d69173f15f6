"""Who registers a version."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from demo.people import OWNER

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization


def registrar(organization: Organization, let: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """Return who registers, as (profile, role): the first that is `let` from another account than the owner's, as
    (account, role), or the owner where nobody is.
    """
    owner = organization.profiles[OWNER]
    profiles = {role.account: name for name, role in reversed(organization.profiles.items())}
    guests = ((profiles[account], role) for account, role in let if account != owner.account)
    return next(guests, (OWNER, owner.name))
