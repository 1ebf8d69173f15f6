"""What the operations of IAM need.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
"""

from __future__ import annotations

from sandbox.authorization.accesses import (
    REQUEST_TAG_KEYS,
    Access,
    Call,
    Context,
    needs,
    parameter,
    present,
    request_tags,
    table,
)
from sandbox.authorization.registry import QUERY_ERRORS, Api, Registry, Resources
from sandbox.kernel.place import PARTITION
from sandbox.services.iam import identities


def _role(call: Call) -> str:
    """The ARN of a role given by its name: its path is in the ARN, so the store has to be asked."""
    name = str(call.get("RoleName"))
    role = identities.role_named(call.account, name)
    return role.arn if role else f"arn:{PARTITION}:iam::{call.account}:role/{name}"


def _new_role(call: Call) -> str:
    return f"arn:{PARTITION}:iam::{call.account}:role{call.get('Path') or '/'}{call.get('RoleName')}"


def _new_policy(call: Call) -> str:
    return f"arn:{PARTITION}:iam::{call.account}:policy{call.get('Path') or '/'}{call.get('PolicyName')}"


def _attached_boundary(call: Call) -> Context:
    """The boundary that the role has now."""
    role = identities.role_named(call.account, str(call.get("RoleName")))
    return present(iam__PermissionsBoundary=role.boundary_arn if role else None)


def _requested_boundary(call: Call) -> Context:
    """The boundary that the request asks for."""
    return present(iam__PermissionsBoundary=call.get("PermissionsBoundary"))


def _policy_on_role(call: Call) -> Context:
    return _attached_boundary(call) | present(iam__PolicyARN=call.get("PolicyArn"))


def _create_role(call: Call) -> list[Access]:
    """CreateRole, and TagRole where the request carries tags ("CreateRole", API reference of IAM)."""
    tags = request_tags({tag["Key"]: tag["Value"] for tag in call.get("Tags") or ()})
    created = Access("iam:CreateRole", _new_role(call), _requested_boundary(call) | tags)
    return [created, Access("iam:TagRole", _new_role(call), tags)] if tags else [created]


_POLICY = parameter("PolicyArn")

ROWS = table(
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
    CreateRole=_create_role,
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


def register(registry: Registry) -> None:
    """Add this service's entries, and let it say which roles and users there are."""
    keys = frozenset(("iam:PassedToService", "iam:PermissionsBoundary", "iam:PolicyARN", *REQUEST_TAG_KEYS))
    registry.add(Api(service="iam", rows=ROWS, errors=QUERY_ERRORS), Resources(prefix="iam", condition_keys=keys))
    registry.identities = identities
