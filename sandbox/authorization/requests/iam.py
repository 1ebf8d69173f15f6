"""IAM and STS.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html and
…/list_awssecuritytokenservice.html
"""

from __future__ import annotations

from sandbox.authorization import stored
from sandbox.authorization.evaluator.errors import NotMapped
from sandbox.authorization.requests.mapping import (
    Access,
    Call,
    Context,
    Row,
    needs,
    parameter,
    present,
    table,
)


def _role(call: Call) -> str:
    """The ARN of a role given by its name: its path is in the ARN, so the store has to be asked."""
    name = str(call.get("RoleName"))
    role = stored.role_named(call.account, name)
    return role.arn if role else f"arn:aws:iam::{call.account}:role/{name}"


def _new_role(call: Call) -> str:
    return f"arn:aws:iam::{call.account}:role{call.get('Path') or '/'}{call.get('RoleName')}"


def _new_policy(call: Call) -> str:
    return f"arn:aws:iam::{call.account}:policy{call.get('Path') or '/'}{call.get('PolicyName')}"


def _attached_boundary(call: Call) -> Context:
    """The boundary that the role has now."""
    role = stored.role_named(call.account, str(call.get("RoleName")))
    return present(iam__PermissionsBoundary=role.boundary_arn if role else None)


def _requested_boundary(call: Call) -> Context:
    """The boundary that the request asks for."""
    return present(iam__PermissionsBoundary=call.get("PermissionsBoundary"))


def _policy_on_role(call: Call) -> Context:
    return _attached_boundary(call) | present(iam__PolicyARN=call.get("PolicyArn"))


_POLICY = parameter("PolicyArn")

IAM: dict[str, Row] = table(
    "iam",
    dict.fromkeys(
        (
            "CreatePolicyVersion",
            "DeletePolicy",
            "DeletePolicyVersion",
            "GetPolicy",
            "GetPolicyVersion",
            "ListEntitiesForPolicy",
            "ListPolicyVersions",
            "SetDefaultPolicyVersion",
        ),
        _POLICY,
    )
    | dict.fromkeys(
        ("GetRolePolicy", "ListAttachedRolePolicies", "ListRolePolicies", "ListRoleTags"),
        _role,
    )
    | {"SimulateCustomPolicy": None, "SimulatePrincipalPolicy": parameter("PolicySourceArn")}
    | {"CreatePolicy": _new_policy, "ListPolicies": None, "ListRoles": None},
    AttachRolePolicy=needs("iam:AttachRolePolicy", _role, context=_policy_on_role),
    CreateRole=needs("iam:CreateRole", _new_role, context=_requested_boundary),
    DetachRolePolicy=needs("iam:DetachRolePolicy", _role, context=_policy_on_role),
    PutRolePermissionsBoundary=needs("iam:PutRolePermissionsBoundary", _role, context=_requested_boundary),
    **{
        name: needs(f"iam:{name}", _role, context=_attached_boundary)
        for name in (
            "DeleteRole",
            "DeleteRolePermissionsBoundary",
            "DeleteRolePolicy",
            "GetRole",
            "PutRolePolicy",
            "UpdateAssumeRolePolicy",
        )
    },
)


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


STS: dict[str, Row] = {
    "AssumeRole": _assume_role,
    # "No permissions are required to perform this operation", and a deny on it has no effect.
    "GetCallerIdentity": lambda _: [],
}
