"""Endpoints and their configurations: enough to see who may make one, and with which tags.

Nothing is served: an endpoint is InService at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire.errors import NotInSandboxError, aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.sagemaker.recording import recorded, utc
from sandbox.services.sagemaker.store.backend import SageMakerBackend
from sandbox.services.sagemaker.store.endpoint import Endpoint

_CONFIGURED = ("EndpointConfigName", "ProductionVariants", "Tags")


def create_endpoint_config(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """CreateEndpointConfig, of models of this account, with nothing but variants and tags."""
    with recorded(backend, "CreateEndpointConfig", request) as record:
        if unsupported := sorted(set(request) - set(_CONFIGURED)):
            raise NotInSandboxError(f"CreateEndpointConfig with {', '.join(unsupported)}")
        name = request["EndpointConfigName"]
        arn = _arn(backend, "endpoint-config", name)
        if name in backend.endpoint_configs:
            raise aws_error("ValidationException", f"Cannot create already existing endpoint configuration {arn}.")
        for variant in request["ProductionVariants"]:
            if "ModelName" in variant:
                backend.model(variant["ModelName"])
        backend.endpoint_configs[name] = Endpoint(arn, clock.now(), _kept(request), _tags(request))
        record.response = {"EndpointConfigArn": arn}
    return record.response


def describe_endpoint_config(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """DescribeEndpointConfig, of the caller's own account."""
    found = config_of(backend, request["EndpointConfigName"])
    return found.members | {"EndpointConfigArn": found.arn, "CreationTime": utc(found.created_at)}


def delete_endpoint_config(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """DeleteEndpointConfig, of the caller's own account."""
    with recorded(backend, "DeleteEndpointConfig", request) as record:
        config_of(backend, request["EndpointConfigName"])
        del backend.endpoint_configs[request["EndpointConfigName"]]
    return record.response


def create_endpoint(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """CreateEndpoint, of a configuration of this account."""
    with recorded(backend, "CreateEndpoint", request) as record:
        if "DeploymentConfig" in request:
            raise NotInSandboxError("CreateEndpoint with DeploymentConfig")
        name = request["EndpointName"]
        arn = _arn(backend, "endpoint", name)
        if name in backend.endpoints:
            raise aws_error("ValidationException", f"Cannot create already existing endpoint {arn}.")
        config_of(backend, request["EndpointConfigName"])
        backend.endpoints[name] = Endpoint(arn, clock.now(), _kept(request), _tags(request))
        record.response = {"EndpointArn": arn}
    return record.response


def describe_endpoint(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """DescribeEndpoint, of the caller's own account."""
    found = endpoint_of(backend, request["EndpointName"])
    times = {"CreationTime": utc(found.created_at), "LastModifiedTime": utc(found.created_at)}
    return found.members | times | {"EndpointArn": found.arn, "EndpointStatus": "InService"}


def delete_endpoint(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """DeleteEndpoint, of the caller's own account."""
    with recorded(backend, "DeleteEndpoint", request) as record:
        endpoint_of(backend, request["EndpointName"])
        del backend.endpoints[request["EndpointName"]]
    return record.response


def config_of(backend: SageMakerBackend, name: str) -> Endpoint:
    """The endpoint configuration of that name in this account, or SageMaker's error."""
    found = backend.endpoint_configs.get(name)
    if found is None:
        problem = f'Could not find endpoint configuration "{_arn(backend, "endpoint-config", name)}".'
        raise aws_error("ValidationException", problem)
    return found


def endpoint_of(backend: SageMakerBackend, name: str) -> Endpoint:
    """The endpoint of that name in this account, or SageMaker's error."""
    found = backend.endpoints.get(name)
    if found is None:
        raise aws_error("ValidationException", f'Could not find endpoint "{_arn(backend, "endpoint", name)}".')
    return found


def _arn(backend: SageMakerBackend, kind: str, name: str) -> str:
    return f"arn:{PARTITION}:sagemaker:{backend.region_name}:{backend.account_id}:{kind}/{name}"


def _kept(request: Mapping[str, Any]) -> Json:
    return {name: value for name, value in request.items() if name != "Tags"}


def _tags(request: Mapping[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in request.get("Tags", [])}
