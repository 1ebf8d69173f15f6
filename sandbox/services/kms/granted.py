"""What the grants of a KMS key give a principal.

https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any  # moto's keys are untyped where they are read here

from moto.kms.models import kms_backends

from sandbox.authorization.accesses import Context
from sandbox.authorization.evaluator.documents import Document, Kind, Statement
from sandbox.authorization.evaluator.principals import Naming, Principals
from sandbox.authorization.principal_ids import shown_principal
from sandbox.kernel.arns import split
from sandbox.kernel.identity import Principal
from sandbox.kernel.place import URL_SUFFIX


def given(principal: Principal, action: str, resource: str, context: Context) -> tuple[str, ...]:
    """The grants to the principal itself (its role, its session, the service) for this operation on this key."""
    return tuple(
        f"{grant.id} of {resource}"
        for grant, grantees in _applying(action, resource, context)
        if grantees.naming(principal) >= Naming.ROLE
    )


def given_to_account(principal: Principal, action: str, resource: str, context: Context) -> tuple[Document, ...]:
    """The grants to the principal's account, as resource policies: the account has to pass the permission on."""
    return tuple(
        Document(f"grant {grant.id} of {resource}", Kind.RESOURCE, (_statement(action, grantees),))
        for grant, grantees in _applying(action, resource, context)
        if grantees.naming(principal) is Naming.ACCOUNT
    )


def _statement(action: str, grantees: Principals) -> Statement:
    return Statement(
        label="grant to the account",
        allows=True,
        actions=(action,),
        excludes_actions=False,
        resources=None,
        excludes_resources=False,
        principals=grantees,
        conditions=(),
    )


def _applying(action: str, resource: str, context: Context) -> Iterator[tuple[Any, Principals]]:
    """The grants for this operation on this key whose constraints hold, each with its grantee."""
    prefix, _, operation = action.partition(":")
    at = split(resource)
    if prefix != "kms" or at is None or not at.resource.startswith("key/"):
        return
    key = kms_backends[at.account][at.region].keys.get(at.resource.removeprefix("key/"))
    for grant in list(key.grants.values()) if key else []:
        if operation in grant.operations and _constraints_hold(grant, operation, context):
            yield grant, _grantees(grant.grantee_principal)


def _grantees(kept: str) -> Principals:
    if kept.endswith((".amazonaws.com", f".{URL_SUFFIX}")):
        return Principals(services=frozenset((kept,)))
    return Principals(aws=frozenset((shown_principal(kept),)))


def _constraints_hold(grant: Any, operation: str, context: Context) -> bool:
    if operation == "DescribeKey":  # has no encryption context, and AWS doesn't apply the constraint to it
        return True
    prefix = "kms:EncryptionContext:"
    actual = {key.removeprefix(prefix): values[0] for key, values in context.items() if key.startswith(prefix)}
    constraints = grant.constraints or {}
    equals, subset = constraints.get("EncryptionContextEquals"), constraints.get("EncryptionContextSubset")
    return (equals is None or actual == equals) and (subset is None or subset.items() <= actual.items())
