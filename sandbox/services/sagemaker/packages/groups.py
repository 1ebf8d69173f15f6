"""The operations on model package groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.kernel.place import PARTITION
from sandbox.kernel.spelling import spellings
from sandbox.kernel.wire.errors import NotInSandboxError, aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.sagemaker.recording import recorded, user_context, utc
from sandbox.services.sagemaker.store.backend import SageMakerBackend, owner_of
from sandbox.services.sagemaker.store.package import ModelPackageGroup

KIND = "model-package-group"


def create_model_package_group(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """CreateModelPackageGroup: an empty group of the caller's account, ValidationException if the name is taken."""
    with recorded(backend, "CreateModelPackageGroup", request) as record:
        if "ManagedConfiguration" in request:
            raise NotInSandboxError("CreateModelPackageGroup with ManagedConfiguration")
        name = request["ModelPackageGroupName"]
        arn = f"arn:{PARTITION}:sagemaker:{backend.region_name}:{backend.account_id}:{KIND}/{spellings.of_group(name)}"
        if backend.find_group(name) is not None:
            raise aws_error("ValidationException", f"Model Package Group already exists: {arn}")
        backend.groups[name] = ModelPackageGroup(
            arn=arn,
            name=name,
            account=backend.account_id,
            region=backend.region_name,
            description=request.get("ModelPackageGroupDescription"),
            tags={tag["Key"]: tag["Value"] for tag in request.get("Tags", [])},
            created_at=clock.now(),
            created_by=user_context(backend.account_id),
        )
        record.response = {"ModelPackageGroupArn": arn}
    return record.response


def describe_model_package_group(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """DescribeModelPackageGroup, by name, or by ARN also of another account."""
    owner, name = owner_of(backend, request["ModelPackageGroupName"], KIND)
    group = owner.group(name)
    return summary(group) | {"CreatedBy": group.created_by}


def delete_model_package_group(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """DeleteModelPackageGroup: ConflictException while it has versions.

    https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-delete-model-group.html: "Before you can delete a
    Model Group, you must first delete its model versions". Its policy goes with it.
    """
    with recorded(backend, "DeleteModelPackageGroup", request) as record:
        owner, name = owner_of(backend, request["ModelPackageGroupName"], KIND)
        group = owner.group(name)
        if group.packages:
            raise aws_error("ConflictException", f"{group.arn} can't be deleted while it has model packages.")
        del owner.groups[group.name]
    return record.response


def summary(group: ModelPackageGroup) -> Json:
    """What the list and the description of a group have in common."""
    members = {
        "ModelPackageGroupName": group.name,
        "ModelPackageGroupArn": group.arn,
        "ModelPackageGroupDescription": group.description,
        "CreationTime": utc(group.created_at),
        "ModelPackageGroupStatus": "Completed",
    }
    return {name: value for name, value in members.items() if value is not None}
