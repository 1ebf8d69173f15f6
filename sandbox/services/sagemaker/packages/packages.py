"""The operations on the versions of a model package group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.kernel.identity import caller
from sandbox.kernel.wire.errors import NotInSandboxError, aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.sagemaker.cards.content import metadata_only
from sandbox.services.sagemaker.packages import events as package_events
from sandbox.services.sagemaker.packages import members as package_members
from sandbox.services.sagemaker.recording import recorded, user_context, utc
from sandbox.services.sagemaker.store.backend import SageMakerBackend, owner_of
from sandbox.services.sagemaker.store.package import ModelPackage

KIND = "model-package"
_STATUS = {"ModelPackageStatus": "Completed", "ModelPackageStatusDetails": {"ValidationStatuses": []}}
"""Nothing is validated or scanned, so a version is complete at once."""


def create_model_package(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """CreateModelPackage: the next version in a group, also in one of another account, given by its ARN.

    A ClientToken that was used for the same request gets the first one's answer, for another one ConflictException;
    how long SageMaker remembers it isn't documented, here it is for good. Unversioned packages are not supported.
    """
    with recorded(backend, "CreateModelPackage", request) as record:
        owner, name = _group_of(backend, request)
        token = _token(backend, request)
        repeated = owner.package_tokens.get(token) if token else None
        if repeated is not None:
            if repeated[0] != request:
                raise aws_error("ConflictException", "The ClientToken was used for another request.")
            record.response = {"ModelPackageArn": repeated[1]}
            return record.response
        group = owner.group(name)
        package = ModelPackage(
            arn=group.next_arn(),
            group=group.name,
            version=group.last_version + 1,
            created_at=clock.now(),
            created_by=user_context(backend.account_id),
            members=package_members.created(request),
        )
        group.add(package)
        if token:
            owner.package_tokens[token] = (dict(request), package.arn)
        package_events.emit_state_change(package)
        record.response = {"ModelPackageArn": package.arn}
    return record.response


def _token(backend: SageMakerBackend, request: Mapping[str, Any]) -> str | None:
    """The client token within its sender's account; every boto3 client sends one."""
    principal = caller.get()
    sender = principal.account if principal else backend.account_id
    return f"{sender}/{request['ClientToken']}" if "ClientToken" in request else None


def _group_of(backend: SageMakerBackend, request: Mapping[str, Any]) -> tuple[SageMakerBackend, str]:
    if "ModelPackageName" in request and "ModelPackageGroupName" in request:
        both = "Both ModelPackageName and ModelPackageGroupName are provided in the input."
        raise aws_error("ValidationException", f"{both} Cannot determine which one to use.")
    if "ModelPackageName" in request:
        raise NotInSandboxError("an unversioned model package (CreateModelPackage with ModelPackageName)")
    if "ModelPackageGroupName" not in request:
        raise aws_error("ValidationException", "Missing ARN.")
    return owner_of(backend, request["ModelPackageGroupName"], "model-package-group")


def update_model_package(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """UpdateModelPackage, by ARN, also of another account: any approval status may follow any other."""
    with recorded(backend, "UpdateModelPackage", request) as record:
        package = _package(backend, request["ModelPackageArn"])
        package.members = package_members.updated(package.members, request)
        package.modified_at = round(clock.now(), 3)  # as the wire has it
        package.modified_by = user_context(backend.account_id)
        package_events.emit_state_change(package, package_members.updated_fields(request))
        record.response = {"ModelPackageArn": package.arn}
    return record.response


def delete_model_package(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """DeleteModelPackage: gone at once, whatever its status; its number is not given again.

    No state change is emitted: AWS documents none for a deletion. CloudTrail's event is how it becomes known.
    """
    with recorded(backend, "DeleteModelPackage", request) as record:
        owner, named = owner_of(backend, request["ModelPackageName"], KIND)
        package = owner.package(named)
        del owner.group(package.group).packages[package.version]
    return record.response


def describe_model_package(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """DescribeModelPackage, by ARN or, in the own account, by `group/version`.

    `LastModifiedTime` and `LastModifiedBy` appear with the first update.
    """
    package = _package(backend, request["ModelPackageName"])
    members = dict(package.members)
    card = members.get("ModelCard", {})
    if request.get("IncludedData") == "MetadataOnly" and "ModelCardContent" in card:
        members["ModelCard"] = card | {"ModelCardContent": metadata_only(card["ModelCardContent"])}
    return (
        identity(package)
        | members
        | {
            "ModelPackageStatusDetails": _STATUS["ModelPackageStatusDetails"],
            "CreatedBy": package.created_by,
            "LastModifiedTime": utc(package.modified_at) if package.modified_at is not None else None,
            "LastModifiedBy": package.modified_by,
        }
    )


def identity(package: ModelPackage) -> Json:
    """What every answer about a version has."""
    return {
        "ModelPackageName": package.group,
        "ModelPackageGroupName": package.group,
        "ModelPackageVersion": package.version,
        "ModelPackageArn": package.arn,
        "CreationTime": utc(package.created_at),
        "ModelPackageStatus": _STATUS["ModelPackageStatus"],
    }


def _package(backend: SageMakerBackend, named: str) -> ModelPackage:
    owner, rest = owner_of(backend, named, KIND)
    return owner.package(rest)
