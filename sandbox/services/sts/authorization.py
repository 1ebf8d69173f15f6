"""What the operations of STS need, and the trust policies of roles.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
"""

from __future__ import annotations

from sandbox.authorization.accesses import Access, Call, Row, present
from sandbox.authorization.evaluator.documents import Kind
from sandbox.authorization.evaluator.errors import NotMapped
from sandbox.authorization.registry import QUERY_ERRORS, Api, Attached, Registry, Resources
from sandbox.services.iam import identities
from sandbox.services.sts import sessions


def _assume_role(call: Call) -> list[Access]:
    for unsupported in ("Tags", "PolicyArns", "ProvidedContexts"):
        if call.get(unsupported):
            raise NotMapped(f"sts AssumeRole with {unsupported} is not supported")
    role, source = str(call.get("RoleArn")), present(sts__SourceIdentity=call.get("SourceIdentity"))
    named = present(sts__ExternalId=call.get("ExternalId"), sts__RoleSessionName=call.get("RoleSessionName"))
    accesses = [Access("sts:AssumeRole", role, source | named)]
    if source:
        accesses.append(Access("sts:SetSourceIdentity", role, source))
    return accesses


ROWS: dict[str, Row] = {
    "AssumeRole": _assume_role,
    # "No permissions are required to perform this operation", and a deny on it has no effect.
    "GetCallerIdentity": lambda _: [],
}


def _trust(resource: str, _owner: str) -> Attached:
    """The role's trust policy, which has to allow even in the role's own account."""
    role = identities.role(resource)
    return Attached(role.trust if role else None, Kind.TRUST, must_allow=True)


def register(registry: Registry) -> None:
    """Add this service's entries."""
    keys = frozenset(("sts:ExternalId", "sts:RoleSessionName", "sts:SourceIdentity"))
    registry.add(
        Api(
            service="sts",
            rows=ROWS,
            errors=QUERY_ERRORS,
            check=sessions.check,
            answer=sessions.caller_identity,
            answered=sessions.register,
        ),
        Resources(prefix="sts", condition_keys=keys, policy=_trust),
    )
