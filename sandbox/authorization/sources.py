"""The policies that apply to a request, from what the services have registered."""

from __future__ import annotations

from sandbox.authorization.accesses import Context
from sandbox.authorization.evaluator.documents import Document, Kind, parse
from sandbox.authorization.evaluator.evaluate import Policies
from sandbox.authorization.registry import registry
from sandbox.kernel.arns import split
from sandbox.kernel.identity import Principal


def owner_of(resource: str) -> str:
    """The account that owns a resource, as far as its ARN or its service says; empty otherwise."""
    at = split(resource)
    return registry.resources(at.service).owner(at) if at is not None else ""


def policies_for(principal: Principal, action: str, resource: str, owner: str, context: Context) -> Policies:
    """Everything that applies when `principal` does `action` on `resource` of account `owner`."""
    attached, must_allow = _attached(action, resource, owner)
    shared = registry.shared(principal, resource)
    role = registry.identities.role(principal.role_arn) if principal.role_arn else None
    grants = registry.grants
    return Policies(
        identity=tuple(parse(name, Kind.IDENTITY, text) for name, text in role.identity.items()) if role else (),
        boundary=parse(role.boundary_arn or "", Kind.BOUNDARY, role.boundary) if role and role.boundary else None,
        session=parse(principal.arn, Kind.SESSION, principal.session_policy) if principal.session_policy else None,
        scps=_scps(principal),
        resource=(*attached, *shared, *grants.given_to_account(principal, action, resource, context)),
        resource_must_allow=must_allow,
        grants=grants.given(principal, action, resource, context),
    )


def _scps(principal: Principal) -> tuple[tuple[Document, ...], ...]:
    """SCPs restrict the principals of member accounts; not services, and not the management account."""
    return tuple(
        tuple(parse(f"level {depth} over {principal.account}", Kind.SCP, text) for text in texts)
        for depth, texts in enumerate(registry.organizations.scp_levels(principal.account), 1)
    )


def _attached(action: str, resource: str, owner: str) -> tuple[tuple[Document, ...], bool]:
    """The resource's own policy, and whether it has to allow even in its own account."""
    found = registry.resources(action.split(":", 1)[0].lower()).policy(resource, owner)
    return ((parse(resource, found.kind, found.text),) if found.text else (), found.must_allow)
