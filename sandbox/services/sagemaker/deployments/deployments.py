"""CreateModel and its siblings: enough to see whether an account may deploy a model package, or a hub's model.

CreateModel on AWS also looks at the artifacts and the image, with the execution role. Here it doesn't: whether that
role may read them is asked by reading them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire.errors import NotInSandboxError, aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.sagemaker.deployments.containers import hub_sources
from sandbox.services.sagemaker.hubs.deployments import require_from_hub
from sandbox.services.sagemaker.recording import recorded, utc
from sandbox.services.sagemaker.store.backend import SageMakerBackend, owner_of
from sandbox.services.sagemaker.store.model import Model

_KEPT = ("PrimaryContainer", "Containers", "ExecutionRoleArn", "EnableNetworkIsolation")
_UNSUPPORTED = ("InferenceExecutionConfig", "VpcConfig")


def create_model(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """CreateModel: from packages, also of other accounts, which have to be Approved, or from images.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html: "For versioned models, the
    value of this parameter [ModelApprovalStatus] must be set to Approved to deploy the model."
    """
    with recorded(backend, "CreateModel", request) as record:
        name = request["ModelName"]
        for unsupported in _UNSUPPORTED:
            if unsupported in request:
                raise NotInSandboxError(f"CreateModel with {unsupported}")
        arn = f"arn:{PARTITION}:sagemaker:{backend.region_name}:{backend.account_id}:model/{name}"
        if name in backend.models:
            raise aws_error("ValidationException", f"Cannot create already existing model {arn}.")
        for container in _containers(request):
            _require_deployable(backend, container)
        backend.models[name] = Model(
            arn=arn,
            name=name,
            created_at=clock.now(),
            members={member: request[member] for member in _KEPT if member in request},
            tags={tag["Key"]: tag["Value"] for tag in request.get("Tags", [])},
        )
        record.response = {"ModelArn": arn}
    return record.response


def describe_model(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """DescribeModel, of the caller's own account."""
    model = backend.model(request["ModelName"])
    return {"ModelName": model.name, "ModelArn": model.arn, "CreationTime": utc(model.created_at)} | model.members


def delete_model(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """DeleteModel, of the caller's own account."""
    with recorded(backend, "DeleteModel", request) as record:
        del backend.models[backend.model(request["ModelName"]).name]
    return record.response


def _containers(request: Mapping[str, Any]) -> list[Json]:
    if ("PrimaryContainer" in request) == bool(request.get("Containers")):
        raise aws_error("ValidationException", "Give either PrimaryContainer or Containers.")
    return [request["PrimaryContainer"]] if "PrimaryContainer" in request else list(request["Containers"])


def _require_deployable(backend: SageMakerBackend, container: Mapping[str, Any]) -> None:
    if ("ModelPackageName" in container) == ("Image" in container):
        raise aws_error("ValidationException", "A container has either a ModelPackageName or an Image.")
    for source in hub_sources(container):
        require_from_hub(source, backend.region_name)
    if "ModelPackageName" not in container:
        return
    owner, named = owner_of(backend, container["ModelPackageName"], "model-package")
    package = owner.package(named)
    if package.approval != "Approved":
        problem = f"Model package {package.arn} can't be deployed: its approval status is {package.approval}."
        raise aws_error("ValidationException", problem)
