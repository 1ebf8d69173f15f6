"""Versions of model packages, as SageMaker has them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from stagegate.approvals.principals import Actor
from stagegate.aws.errors import is_gone, translated
from stagegate.core.addresses import S3Uri, s3_uri
from stagegate.core.arns import Subject
from stagegate.core.errors import UnknownStatusError
from stagegate.core.statuses import PackageStatus, RiskRating
from stagegate.links.content import card_in
from stagegate.subjects.packages.contents.mentions import NONE, mentions_in
from stagegate.subjects.packages.model import Container, Package, content_hash

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

PERMISSIONS = frozenset({"sagemaker:DescribeModelPackage"})
GROUP_PERMISSIONS = frozenset({"sagemaker:DescribeModelPackageGroup"})

# The stubs call every member of the answer required, and SageMaker leaves out what a package doesn't have.
Described = Mapping[str, Any]


def observe(sagemaker: "SageMakerClient", subject: Subject, *, sealed: bool = False) -> Package | None:
    """Return the package as it is now, or None once it is deleted or being deleted.

    `sealed` leaves out what its own card says: of a package that is encrypted with a customer key, only that takes the
    key (`IncludedData` of the API reference). What the package is made of, and its risk, are there all the same.
    Raises UnknownStatusError for an approval status that botocore's enumeration doesn't have.
    """
    with translated(f"read {subject.arn}"):
        try:
            described = (
                sagemaker.describe_model_package(ModelPackageName=subject.arn, IncludedData="MetadataOnly")
                if sealed
                else sagemaker.describe_model_package(ModelPackageName=subject.arn)
            )
        except ClientError as error:
            if is_gone(error):
                return None
            raise
    return None if described["ModelPackageStatus"] == "Deleting" else _package(subject, described)


def with_group(sagemaker: "SageMakerClient", package: Package) -> Package:
    """Return a package with the ARN of its group, as SageMaker answers: it is never made of the name. Raises
    RefusedError.
    """
    with translated(f"read the group of {package.arn}"):
        try:
            found = sagemaker.describe_model_package_group(ModelPackageGroupName=package.group)
        except ClientError as error:
            if is_gone(error):
                return package
            raise
    return replace(package, group_arn=found["ModelPackageGroupArn"])


def _package(subject: Subject, described: Described) -> Package:
    group, _, version = subject.name.partition("/")
    containers = _containers(described)
    content = _card_content(described)
    card = card_in(content)
    uses = content.get("intended_uses")
    uses = uses if isinstance(uses, dict) else {}
    created = described["CreationTime"].astimezone(UTC)
    lifecycle = described.get("ModelLifeCycle")
    last = described.get("LastModifiedBy" if "LastModifiedTime" in described else "CreatedBy", {})
    return Package(
        arn=described.get("ModelPackageArn", subject.arn),
        group=described.get("ModelPackageGroupName", group),
        version=int(version),
        account=subject.account,
        status=_status(described.get("ModelApprovalStatus", PackageStatus.PENDING), subject),
        has_status="ModelApprovalStatus" in described,
        is_complete=described["ModelPackageStatus"] == "Completed",
        containers=containers,
        content_hash=content_hash(containers),
        risk=_risk(uses.get("risk_rating")),
        created=created,
        last_modified=described.get("LastModifiedTime", created).astimezone(UTC),
        # A package's own card has no model_description (`ModelPackageModelCard`, botocore's SageMaker model).
        overview=str(uses.get("purpose_of_model") or described.get("ModelPackageDescription") or ""),
        lifecycle_stage=lifecycle["Stage"] if lifecycle else None,
        lifecycle_status=lifecycle["StageStatus"] if lifecycle else None,
        kms_key=described.get("SecurityConfig", {}).get("KmsKeyId"),
        creator=_actor(described.get("CreatedBy", {})),
        last_actor=_actor(last),
        card=card,
        last_principal_id=last.get("IamIdentity", {}).get("PrincipalId"),
    )


def _containers(described: Described) -> tuple[Container, ...]:
    """Return everything that the package is made of. An algorithm, and where it came from, count as containers of their
    own: without an image, but with data or at least a mention of some.
    """
    specifications: list[Mapping[str, Any]] = [
        *([described["InferenceSpecification"]] if described.get("InferenceSpecification") else []),
        *described.get("AdditionalInferenceSpecifications", []),
    ]
    beside = [{name: value for name, value in each.items() if name != "Containers"} for each in specifications]
    source = mentions_in([*beside, described.get("SourceUri", "")])
    return (
        *(_container(found) for each in specifications for found in each["Containers"]),
        *(_algorithm(found) for found in described.get("SourceAlgorithmSpecification", {}).get("SourceAlgorithms", [])),
        *([Container(mentions=source)] if source != NONE else []),
    )


def _algorithm(found: Mapping[str, Any]) -> Container:
    """Return the data of an algorithm. What image it has, only SageMaker knows."""
    container = _container({name: value for name, value in found.items() if name != "AlgorithmName"})
    unpinned = (*container.mentions.unpinned, f"the algorithm {found['AlgorithmName']}")
    return replace(container, mentions=replace(container.mentions, unpinned=unpinned))


def _container(found: Mapping[str, Any]) -> Container:
    """Return a container with every address of data that SageMaker reads for it."""
    sources = [
        found.get("ModelDataSource", {}).get("S3DataSource"),
        found.get("AdditionalS3DataSource"),
        *(more["S3DataSource"] for more in found.get("AdditionalModelDataSources", [])),
    ]
    addresses = [(found["ModelDataUrl"], False)] if found.get("ModelDataUrl") else []
    for source in filter(None, sources):
        addresses.append((source["S3Uri"], source["S3DataType"] == "S3Prefix"))
        if manifest := source.get("ManifestS3Uri"):
            addresses.append((manifest, False))
    read = [(text, s3_uri(text, is_prefix=is_prefix)) for text, is_prefix in addresses]
    mentions = mentions_in(found, besides=(found.get("Image", ""), *(text for text, _ in addresses)))
    if (base := found.get("BaseModel", {}).get("HubContentName")) and not addresses:
        mentions = replace(mentions, unpinned=(*mentions.unpinned, f"the base model {base}"))
    return Container(
        image_uri=found.get("Image", ""),
        image_digest=found.get("ImageDigest", ""),
        data_uris=_each_once(uri for _, uri in read if uri),
        unreadable=tuple(sorted({text for text, uri in read if uri is None})),
        environment=tuple(sorted(found.get("Environment", {}).items())),
        mentions=mentions,
    )


def _each_once(uris: Iterable[S3Uri]) -> tuple[S3Uri, ...]:
    return tuple(sorted(set(uris), key=lambda uri: (str(uri), uri.is_prefix)))


def _card_content(described: Described) -> dict[str, Any]:
    """Return the content of the package's own card, {} where it has none that can be read."""
    try:
        text = described.get("ModelCard", {}).get("ModelCardContent") or "{}"
        content = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _status(found: str | None, subject: Subject) -> PackageStatus:
    try:
        return PackageStatus(found or "")
    except ValueError:
        allowed = ", ".join(PackageStatus)
        raise UnknownStatusError(f"{subject.arn}: found approval status {found!r}; allowed: {allowed}") from None


def _risk(found: object) -> RiskRating:
    """Return the rating, in whatever case it was written (AWS's prose has lower case, its schema title case)."""
    try:
        return RiskRating(str(found).title())
    except ValueError:
        return RiskRating.UNKNOWN


def _actor(by: Mapping[str, Any]) -> Actor | None:
    """Return who did something to a package, where SageMaker says so.

    "The IAM Identity details ... are stored for model package groups, model packages, and project entities only"
    (`IamIdentity`, botocore's SageMaker model).
    """
    identity = by.get("IamIdentity", {})
    arn = by.get("UserProfileArn") or identity.get("Arn")
    return Actor(arn=arn, source_identity=identity.get("SourceIdentity")) if arn else None
