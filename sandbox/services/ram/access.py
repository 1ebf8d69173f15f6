"""What shares allow: the one question that authorization asks RAM."""

from __future__ import annotations

from sandbox.kernel.clock import clock
from sandbox.kernel.protocol import lock
from sandbox.services.ram import principals
from sandbox.services.ram.catalog import permission_named, type_of
from sandbox.services.ram.models import backend_for
from sandbox.services.ram.share import AssociationStatus, Kind, Share


def allowed_actions(resource_arn: str, account_id: str, region: str, role_arn: str | None = None) -> frozenset[str]:
    """The IAM actions that shares give an account (or one role of it) on a resource of another; may be empty.

    A share counts when it is active, the resource is ASSOCIATED and so is a principal that stands for the account,
    which includes that an invitation was accepted. Several shares add up. A resource of the account itself, or one
    of a type that can't be shared, gets nothing from here.
    """
    owner = resource_arn.split(":")[4]
    if not owner.isdigit() or owner == account_id:
        return frozenset()
    with lock:
        shares = list(backend_for(owner, region).shares.values())
        giving = [share for share in shares if _gives(share, resource_arn, account_id, role_arn)]
        if not giving:
            return frozenset()
        resource_type = type_of(resource_arn).name
        return frozenset().union(*(permission_named(share.permissions[resource_type]).actions for share in giving))


def _gives(share: Share, resource_arn: str, account_id: str, role_arn: str | None) -> bool:
    now = clock.now()
    if share.status(now) != "ACTIVE":
        return False
    resource = share.associations.get((Kind.RESOURCE, resource_arn))
    if resource is None or resource.status(now) is not AssociationStatus.ASSOCIATED:
        return False
    named = share.having(Kind.PRINCIPAL, now, AssociationStatus.ASSOCIATED)
    return any(principals.covers(each.entity, account_id, role_arn) for each in named)
