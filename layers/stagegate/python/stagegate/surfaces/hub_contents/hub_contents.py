"""Lists of what is in a hub. botocore has no paginator for them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stagegate.aws.errors import translated
from stagegate.core.errors import RefusedError

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.literals import HubContentTypeType
    from mypy_boto3_sagemaker.type_defs import HubContentInfoTypeDef, ListHubContentsRequestTypeDef

PAGE = 100
"""The most that ListHubContents gives at once (MaxResults in botocore's SageMaker model)."""


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
