"""Organizations' operations."""

from __future__ import annotations

from typing import ClassVar

from moto.organizations.models import organizations_backends

from sandbox.kernel.wire.protocol import ServiceResponse
from sandbox.services.organizations import accounts, delegation, policies, tags, units
from sandbox.services.organizations.recorded import recorded


class OrganizationsResponse(ServiceResponse):
    """Service control policies, the delegation policy, and the accounts they apply to."""

    service = "organizations"
    backends = organizations_backends
    operations: ClassVar = {
        "DescribeOrganization": accounts.describe_organization,
        "DescribeAccount": accounts.describe_account,
        "RemoveAccountFromOrganization": recorded("RemoveAccountFromOrganization", accounts.remove_account),
        "LeaveOrganization": recorded("LeaveOrganization", accounts.leave_organization),
        "CloseAccount": recorded("CloseAccount", accounts.close_account),
        "ListAccounts": accounts.list_accounts,
        "ListRoots": accounts.list_roots,
        "ListParents": accounts.list_parents,
        "CreateOrganizationalUnit": units.create_organizational_unit,
        "MoveAccount": recorded("MoveAccount", units.move_account),
        "ListAccountsForParent": units.list_accounts_for_parent,
        "ListOrganizationalUnitsForParent": units.list_organizational_units_for_parent,
        "CreatePolicy": policies.create_policy,
        "UpdatePolicy": policies.update_policy,
        "DescribePolicy": policies.describe_policy,
        "DeletePolicy": policies.delete_policy,
        "AttachPolicy": policies.attach_policy,
        "DetachPolicy": policies.detach_policy,
        "ListPolicies": policies.list_policies,
        "ListPoliciesForTarget": policies.list_policies_for_target,
        "ListTargetsForPolicy": policies.list_targets_for_policy,
        "PutResourcePolicy": delegation.put_resource_policy,
        "DescribeResourcePolicy": delegation.describe_resource_policy,
        "DeleteResourcePolicy": delegation.delete_resource_policy,
        "TagResource": tags.tag_resource,
        "UntagResource": tags.untag_resource,
        "ListTagsForResource": tags.list_tags_for_resource,
    }
    invalid_request = "InvalidInputException"
    regional = False
