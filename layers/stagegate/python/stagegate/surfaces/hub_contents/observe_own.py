"""Packages as models of private hubs, as SageMaker has them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.rules.names import hub_name
from stagegate.surfaces.hub_contents.changes import LEAVING, LIVE, Content, ObservedHub, OwnContent
from stagegate.surfaces.hub_contents.observe import is_marked, is_ours
from stagegate.targets.desired import digest_of
from stagegate.targets.hub_content import PACKAGE, name_of, package_in, version_of

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import ListHubContentVersionsRequestTypeDef

PERMISSIONS = frozenset(
    {
        "sagemaker:DescribeHub",
        "sagemaker:DescribeHubContent",
        "sagemaker:ListHubContentVersions",
        "sagemaker:ListTags",
    }
)

MODEL: Literal["Model"] = "Model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The version of a content that a package has: its document, its status, and why SageMaker couldn't import it."""

    document: Mapping[str, object]
    status: str
    failure: str = ""

    def is_of(self, package: str) -> bool:
        """Tell whether it is that package, and not somebody else's content of its name and version."""
        return self.document.get(PACKAGE) == package

    @property
    def is_live(self) -> bool:
        """Whether it is there or about to be."""
        return self.status in LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a package finds where it is to go: whether there is a hub, `is_ours`, and which versions of its name are
    somebody else's.
    """

    is_there: bool
    is_ours: bool = False
    foreign: tuple[str, ...] = ()


def found(sagemaker: "SageMakerClient", hub_arn: str, package: str) -> Found | None:
    """Return what is in a hub by a package's name and version, whosever it is; None where nothing is, or no hub."""
    name, version = name_of(package), version_of(package)
    with translated(f"read {name} {version} in {hub_arn}"):
        try:
            said = sagemaker.describe_hub_content(
                HubName=hub_name(hub_arn), HubContentType=MODEL, HubContentName=name, HubContentVersion=version
            )
        except ClientError as error:
            if code_of(error) == "ResourceNotFound":
                return None
            raise
    try:
        document = json.loads(said["HubContentDocument"])
    except ValueError:
        document = {}
    return Found(
        document=document if isinstance(document, dict) else {},
        status=said["HubContentStatus"],
        failure=said.get("FailureReason", ""),
    )


def room(sagemaker: "SageMakerClient", hub_arn: str, package: str) -> Room:
    """Return what a package finds in a hub."""
    with translated(f"read {hub_arn}"):
        try:
            hub = sagemaker.describe_hub(HubName=hub_name(hub_arn))
        except ClientError as error:
            if code_of(error) == "ResourceNotFound":
                return Room(is_there=False)
            raise
        tags = sagemaker.list_tags(ResourceArn=hub_arn)["Tags"]
    foreign = tuple(version for version, is_own in versions(sagemaker, hub_arn, name_of(package)) if not is_own)
    return Room(is_there=hub["HubStatus"] == "InService", is_ours=is_ours(tags), foreign=foreign)


def versions(sagemaker: "SageMakerClient", hub_arn: str, name: str) -> Iterator[tuple[str, bool]]:
    """Yield the versions of a model in a hub that aren't on their way out, each with whether it carries our mark."""
    request: ListHubContentVersionsRequestTypeDef = {
        "HubName": hub_name(hub_arn),
        "HubContentType": MODEL,
        "HubContentName": name,
    }
    with translated(f"list the versions of {name} in {hub_arn}"):
        while True:
            try:
                page = sagemaker.list_hub_content_versions(**request)
            except ClientError as error:
                if code_of(error) == "ResourceNotFound":
                    return
                raise
            for each in page["HubContentSummaries"]:
                if each["HubContentStatus"] not in LEAVING:
                    yield each["HubContentVersion"], is_marked(each)
            if not page.get("NextToken"):
                return
            request["NextToken"] = page["NextToken"]


def with_own(
    sagemaker: "SageMakerClient", hub_arn: str, hub: ObservedHub, desired_texts: Mapping[str, str]
) -> ObservedHub:
    """Return a hub with the packages in it told from what others have put there, given what packages want of it by the
    record. That has to be read after the hub: a package is on record before it is in.
    """
    names = {*hub.marked, *map(name_of, desired_texts)}
    own: list[OwnContent] = []
    others: dict[Content, None] = {}
    for content in hub.others:
        if content.type != MODEL or content.name not in names:
            others[content] = None
            continue
        for version, is_own in versions(sagemaker, hub_arn, content.name):
            package = package_in(hub_arn, content.name, version) if is_own else None
            if package:
                own.append(OwnContent(package=package, wanted=digest_of(desired_texts.get(package))))
            else:
                others[content] = None
    return replace(hub, own=tuple(own), others=tuple(others))
