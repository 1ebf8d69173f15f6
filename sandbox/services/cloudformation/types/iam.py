"""AWS::IAM::Role, ManagedPolicy and Policy."""

from __future__ import annotations

import json
from typing import Any

from sandbox.services.cloudformation.resource_types import Made, Properties, Slot, register
from sandbox.services.iam.aws_managed import provide


def _role(slot: Slot, properties: Properties) -> Made:
    name = slot.name(properties, "RoleName")
    passed: dict[str, Any] = {
        key: properties[key] for key in ("Path", "PermissionsBoundary", "Tags") if key in properties
    }
    if "Description" in properties:
        passed["Description"] = properties["Description"]
    if "MaxSessionDuration" in properties:
        passed["MaxSessionDuration"] = int(properties["MaxSessionDuration"])
    service = slot.client("iam")
    trust = json.dumps(properties["AssumeRolePolicyDocument"])
    role = service.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **passed)["Role"]
    _attach(slot, name, properties)
    return Made(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})


def _attach(slot: Slot, name: str, properties: Properties) -> None:
    service = slot.client("iam")
    for arn in properties.get("ManagedPolicyArns", ()):
        provide(slot.account, arn)
        service.attach_role_policy(RoleName=name, PolicyArn=arn)
    for policy in properties.get("Policies", ()):
        document = json.dumps(policy["PolicyDocument"])
        service.put_role_policy(RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=document)


def _detach(slot: Slot, name: str, properties: Properties) -> None:
    service = slot.client("iam")
    for arn in properties.get("ManagedPolicyArns", ()):
        service.detach_role_policy(RoleName=name, PolicyArn=arn)
    for policy in properties.get("Policies", ()):
        service.delete_role_policy(RoleName=name, PolicyName=policy["PolicyName"])


def _update_role(slot: Slot, made: Made, old: Properties, new: Properties) -> Made:
    fixed = ("RoleName", "Path")
    if any(old.get(key) != new.get(key) for key in fixed):
        created = _role(slot, new)
        _delete_role(slot, made, old)
        return created
    service = slot.client("iam")
    service.update_assume_role_policy(RoleName=made.ref, PolicyDocument=json.dumps(new["AssumeRolePolicyDocument"]))
    if "PermissionsBoundary" in new:
        service.put_role_permissions_boundary(RoleName=made.ref, PermissionsBoundary=new["PermissionsBoundary"])
    elif "PermissionsBoundary" in old:
        service.delete_role_permissions_boundary(RoleName=made.ref)
    _detach(slot, made.ref, old)
    _attach(slot, made.ref, new)
    return made


def _delete_role(slot: Slot, made: Made, properties: Properties) -> None:
    _detach(slot, made.ref, properties)
    slot.client("iam").delete_role(RoleName=made.ref)


register(
    "AWS::IAM::Role",
    "RoleName Path AssumeRolePolicyDocument Policies ManagedPolicyArns PermissionsBoundary Description "
    "MaxSessionDuration Tags",
    _role,
    _delete_role,
    _update_role,
)


def _managed(slot: Slot, properties: Properties) -> Made:
    passed = {key: properties[key] for key in ("Path", "Description") if key in properties}
    service = slot.client("iam")
    arn = service.create_policy(
        PolicyName=slot.name(properties, "ManagedPolicyName", 128),
        PolicyDocument=json.dumps(properties["PolicyDocument"]),
        **passed,
    )["Policy"]["Arn"]
    for role in properties.get("Roles", ()):
        service.attach_role_policy(RoleName=role, PolicyArn=arn)
    return Made(arn, {"PolicyArn": arn})


def _delete_managed(slot: Slot, made: Made, properties: Properties) -> None:
    service = slot.client("iam")
    for role in properties.get("Roles", ()):
        service.detach_role_policy(RoleName=role, PolicyArn=made.ref)
    for version in service.list_policy_versions(PolicyArn=made.ref)["Versions"]:
        if not version["IsDefaultVersion"]:
            service.delete_policy_version(PolicyArn=made.ref, VersionId=version["VersionId"])
    service.delete_policy(PolicyArn=made.ref)


def _update_managed(slot: Slot, made: Made, old: Properties, new: Properties) -> Made:
    service = slot.client("iam")
    versions = service.list_policy_versions(PolicyArn=made.ref)["Versions"]
    for version in versions:
        if not version["IsDefaultVersion"] and len(versions) >= 5:  # a policy has at most five versions
            service.delete_policy_version(PolicyArn=made.ref, VersionId=version["VersionId"])
            break
    service.create_policy_version(
        PolicyArn=made.ref, PolicyDocument=json.dumps(new["PolicyDocument"]), SetAsDefault=True
    )
    for role in set(old.get("Roles", ())) - set(new.get("Roles", ())):
        service.detach_role_policy(RoleName=role, PolicyArn=made.ref)
    for role in set(new.get("Roles", ())) - set(old.get("Roles", ())):
        service.attach_role_policy(RoleName=role, PolicyArn=made.ref)
    return made


register(
    "AWS::IAM::ManagedPolicy",
    "ManagedPolicyName Path Description PolicyDocument Roles",
    _managed,
    _delete_managed,
    _update_managed,
)


def _inline(slot: Slot, properties: Properties) -> Made:
    document = json.dumps(properties["PolicyDocument"])
    for role in properties["Roles"]:
        slot.client("iam").put_role_policy(RoleName=role, PolicyName=properties["PolicyName"], PolicyDocument=document)
    return Made(f"{slot.stack}-{slot.logical_id}")


def _delete_inline(slot: Slot, _made: Made, properties: Properties) -> None:
    for role in properties["Roles"]:
        slot.client("iam").delete_role_policy(RoleName=role, PolicyName=properties["PolicyName"])


def _update_inline(slot: Slot, made: Made, old: Properties, new: Properties) -> Made:
    _delete_inline(slot, made, old)
    return _inline(slot, new)


register("AWS::IAM::Policy", "PolicyName PolicyDocument Roles", _inline, _delete_inline, _update_inline)
