"""The lists of everything of this account that can be a subject, in pages."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stagegate.aws.errors import translated

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import (
        ListModelCardsRequestTypeDef,
        ListModelPackageGroupsInputTypeDef,
        ListModelPackagesInputTypeDef,
    )

PERMISSIONS = frozenset({"sagemaker:ListModelCards", "sagemaker:ListModelPackageGroups", "sagemaker:ListModelPackages"})

PAGE = 100
"""The most that SageMaker's lists give at once (`MaxResults`, botocore's SageMaker model)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page of a list: the ARNs on it, and the token of the next page, None on the last one."""

    arns: tuple[str, ...]
    token: str | None = None


def model_cards(sagemaker: "SageMakerClient", token: str | None) -> Listed:
    """Return a page of this account's model cards, oldest first: one that comes meanwhile is on a later page."""
    request: ListModelCardsRequestTypeDef = {"MaxResults": PAGE, "SortBy": "CreationTime", "SortOrder": "Ascending"}
    if token:
        request["NextToken"] = token
    with translated("list the model cards"):
        page = sagemaker.list_model_cards(**request)
    return Listed(arns=tuple(card["ModelCardArn"] for card in page["ModelCardSummaries"]), token=page.get("NextToken"))


def model_packages(sagemaker: "SageMakerClient", token: str | None) -> Listed:
    """Return a page of the versions of all this account's model package groups, oldest first.

    The group is only a filter, and `Versioned` leaves out what belongs to none ("ListModelPackages", API reference).
    """
    request: ListModelPackagesInputTypeDef = {
        "MaxResults": PAGE,
        "ModelPackageType": "Versioned",
        "SortBy": "CreationTime",
        "SortOrder": "Ascending",
    }
    if token:
        request["NextToken"] = token
    with translated("list the model packages"):
        page = sagemaker.list_model_packages(**request)
    arns = tuple(package["ModelPackageArn"] for package in page["ModelPackageSummaryList"])
    return Listed(arns=arns, token=page.get("NextToken"))


def model_package_groups(sagemaker: "SageMakerClient", token: str | None) -> Listed:
    """Return a page of this account's model package groups, oldest first."""
    request: ListModelPackageGroupsInputTypeDef = {
        "MaxResults": PAGE,
        "SortBy": "CreationTime",
        "SortOrder": "Ascending",
    }
    if token:
        request["NextToken"] = token
    with translated("list the model package groups"):
        page = sagemaker.list_model_package_groups(**request)
    arns = tuple(group["ModelPackageGroupArn"] for group in page["ModelPackageGroupSummaryList"])
    return Listed(arns=arns, token=page.get("NextToken"))
