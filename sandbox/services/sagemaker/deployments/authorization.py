"""What the operations on models and endpoints need.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.authorization.accesses import Access, Call, Row, arn, needs, present
from sandbox.kernel.arns import split
from sandbox.services.sagemaker.deployments.containers import hub_sources
from sandbox.services.sagemaker.hubs import authorization as hubs
from sandbox.services.sagemaker.rows import created, existing, kept_tags, requested_tags


def _create_model(call: Call) -> list[Access]:
    """The model, the role passed to it, each hub content, and each package of another account by its policy.

    https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-deploy.html: sagemaker:CreateModel on the package.
    """
    model, role = arn("sagemaker", call, f"model/{call.get('ModelName')}"), call.get("ExecutionRoleArn")
    accesses = [Access("sagemaker:CreateModel", model, requested_tags(call))]
    if call.get("Tags"):
        accesses.append(Access("sagemaker:AddTags", model, requested_tags(call)))
    if role:
        accesses.append(Access("iam:PassRole", role, present(iam__PassedToService="sagemaker.amazonaws.com")))
    for container in [call.get("PrimaryContainer") or {}, *(call.get("Containers") or [])]:
        fields = split(container.get("ModelPackageName") or "")
        if fields is not None and fields.account != call.account:
            package = container["ModelPackageName"]
            accesses.append(Access("sagemaker:CreateModel", package, kept_tags(package)))
    for content in _deployed_contents(call):
        accesses += hubs.deploy(content)
    return accesses


def _model(call: Call) -> str:
    return arn("sagemaker", call, f"model/{call.get('ModelName')}")


def _deployed_contents(call: Call) -> Iterator[str]:
    """The hub contents that the containers of a CreateModel request name."""
    for container in [call.get("PrimaryContainer") or {}, *(call.get("Containers") or [])]:
        for source in hub_sources(container):
            yield str(source["HubAccessConfig"]["HubContentArn"])


def _config(call: Call) -> str:
    return arn("sagemaker", call, f"endpoint-config/{call.get('EndpointConfigName')}")


def _endpoint(call: Call) -> str:
    return arn("sagemaker", call, f"endpoint/{call.get('EndpointName')}")


def _create_endpoint(call: Call) -> list[Access]:
    """On the endpoint with the tags of the request, and on the configuration with its own and those of the request."""
    accesses = existing(_endpoint, _config)(call)
    if call.get("Tags"):
        accesses.append(Access("sagemaker:AddTags", _endpoint(call), requested_tags(call)))
    return accesses


ROWS: dict[str, Row] = {
    "CreateEndpoint": _create_endpoint,
    "CreateEndpointConfig": created(_config),
    "CreateModel": _create_model,
    "DeleteEndpoint": existing(_endpoint),
    "DeleteEndpointConfig": existing(_config),
    "DeleteModel": needs("sagemaker:DeleteModel", _model),
    "DescribeEndpoint": existing(_endpoint),
    "DescribeEndpointConfig": existing(_config),
    "DescribeModel": needs("sagemaker:DescribeModel", _model),
}
