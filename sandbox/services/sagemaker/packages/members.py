"""What a model package is given when it is created and updated, and what SageMaker refuses of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.kernel.wire.errors import NotInSandboxError, aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.sagemaker.cards.content import package_content_problem
from sandbox.services.sagemaker.packages.specifications import additional_problem, problem, with_digests
from sandbox.services.sagemaker.store.package import PENDING

MAX_METADATA = 50
"""Customer metadata properties of a package, as botocore bounds the map."""

_KEPT = (
    "AdditionalInferenceSpecifications",
    "CustomerMetadataProperties",
    "Domain",
    "DriftCheckBaselines",
    "InferenceSpecification",
    "MetadataProperties",
    "ModelApprovalStatus",
    "ModelCard",
    "ModelLifeCycle",
    "ModelMetrics",
    "ModelPackageDescription",
    "ModelPackageRegistrationType",
    "SamplePayloadUrl",
    "SecurityConfig",
    "SkipModelValidation",
    "SourceUri",
    "Task",
)
_UNSUPPORTED = ("ManagedStorageType", "SourceAlgorithmSpecification", "ValidationSpecification")

_UPDATED_FIELDS = {
    "ModelLifeCycle": "ModelLifeCycle",
    "ModelApprovalStatus": "ModelApprovalStatus",
    "ApprovalDescription": "ApprovalDescription",
    "SourceUri": "sourceUri",
    "CustomerMetadataProperties": "CustomerMetadataProperties",
    "CustomerMetadataPropertiesToRemove": "CustomerMetadataProperties",
    "InferenceSpecification": "InferenceSpecification",
    # Not among the documented names; that an edit of these is named at all is an assumption.
    "AdditionalInferenceSpecificationsToAdd": "AdditionalInferenceSpecifications",
    "ModelCard": "ModelCard",
    "ModelPackageRegistrationType": "ModelPackageRegistrationType",
}
"""Member of UpdateModelPackage -> its name in the event's UpdatedModelPackageFields."""


def created(request: Mapping[str, Any]) -> Json:
    """The members of a new version; PendingManualApproval unless the request says otherwise."""
    for name in _UNSUPPORTED:
        if name in request:
            raise NotInSandboxError(f"CreateModelPackage with {name}")
    if request.get("CertifyForMarketplace"):
        raise aws_error("ValidationException", "A versioned model package can't be certified for the marketplace.")
    if request.get("Tags"):
        raise aws_error("ValidationException", "A model package in a group has the tags of its group.")
    members = {name: request[name] for name in _KEPT if name in request}
    members.setdefault("ModelApprovalStatus", PENDING)
    members["CertifyForMarketplace"] = False
    return _checked(_resolved(members))


def updated(members: Mapping[str, Any], request: Mapping[str, Any]) -> Json:
    """The members after an update: metadata and additional specifications are added to, the rest is replaced.

    Image digests are those of the moment for the specifications of the request alone.
    """
    changed = _resolved({n: value for n, value in request.items() if n not in ("ModelPackageArn", "ClientToken")})
    if not changed:
        raise aws_error("ValidationException", "There is nothing to update.")
    after = dict(members)
    for name in (
        "ApprovalDescription",
        "InferenceSpecification",
        "ModelApprovalStatus",
        "ModelLifeCycle",
        "ModelPackageRegistrationType",
        "SourceUri",
    ):
        if name in changed:
            after[name] = changed[name]
    if "ModelCard" in changed:
        after["ModelCard"] = members.get("ModelCard", {}) | changed["ModelCard"]
    if "AdditionalInferenceSpecificationsToAdd" in changed:
        present = members.get("AdditionalInferenceSpecifications", [])
        after["AdditionalInferenceSpecifications"] = present + changed["AdditionalInferenceSpecificationsToAdd"]
    return _checked(_with_metadata(after, changed))


def _with_metadata(members: Json, changed: Mapping[str, Any]) -> Json:
    metadata = members.get("CustomerMetadataProperties", {}) | changed.get("CustomerMetadataProperties", {})
    for name in changed.get("CustomerMetadataPropertiesToRemove", []):
        metadata.pop(name, None)
    if len(metadata) > MAX_METADATA:
        raise aws_error("ValidationException", f"A model package has at most {MAX_METADATA} metadata properties.")
    rest = {name: value for name, value in members.items() if name != "CustomerMetadataProperties"}
    return rest | ({"CustomerMetadataProperties": metadata} if metadata else {})


def updated_fields(request: Mapping[str, Any]) -> list[str]:
    """The event's UpdatedModelPackageFields: what the request carried, changed or not."""
    return list(dict.fromkeys(_UPDATED_FIELDS[name] for name in request if name in _UPDATED_FIELDS))


def _checked(members: Json) -> Json:
    found = None
    if "InferenceSpecification" in members:
        found = problem(members["InferenceSpecification"])
    found = found or additional_problem(members.get("AdditionalInferenceSpecifications", []))
    content = members.get("ModelCard", {}).get("ModelCardContent")
    found = found or (package_content_problem(content) if content is not None else None)
    if found is not None:
        raise aws_error("ValidationException", found)
    return members


def _resolved(members: Json) -> Json:
    resolved = dict(members)
    if "InferenceSpecification" in members:
        resolved["InferenceSpecification"] = with_digests(members["InferenceSpecification"])
    for name in ("AdditionalInferenceSpecifications", "AdditionalInferenceSpecificationsToAdd"):
        if name in members:
            resolved[name] = [with_digests(each) for each in members[name]]
    return resolved
