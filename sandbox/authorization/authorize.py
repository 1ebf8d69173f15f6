"""The decision about a principal, an action and the resources as the embedded services have them right now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sandbox.authorization import uses
from sandbox.authorization.accesses import Access
from sandbox.authorization.context import global_context
from sandbox.authorization.encrypted import key_accesses
from sandbox.authorization.evaluator.evaluate import Decision, Request, evaluate
from sandbox.authorization.registry import registry
from sandbox.authorization.sources import owner_of, policies_for
from sandbox.kernel.clock import clock
from sandbox.kernel.identity import Principal
from sandbox.kernel.place import REGION


def authorize(
    principal: Principal,
    action: str,
    resources: Sequence[str],
    context: Mapping[str, str | tuple[str, ...]],
    region: str = REGION,
) -> Decision:
    """Whether `principal` may do `action` on all of `resources`, and use their keys where they are encrypted.

    For services that act without an API request: deliveries of EventBridge, alarms, roles that services assume.
    `context` adds to the global condition keys, which are filled in here. Returns the first denial, otherwise the last
    allowing decision. Raises AuthorizationError for a policy that can't be evaluated.
    """
    values = {key: (value,) if isinstance(value, str) else value for key, value in context.items()}
    decision = Decision.allow("nobody: no resource asked for")
    for resource in resources:
        decision = authorize_access(principal, Access(action, resource, values), region).decision
        if not decision.allowed:
            return decision
    return decision


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision and the access that it is about: the one asked for, or the use of a key that it brought."""

    access: Access
    decision: Decision


class Denied(Exception):
    """An access that is not allowed, as AWS words it."""

    def __init__(self, principal: Principal, outcome: Outcome) -> None:
        access = outcome.access
        super().__init__(
            f"User: {principal.arn} is not authorized to perform: {access.action} "
            f"on resource: {access.resource} {outcome.decision.reason}"
        )


def authorize_access(principal: Principal, access: Access, region: str) -> Outcome:
    """Decide one access and the key uses it brings; the first that is denied, otherwise the access itself."""
    outcome = _decide(principal, access, region)
    if outcome.decision.allowed:
        for use in key_accesses(principal, access):
            of_key = _decide(principal, use, region)
            if not of_key.decision.allowed:
                return of_key
    return outcome


def require(principal: Principal, accesses: Sequence[Access], region: str) -> None:
    """Raise Denied for the first of `accesses` that `principal` may not have."""
    for access in accesses:
        outcome = authorize_access(principal, access, region)
        if not outcome.decision.allowed:
            raise Denied(principal, outcome)


def _decide(principal: Principal, access: Access, region: str) -> Outcome:
    owner = access.owner or owner_of(access.resource) or principal.account
    for account in (principal.account, owner):
        if registry.organizations.is_closed(account):
            # "How to close an AWS account" (Account Management guide): both ways, until it is opened again.
            return Outcome(access, Decision.deny(f"because account {account} is closed"))
    context = global_context(principal, owner, region, clock.now()) | access.context
    request = Request(principal, access.action, access.resource, owner, context)
    policies = policies_for(principal, access.action, access.resource, owner, context)
    decision = evaluate(request, policies)
    if decision.allowed:
        uses.note(principal, access.action)
    return Outcome(access, decision)
