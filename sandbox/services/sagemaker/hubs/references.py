"""References: models of the public hub in a private one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.kernel.delays import delays
from sandbox.kernel.wire.errors import aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.sagemaker.hubs.names import content_name, own_hub_named, the_public_hub
from sandbox.services.sagemaker.quotas import quotas
from sandbox.services.sagemaker.recording import recorded
from sandbox.services.sagemaker.store.backend import SageMakerBackend
from sandbox.services.sagemaker.store.hub import (
    MODEL_REFERENCE,
    Content,
    Hub,
    Reference,
    requested_version,
    version_key,
)

ALL_VERSIONS = "1.0.0"
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateHubContentReference.html: "To support all
versions of a model, set the value to 1.0.0." """


def create_hub_content_reference(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """CreateHubContentReference: Importing for `delays.hub`, then Available.

    ResourceInUse if the name is taken (also by one that is being deleted), ResourceNotFound if the public hub doesn't
    have the model. A minimum beyond the latest version is refused, which AWS is assumed to do as well. A model that is
    deprecated or restricted, or that has to be subscribed to, can be referenced: nothing documented says otherwise.
    """
    with recorded(backend, "CreateHubContentReference", request) as record:
        hub = own_hub_named(backend, request["HubName"])
        target = _public_model(request["SageMakerPublicHubContentArn"], backend.region_name)
        name, now = request.get("HubContentName", target.name), clock.now()
        arn = hub.content_arn(MODEL_REFERENCE, name)
        if hub.find(MODEL_REFERENCE, name, now) is not None:
            raise aws_error("ResourceInUse", f"Hub content {arn} already exists.")
        require_room(hub)
        least = request.get("MinVersion")
        if least is not None and requested_version(least) > version_key(target.offered()[-1].number):
            raise aws_error("ValidationException", f"{target.name} has no version {least} or later.")
        hub.items[MODEL_REFERENCE, name] = Reference(
            name=name,
            target=target,
            target_arn=request["SageMakerPublicHubContentArn"],
            min_version=least,
            created_at=now,
            settles_at=clock.mark(now + delays.hub),
            tags={tag["Key"]: tag["Value"] for tag in request.get("Tags", [])},
        )
        record.response = {"HubArn": hub.arn, "HubContentArn": arn}
    return record.response


def update_hub_content_reference(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """UpdateHubContentReference: another minimum, "older than the latest available version", or 1.0.0 for all."""
    with recorded(backend, "UpdateHubContentReference", request) as record:
        _require_reference(request)
        hub = own_hub_named(backend, request["HubName"])
        reference = _reference(hub, request)
        status = reference.status(clock.now())
        if status != "Available":
            arn = hub.content_arn(MODEL_REFERENCE, reference.name)
            raise aws_error("ResourceInUse", f"Hub content {arn} can't be changed while it is {status}.")
        least = request.get("MinVersion")
        if least is not None:
            latest = reference.target.offered()[-1].number
            if requested_version(least) >= version_key(latest) and least != ALL_VERSIONS:
                raise aws_error("ValidationException", f"MinVersion {least} must be older than the latest, {latest}.")
            reference.min_version = least
        arn = hub.content_arn(MODEL_REFERENCE, reference.name)
        record.response = {"HubArn": hub.arn, "HubContentArn": arn}
    return record.response


def delete_hub_content_reference(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """DeleteHubContentReference: Deleting for `delays.hub`; deleting it again meanwhile changes nothing."""
    with recorded(backend, "DeleteHubContentReference", request) as record:
        _require_reference(request)
        reference = _reference(own_hub_named(backend, request["HubName"]), request)
        if reference.deleted_at is None:
            reference.deleted_at = clock.mark(clock.now() + delays.hub)
    return record.response


def require_room(hub: Hub) -> None:
    """Raise ResourceLimitExceeded for a hub that is full."""
    # What has gone meanwhile is only looked for when it matters: hubs are filled by the thousand.
    if len(hub.items) >= quotas.hub_contents and len(hub.contents(clock.now())) >= quotas.hub_contents:
        raise aws_error("ResourceLimitExceeded", f"A hub can have {quotas.hub_contents} contents.")


def _public_model(arn: str, region: str) -> Content:
    """The model of an ARN without a version, which is what its pattern allows."""
    named = content_name(arn)
    if named is None or named.region != region:
        raise aws_error("ValidationException", f"{arn} is not a model of the public hub in {region}.")
    hub = the_public_hub(region)
    found = hub.get(named.kind, named.name, clock.now()) if named.hub == hub.name else None
    if not isinstance(found, Content):
        raise aws_error("ResourceNotFound", f"Hub content {arn} does not exist.")
    return found


def _reference(hub: Hub, request: Mapping[str, Any]) -> Reference:
    found = hub.get(MODEL_REFERENCE, request["HubContentName"], clock.now())
    if not isinstance(found, Reference):
        raise TypeError(f"{hub.arn} keeps {found.name} among its references")
    return found


def _require_reference(request: Mapping[str, Any]) -> None:
    if request["HubContentType"] != MODEL_REFERENCE:
        message = f"The only supported type of hub content reference is {MODEL_REFERENCE}."
        raise aws_error("ValidationException", message)
