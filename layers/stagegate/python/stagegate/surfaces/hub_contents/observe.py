"""Private hubs, as SageMaker has them."""

from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.core.errors import RefusedError
from stagegate.rules.names import hub_name
from stagegate.surfaces.hub_contents.changes import ALL_VERSIONS, LEAVING, Content, ObservedHub, Reference
from stagegate.targets.hub_content import MARK

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.literals import HubContentTypeType
    from mypy_boto3_sagemaker.type_defs import HubContentInfoTypeDef, ListHubContentsRequestTypeDef, TagTypeDef

PERMISSIONS = frozenset(
    {"sagemaker:DescribeHub", "sagemaker:DescribeHubContent", "sagemaker:ListHubContents", "sagemaker:ListTags"}
)

RESOURCE_TYPE_TAG = "stagegate:resource-type"
RESOURCE_TYPE = "hub"

USED: "tuple[HubContentTypeType, ...]" = ("Model", "Notebook")
"""What besides references whoever may use a hub uses."""
EVERYTHING: "tuple[HubContentTypeType, ...]" = ("Model", "Notebook", "DataSet", "JsonDoc")
"""All types but references: a hub can only be deleted when none of them is left in it."""

READERS = 8
"""Calls that are made at the same time where each model takes one."""
PAGE = 100
"""The most that ListHubContents gives at once (MaxResults in botocore's SageMaker model)."""


def observe(sagemaker: "SageMakerClient", hub_arn: str, types: "Iterable[HubContentTypeType]") -> ObservedHub | None:
    """Return a hub with its references, without their minimums, and its other contents of these types that aren't on
    their way out; None: no hub.
    """
    name = hub_name(hub_arn)
    with translated(f"read {hub_arn}"):
        try:
            hub = sagemaker.describe_hub(HubName=name)
        except ClientError as error:
            if code_of(error) == "ResourceNotFound":
                return None
            raise
        tags = sagemaker.list_tags(ResourceArn=hub_arn)["Tags"]
    others = [
        each
        for content_type in types
        for each in contents(sagemaker, name, content_type)
        if each["HubContentStatus"] not in LEAVING
    ]
    return ObservedHub(
        status=hub["HubStatus"],
        is_ours=is_ours(tags),
        references=references(sagemaker, name),
        others=tuple(Content(type=each["HubContentType"], name=each["HubContentName"]) for each in others),
        marked=frozenset(each["HubContentName"] for each in others if is_marked(each)),
    )


def is_ours(tags: "Collection[TagTypeDef]") -> bool:
    """Tell whether a hub with these tags is Stagegate's."""
    return {"Key": RESOURCE_TYPE_TAG, "Value": RESOURCE_TYPE} in tags


def is_marked(content: "HubContentInfoTypeDef") -> bool:
    """Tell whether a list has a content as a package that Stagegate has put into the hub."""
    return MARK in content.get("HubContentSearchKeywords", ())


def references(sagemaker: "SageMakerClient", hub: str) -> tuple[Reference, ...]:
    """Return the references in a hub, without their minimums."""
    return tuple(
        Reference(
            name=each["HubContentName"],
            target=each.get("SageMakerPublicHubContentArn", ""),
            status=each["HubContentStatus"],
        )
        for each in contents(sagemaker, hub, "ModelReference")
    )


def reference(sagemaker: "SageMakerClient", hub: str, name: str) -> Reference | None:
    """Return one reference with its minimum, or None: there is none of that name."""
    with translated(f"read the reference {name} in {hub}"):
        try:
            found = sagemaker.describe_hub_content(HubName=hub, HubContentType="ModelReference", HubContentName=name)
        except ClientError as error:
            if code_of(error) == "ResourceNotFound":
                return None
            raise
    return Reference(
        name=name,
        target=found.get("SageMakerPublicHubContentArn", ""),
        status=found["HubContentStatus"],
        minimum=found.get("ReferenceMinVersion", ALL_VERSIONS),
    )


def minimums(sagemaker: "SageMakerClient", hub: str, names: Collection[str]) -> dict[str, str]:
    """Return the minimums of references: a call for each, as no list has them. One that states none offers all."""
    with ThreadPoolExecutor(READERS) as readers:
        found = readers.map(lambda name: reference(sagemaker, hub, name), names)
        return {each.name: each.minimum for each in found if each and each.minimum}


def contents(
    sagemaker: "SageMakerClient", hub: str, content_type: "HubContentTypeType"
) -> "Iterator[HubContentInfoTypeDef]":
    """Yield everything of one type in a hub. A page may be empty and not the last: only a missing token ends a list.

    Raises RefusedError where the hub is gone, or a token comes a second time: the list would never end.
    """
    token, seen = "", set[str]()
    while True:
        with translated(f"list {content_type} in {hub}"):
            request: ListHubContentsRequestTypeDef = {
                "HubName": hub,
                "HubContentType": content_type,
                "MaxResults": PAGE,
            }
            if token:
                request["NextToken"] = token
            page = sagemaker.list_hub_contents(**request)
        yield from page["HubContentSummaries"]
        token = page.get("NextToken", "")
        if not token:
            return
        if token in seen:
            raise RefusedError(f"list {content_type} in {hub}: SageMaker gave the same page's token twice")
        seen.add(token)
