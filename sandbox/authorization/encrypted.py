"""What a call on an encrypted resource also needs: its key, used by the service in the caller's name."""

from __future__ import annotations

from sandbox.authorization.accesses import Access, encryption_context
from sandbox.authorization.registry import registry
from sandbox.kernel.arns import split
from sandbox.kernel.identity import Principal
from sandbox.kernel.place import URL_SUFFIX


def key_accesses(principal: Principal, access: Access) -> list[Access]:
    """The uses of a customer's or an AWS managed key that `access` brings; none if its resource isn't encrypted."""
    uses = registry.resources(access.action.split(":", 1)[0]).key_uses.get(access.action)
    at = split(access.resource)
    if uses is None or at is None or not access.encrypted:
        return []
    found = registry.resources(at.service).encryption(access, at)
    if found is None:
        return []
    arn = registry.keys.key_arn(found.key, found.account, found.region)
    context = encryption_context(found.pairs)
    if not principal.is_service:
        # An AWS service that delivers with its own name isn't a caller through another service.
        context |= {"kms:ViaService": (f"{at.service}.{found.region}.{URL_SUFFIX}",)}
        context |= {"kms:CallerAccount": (principal.account,)}
    return [Access(use, arn, context) for use in uses]
