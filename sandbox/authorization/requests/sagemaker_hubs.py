"""SageMaker's hubs: what their operations need, and what it takes to deploy from one.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html lists two resource types
for everything about one content, the hub and the content, and the hub alone for the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.authorization import stored
from sandbox.authorization.requests.mapping import Access, Call, Row, arn, needs
from sandbox.authorization.requests.sagemaker_tags import kept as _tags
from sandbox.authorization.requests.sagemaker_tags import requested as _pairs

PUBLIC_HUB = "SageMakerPublicHub"


def _hub(call: Call) -> str:
    """By name in the caller's account, by ARN in any; AWS's own by its name."""
    named = str(call.get("HubName"))
    if named.startswith("arn:"):
        return named
    return arn("sagemaker", call, f"hub/{named}", account="aws" if named == PUBLIC_HUB else "")


def _content(call: Call) -> str:
    """A content without its version, which is in no ARN that the reference gives."""
    hub = _hub(call).replace(":hub/", ":hub-content/", 1)
    return f"{hub}/{call.get('HubContentType')}/{call.get('HubContentName')}"


def _on_hub(call: Call) -> list[Access]:
    return [Access(f"sagemaker:{call.operation}", _hub(call), _tags(_hub(call)))]


def _on_content(call: Call) -> list[Access]:
    resources = (_hub(call), _content(call))
    return [Access(f"sagemaker:{call.operation}", each, _tags(each) | _pairs(call)) for each in resources]


def _create_hub(call: Call) -> list[Access]:
    accesses = [Access("sagemaker:CreateHub", _hub(call), _pairs(call))]
    if call.get("Tags"):
        accesses.append(Access("sagemaker:AddTags", _hub(call), _pairs(call)))
    return accesses


def _create_reference(call: Call) -> list[Access]:
    """On the hub and on the reference to be. Whether AWS also asks for the public content is not documented."""
    public = str(call.get("SageMakerPublicHubContentArn"))
    name = call.get("HubContentName") or public.rsplit("/", 1)[1]
    parameters = {**call.parameters, "HubContentType": "ModelReference", "HubContentName": name}
    named = Call(call.service, call.operation, parameters, call.account, call.region)
    accesses = _on_content(named)
    if call.get("Tags"):
        accesses.append(Access("sagemaker:AddTags", _content(named), _pairs(call)))
    return accesses


def hub_sources(container: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The S3 data sources of a container of CreateModel that a hub gives access to."""
    sources = [container.get("ModelDataSource") or {}, *(container.get("AdditionalModelDataSources") or [])]
    found = [source.get("S3DataSource") or {} for source in sources]
    return [source for source in found if source.get("HubAccessConfig")]


def deployed_contents(call: Call) -> Iterator[str]:
    """The hub contents that the containers of a CreateModel request name."""
    for container in [call.get("PrimaryContainer") or {}, *(call.get("Containers") or [])]:
        for source in hub_sources(container):
            yield str(source["HubAccessConfig"]["HubContentArn"])


def deploy(content_arn: str) -> list[Access]:
    """sagemaker:DeployHubModel, on the hub and on the content, for the caller of CreateModel.

    It is an action without an operation: that it is asked of the caller and not of the execution role is assumed, as
    is that a version in the ARN is left out.
    """
    fields = stored.split(content_arn)
    parts = fields.resource.split("/") if fields else []
    if fields is None or parts[0] != "hub-content" or len(parts) < 4:
        return []  # SageMaker refuses it
    begin = content_arn.removesuffix(fields.resource)
    resources = (f"{begin}hub/{parts[1]}", f"{begin}{'/'.join(parts[:4])}")
    return [Access("sagemaker:DeployHubModel", each, _tags(each)) for each in resources]


ROWS: dict[str, Row] = {
    "CreateHub": _create_hub,
    "CreateHubContentReference": _create_reference,
    "DeleteHub": _on_hub,
    "DeleteHubContent": _on_content,
    "DeleteHubContentReference": _on_content,
    "DescribeHub": _on_hub,
    "DescribeHubContent": _on_content,
    "ImportHubContent": _on_content,
    "ListHubContentVersions": _on_content,
    "ListHubContents": _on_hub,
    "ListHubs": needs("sagemaker:ListHubs", lambda _: "*"),
    "UpdateHub": _on_hub,
    "UpdateHubContentReference": _on_content,
}
