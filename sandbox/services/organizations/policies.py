"""Service control policies: making, changing, attaching, listing."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from sandbox.kernel.wire.errors import NotInSandboxError, aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.organizations.documents import require_scp
from sandbox.services.organizations.models import OrganizationsBackend
from sandbox.services.organizations.organization import Organization, Policy
from sandbox.services.organizations.pages import paged
from sandbox.services.organizations.targets import describe_target, require_target

SCP = "SERVICE_CONTROL_POLICY"

MAX_ATTACHED = 5
"""SCPs on one root, OU or account, FullAWSAccess included.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
"""


def create_policy(backend: OrganizationsBackend, request: Mapping[str, Any]) -> Json:
    """CreatePolicy, of an SCP with a name of its own."""
    organization = backend.organization()
    _require_scp_type(request["Type"], "CreatePolicy")
    require_scp(request["Content"])
    _require_free_name(organization, request["Name"])
    policy_id = "p-" + secrets.token_hex(5)
    policy = Policy(
        id=policy_id,
        arn=organization.arn("policy", f"service_control_policy/{policy_id}"),
        name=request["Name"],
        description=request["Description"],
        content=request["Content"],
        tags={tag["Key"]: tag["Value"] for tag in request.get("Tags", [])},
    )
    organization.policies[policy_id] = policy
    return {"Policy": _describe(policy)}


def update_policy(backend: OrganizationsBackend, request: Mapping[str, Any]) -> Json:
    """UpdatePolicy: what is given changes, the rest stays; at once for every target it is attached to."""
    organization = backend.organization()
    policy = _editable(organization, request["PolicyId"])
    if "Content" in request:
        require_scp(request["Content"])
    if request.get("Name", policy.name) != policy.name:
        _require_free_name(organization, request["Name"])
    policy.name = request.get("Name", policy.name)
    policy.description = request.get("Description", policy.description)
    policy.content = request.get("Content", policy.content)
    return {"Policy": _describe(policy)}


def describe_policy(backend: OrganizationsBackend, request: Mapping[str, Any]) -> Json:
    """DescribePolicy, with its content."""
    return {"Policy": _describe(_policy(backend.organization(), request["PolicyId"]))}


def delete_policy(backend: OrganizationsBackend, request: Mapping[str, Any]) -> Json:
    """DeletePolicy, once it is attached to nothing."""
    organization = backend.organization()
    policy = _editable(organization, request["PolicyId"])
    if organization.targets_of(policy.id):
        raise aws_error("PolicyInUseException", f"The policy {policy.id} is attached to one or more entities.")
    del organization.policies[policy.id]
    return {}


def attach_policy(backend: OrganizationsBackend, request: Mapping[str, Any]) -> Json:
    """AttachPolicy, to the root or an account."""
    organization = backend.organization()
    policy = _policy(organization, request["PolicyId"])
    attached = organization.attached[require_target(organization, request["TargetId"])]
    if policy.id in attached:
        message = f"The policy {policy.id} is already attached to {request['TargetId']}."
        raise aws_error("DuplicatePolicyAttachmentException", message)
    if len(attached) >= MAX_ATTACHED:
        message = f"{request['TargetId']} already has {MAX_ATTACHED} service control policies."
        reason = "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"
        raise aws_error("ConstraintViolationException", message, Reason=reason)
    attached.append(policy.id)
    return {}


def detach_policy(backend: OrganizationsBackend, request: Mapping[str, Any]) -> Json:
    """DetachPolicy; the last one of a target can't be detached, because nothing would be allowed there any more."""
    organization = backend.organization()
    policy = _policy(organization, request["PolicyId"])
    attached = organization.attached[require_target(organization, request["TargetId"])]
    if policy.id not in attached:
        message = f"The policy {policy.id} is not attached to {request['TargetId']}."
        raise aws_error("PolicyNotAttachedException", message)
    if len(attached) == 1:
        message = f"{policy.id} is the last service control policy of {request['TargetId']}."
        reason = "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"
        raise aws_error("ConstraintViolationException", message, Reason=reason)
    attached.remove(policy.id)
    return {}


def list_policies(backend: OrganizationsBackend, request: Mapping[str, Any]) -> Json:
    """ListPolicies, of the organization."""
    _require_scp_type(request["Filter"], "ListPolicies")
    return paged("Policies", [_summary(each) for each in backend.organization().policies.values()], request)


def list_policies_for_target(backend: OrganizationsBackend, request: Mapping[str, Any]) -> Json:
    """ListPoliciesForTarget: attached to the target itself."""
    organization = backend.organization()
    _require_scp_type(request["Filter"], "ListPoliciesForTarget")
    target = require_target(organization, request["TargetId"])
    return paged("Policies", [_summary(each) for each in organization.policies_of(target)], request)


def list_targets_for_policy(backend: OrganizationsBackend, request: Mapping[str, Any]) -> Json:
    """ListTargetsForPolicy."""
    organization = backend.organization()
    targets = organization.targets_of(_policy(organization, request["PolicyId"]).id)
    return paged("Targets", [describe_target(organization, target) for target in targets], request)


def _policy(organization: Organization, policy_id: str) -> Policy:
    policy = organization.policies.get(policy_id)
    if policy is None:
        raise aws_error("PolicyNotFoundException", f"We can't find a policy with the PolicyId {policy_id}.")
    return policy


def _editable(organization: Organization, policy_id: str) -> Policy:
    policy = _policy(organization, policy_id)
    if policy.aws_managed:
        message = f"The policy {policy_id} is managed by AWS and can't be modified."
        raise aws_error("InvalidInputException", message, Reason="IMMUTABLE_POLICY")
    return policy


def _require_free_name(organization: Organization, name: str) -> None:
    if any(policy.name == name for policy in organization.policies.values()):
        raise aws_error("DuplicatePolicyException", f"A policy with the name {name} already exists.")


def _require_scp_type(policy_type: str, operation: str) -> None:
    if policy_type != SCP:
        raise NotInSandboxError(f"the policy type {policy_type} of organizations:{operation}")


def _summary(policy: Policy) -> Json:
    return {
        "Id": policy.id,
        "Arn": policy.arn,
        "Name": policy.name,
        "Description": policy.description,
        "Type": SCP,
        "AwsManaged": policy.aws_managed,
    }


def _describe(policy: Policy) -> Json:
    return {"PolicySummary": _summary(policy), "Content": policy.content}
