"""What the operations of Organizations need, and the policy by which members may call it.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html

All but DescribeOrganization are calls on the management account: a member needs its delegation policy as well.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sandbox.authorization.accesses import (
    REQUEST_TAG_KEYS,
    Access,
    Call,
    Context,
    Row,
    anything,
    needs,
    present,
    request_tags,
    resource_tags,
)
from sandbox.authorization.registry import Api, Attached, Registry, Resources
from sandbox.kernel.place import PARTITION
from sandbox.services.organizations import organization

_SCP = "service_control_policy"
"""The only family of policies that this sandbox has."""


class _Home(NamedTuple):
    """The organization that a call is about."""

    id: str
    management_account: str


def _home(call: Call) -> _Home:
    identifier, management = organization.organization_id_of(call.account), organization.management_account()
    if identifier is None or management is None:
        # Outside an organization the call reaches the service, which answers AWSOrganizationsNotInUseException.
        return _Home("o-none", call.account)
    return _Home(identifier, management)


def _arn(call: Call, kind: str, rest: str) -> str:
    home = _home(call)
    return f"arn:{PARTITION}:organizations::{home.management_account}:{kind}/{home.id}/{rest}"


def _identified(parameter: str) -> Callable[[Call], str]:
    """A policy, the resource policy, an organizational unit, the root or an account, told apart by its id."""

    def resource(call: Call) -> str:
        identifier = str(call.get(parameter))
        if identifier == "p-FullAWSAccess":
            return f"arn:{PARTITION}:organizations::aws:policy/{_SCP}/{identifier}"
        for prefix, kind, family in (
            ("p-", "policy", f"{_SCP}/"),
            ("rp-", "resourcepolicy", ""),
            ("ou-", "ou", ""),
            ("r-", "root", ""),
        ):
            if identifier.startswith(prefix):
                return _arn(call, kind, family + identifier)
        return _arn(call, "account", identifier)

    return resource


_POLICY = _identified("PolicyId")


def _resource_policy(call: Call) -> str:
    return _arn(call, "resourcepolicy", "*")  # its id is not in the request


def _kind(call: Call) -> Context:
    """organizations:PolicyType, from the request or from what is known of the policy: this sandbox has SCPs only."""
    named = call.get("Type") or call.get("Filter") or call.get("PolicyType")
    return present(organizations__PolicyType=named or ("SERVICE_CONTROL_POLICY" if call.get("PolicyId") else None))


def _tags(call: Call) -> Context:
    keys = present(aws__TagKeys=call.get("TagKeys"))
    return request_tags({tag["Key"]: tag["Value"] for tag in call.get("Tags") or []}) | keys


def _tags_of(resource: str) -> Context:
    return resource_tags(organization.resource_tags(resource.rpartition("/")[2]))


def _on(*resources: Callable[[Call], str], action: str = "") -> Row:
    def row(call: Call) -> list[Access]:
        owner, context = _home(call).management_account, _kind(call) | _tags(call)
        name = f"organizations:{action or call.operation}"
        named = [resource(call) for resource in resources]
        return [Access(name, resource, context | _tags_of(resource), owner) for resource in named]

    return row


def _create_policy(call: Call) -> list[Access]:
    """With tags it needs the permission to tag as well.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_tagging.html
    """
    accesses = _on(anything)(call)
    if call.get("Tags"):
        accesses += _on(lambda call: _arn(call, "policy", f"{_SCP}/*"), action="TagResource")(call)
    return accesses


ROWS: dict[str, Row] = {
    "AttachPolicy": _on(_POLICY, _identified("TargetId")),
    "CloseAccount": _on(_identified("AccountId")),
    "CreatePolicy": _create_policy,
    "DeletePolicy": _on(_POLICY),
    "DeleteResourcePolicy": _on(anything),
    "DescribeAccount": _on(_identified("AccountId")),
    "DescribeOrganization": needs("organizations:DescribeOrganization", anything),
    "DescribePolicy": _on(_POLICY),
    "DescribeResourcePolicy": _on(anything),
    "DetachPolicy": _on(_POLICY, _identified("TargetId")),
    "LeaveOrganization": needs("organizations:LeaveOrganization", anything),
    "ListAccounts": _on(anything),
    "CreateOrganizationalUnit": _on(_identified("ParentId")),
    "MoveAccount": _on(_identified("AccountId"), _identified("SourceParentId"), _identified("DestinationParentId")),
    "ListAccountsForParent": _on(_identified("ParentId")),
    "ListOrganizationalUnitsForParent": _on(_identified("ParentId")),
    "ListParents": _on(_identified("ChildId")),
    "ListPolicies": _on(anything),
    "ListPoliciesForTarget": _on(_identified("TargetId")),
    "ListRoots": _on(anything),
    "ListTagsForResource": _on(_identified("ResourceId")),
    "ListTargetsForPolicy": _on(_POLICY),
    "PutResourcePolicy": _on(_resource_policy),
    "RemoveAccountFromOrganization": _on(_identified("AccountId")),
    "TagResource": _on(_identified("ResourceId")),
    "UntagResource": _on(_identified("ResourceId")),
    "UpdatePolicy": _on(_POLICY),
}


def _delegation(_resource: str, owner: str) -> Attached:
    """The resource policy of the organization, on whatever belongs to the management account."""
    at_home = bool(owner) and owner == organization.management_account()
    return Attached(organization.delegation_policy() if at_home else None)


def register(registry: Registry) -> None:
    """Add this service's entries, and let it say who is in the organization and what its SCPs are."""
    keys = frozenset(("organizations:PolicyType", *REQUEST_TAG_KEYS, "aws:ResourceTag/"))
    registry.add(
        Api(service="organizations", rows=ROWS),
        Resources(prefix="organizations", condition_keys=keys, policy=_delegation),
    )
    registry.organizations = organization
