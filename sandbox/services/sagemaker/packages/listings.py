"""The lists of model package groups and of a group's versions, in pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.kernel.wire.errors import NotInSandboxError
from sandbox.kernel.wire.protocol import Json
from sandbox.services.sagemaker.packages.groups import KIND, summary
from sandbox.services.sagemaker.packages.packages import identity
from sandbox.services.sagemaker.pages import created_within, paged
from sandbox.services.sagemaker.store.backend import SageMakerBackend, owner_of
from sandbox.services.sagemaker.store.package import ModelPackage

_SUMMARIZED = ("ModelApprovalStatus", "ModelLifeCycle", "ModelPackageDescription", "ModelPackageRegistrationType")


def list_model_package_groups(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """ListModelPackageGroups: the caller's own, oldest first unless told.

    Those "made discoverable to you from other accounts" (CrossAccount) come from RAM, which this sandbox doesn't
    have for groups.
    """
    if request.get("CrossAccountFilterOption") == "CrossAccount":
        raise NotInSandboxError("ListModelPackageGroups with CrossAccountFilterOption CrossAccount")
    contains = request.get("NameContains", "")
    groups = [group for group in created_within(backend.groups.values(), request) if contains in group.name]
    if request.get("SortBy") == "Name":
        groups.sort(key=lambda group: group.name, reverse=_descending(request))
    else:
        groups.sort(key=lambda group: group.created_at, reverse=_descending(request))
    shown, token = paged(groups, request)
    return {"ModelPackageGroupSummaryList": [summary(group) for group in shown], "NextToken": token}


def list_model_packages(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """ListModelPackages: the versions of a group, also of another account's by ARN, oldest first unless told.

    Without a group, SageMaker lists unversioned packages by default, of which there are none here.
    """
    packages = _of_group(backend, request) if "ModelPackageGroupName" in request else _all(backend, request)
    status, contains = request.get("ModelApprovalStatus"), request.get("NameContains", "")
    found = [
        package
        for package in created_within(packages, request)
        if (status is None or package.approval == status) and contains in package.group
    ]
    # Versions of one group have one name, so both orders are by number within it.
    by_name = request.get("SortBy") == "Name"
    found.sort(
        key=lambda each: (each.group if by_name else each.created_at, each.version), reverse=_descending(request)
    )
    shown, token = paged(found, request)
    return {"ModelPackageSummaryList": [_package_summary(package) for package in shown], "NextToken": token}


def _of_group(backend: SageMakerBackend, request: Mapping[str, Any]) -> list[ModelPackage]:
    owner, name = owner_of(backend, request["ModelPackageGroupName"], KIND)
    group = owner.group(name)
    return [] if request.get("ModelPackageType") == "Unversioned" else list(group.packages.values())


def _all(backend: SageMakerBackend, request: Mapping[str, Any]) -> list[ModelPackage]:
    if request.get("ModelPackageType", "Unversioned") == "Unversioned":
        return []
    return [package for group in backend.groups.values() for package in group.packages.values()]


def _package_summary(package: ModelPackage) -> Json:
    return identity(package) | {name: package.members[name] for name in _SUMMARIZED if name in package.members}


def _descending(request: Mapping[str, Any]) -> bool:
    return bool(request.get("SortOrder", "Ascending") == "Descending")
