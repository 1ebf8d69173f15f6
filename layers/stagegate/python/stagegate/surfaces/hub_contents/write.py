"""The surface of private hubs: the hub itself, and the references in it."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.core.errors import NotSettledError, RefusedError
from stagegate.rules.names import hub_name
from stagegate.surfaces.hub_contents import observe
from stagegate.surfaces.hub_contents.changes import LEAVING, Content, MakeHub, RemoveContents, RemoveHub

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.literals import HubContentTypeType
    from mypy_boto3_sagemaker.type_defs import ListHubContentVersionsRequestTypeDef, TagTypeDef

PERMISSIONS = frozenset(
    {
        "s3:GetObject",
        "s3:GetObjectTagging",
        "s3:ListBucket",
        "sagemaker:AddTags",
        "sagemaker:CreateHub",
        "sagemaker:DeleteHub",
        "sagemaker:DeleteHubContent",
        "sagemaker:DescribeHub",
        "sagemaker:ListHubContentVersions",
        "sagemaker:ListTags",
    }
)
"""Those of S3 are SageMaker's: it reads the public models' bucket as whoever makes a hub or a reference.

https://docs.aws.amazon.com/sagemaker/latest/dg/jumpstart-curated-hubs-admin-guide.html
"""

SETTLE_SECONDS = 10.0
"""How long a function waits for a hub to be made: after that the state machine tries again, as for shares."""


def make_hub(sagemaker: "SageMakerClient", change: MakeHub) -> None:
    """Make the hub and wait until it is in service, or take one over. A hub that is there and is ours stays as it is.

    Raises RefusedError for one that somebody else has made meanwhile, NotSettledError when SageMaker takes longer than
    a function should wait.
    """
    name = hub_name(change.hub_arn)
    tag: TagTypeDef = {"Key": observe.RESOURCE_TYPE_TAG, "Value": observe.RESOURCE_TYPE}
    if change.adopt:
        with translated(f"take over {change.hub_arn}"):
            sagemaker.add_tags(ResourceArn=change.hub_arn, Tags=[tag])
        return
    with translated(f"make {change.hub_arn}"):
        try:
            sagemaker.create_hub(HubName=name, HubDisplayName=name, HubDescription=change.description, Tags=[tag])
        except ClientError as error:
            if code_of(error) != "ResourceInUse":
                raise
            if tag not in sagemaker.list_tags(ResourceArn=change.hub_arn)["Tags"]:
                raise RefusedError(f"make {change.hub_arn}: somebody else has made it meanwhile") from error
    waited, pause = 0.0, 0.2
    while (status := _status(sagemaker, name)) != "InService":
        if status in ("CreateFailed", "DeleteFailed"):
            raise RefusedError(f"make {change.hub_arn}: SageMaker says {status}")
        if waited >= SETTLE_SECONDS:
            raise NotSettledError(f"make {change.hub_arn}: still {status} after {waited:.0f} s")
        time.sleep(pause)
        waited, pause = waited + pause, min(pause * 1.6, 3.0)


def remove_contents(sagemaker: "SageMakerClient", change: RemoveContents) -> None:
    """Delete every version of what somebody has put into a hub that is torn down. What is gone stays gone."""
    name = hub_name(change.hub_arn)
    for content in change.contents:
        with translated(f"delete {content.type} {content.name} from {change.hub_arn}"):
            try:
                for version in _versions(sagemaker, name, content):
                    sagemaker.delete_hub_content(
                        HubName=name,
                        HubContentType=_type(content),
                        HubContentName=content.name,
                        HubContentVersion=version,
                    )
            except ClientError as error:
                if code_of(error) != "ResourceNotFound":
                    raise


def remove_hub(sagemaker: "SageMakerClient", change: RemoveHub) -> None:
    """Delete the hub. Raises NotSettledError while something is still in it, or on its way out."""
    with translated(f"delete {change.hub_arn}"):
        try:
            sagemaker.delete_hub(HubName=hub_name(change.hub_arn))
        except ClientError as error:
            if code_of(error) == "ResourceInUse":
                raise NotSettledError(f"delete {change.hub_arn}: it still has contents") from error
            if code_of(error) != "ResourceNotFound":
                raise


def _status(sagemaker: "SageMakerClient", name: str) -> str:
    with translated(f"read the hub {name}"):
        return sagemaker.describe_hub(HubName=name)["HubStatus"]


def _versions(sagemaker: "SageMakerClient", hub: str, content: Content) -> Iterator[str]:
    """Yield the versions of a content that aren't on their way out already."""
    request: ListHubContentVersionsRequestTypeDef = {
        "HubName": hub,
        "HubContentType": _type(content),
        "HubContentName": content.name,
    }
    while True:
        page = sagemaker.list_hub_content_versions(**request)
        yield from (v["HubContentVersion"] for v in page["HubContentSummaries"] if v["HubContentStatus"] not in LEAVING)
        if not page.get("NextToken"):
            return
        request["NextToken"] = page["NextToken"]


def _type(content: Content) -> "HubContentTypeType":
    return cast("HubContentTypeType", content.type)
