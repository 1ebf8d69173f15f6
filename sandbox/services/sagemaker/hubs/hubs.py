"""The operations on hubs themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.kernel.delays import delays
from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire.errors import aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.sagemaker.hubs import public_hub
from sandbox.services.sagemaker.hubs.names import find_hub, hub_named, own_hub_named
from sandbox.services.sagemaker.pages import created_within, paged
from sandbox.services.sagemaker.quotas import quotas
from sandbox.services.sagemaker.recording import recorded, utc
from sandbox.services.sagemaker.store.backend import SageMakerBackend
from sandbox.services.sagemaker.store.hub import Hub


def create_hub(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """CreateHub: Creating for `delays.hub`, then InService. ResourceInUse if the name is taken, also by one going.

    The default bucket: https://docs.aws.amazon.com/sagemaker/latest/dg/jumpstart-curated-hubs-create.html. That AWS's
    own name is refused is assumed.
    """
    with recorded(backend, "CreateHub", request) as record:
        name, now = request["HubName"], clock.now()
        arn = f"arn:{PARTITION}:sagemaker:{backend.region_name}:{backend.account_id}:hub/{name}"
        if name == public_hub.NAME:
            raise aws_error("ValidationException", f"{name} is the name of the public hub.")
        if find_hub(backend, name) is not None:
            raise aws_error("ResourceInUse", f"Hub {arn} already exists.")
        if len(_own(backend)) >= quotas.hubs:
            raise aws_error("ResourceLimitExceeded", f"An account can have {quotas.hubs} hubs.")
        bucket = f"s3://sagemaker-hubs-{backend.region_name}-{backend.account_id}"
        backend.hubs[name] = Hub(
            arn=arn,
            name=name,
            description=request["HubDescription"],
            created_at=now,
            settles_at=clock.mark(now + delays.hub),
            modified_at=now,
            display_name=request.get("HubDisplayName"),
            keywords=tuple(request.get("HubSearchKeywords", ())),
            storage=request.get("S3StorageConfig", {}).get("S3OutputPath", bucket),
            tags={tag["Key"]: tag["Value"] for tag in request.get("Tags", [])},
        )
        record.response = {"HubArn": arn}
    return record.response


def describe_hub(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """DescribeHub, by name, or by ARN also of another account."""
    hub = hub_named(backend, request["HubName"])
    return _summary(hub) | ({"S3StorageConfig": {"S3OutputPath": hub.storage}} if hub.storage else {})


def update_hub(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """UpdateHub: its descriptions and search keywords."""
    with recorded(backend, "UpdateHub", request) as record:
        hub = own_hub_named(backend, request["HubName"])
        hub.description = request.get("HubDescription", hub.description)
        hub.display_name = request.get("HubDisplayName", hub.display_name)
        hub.keywords = tuple(request.get("HubSearchKeywords", hub.keywords))
        hub.modified_at = clock.now()
        record.response = {"HubArn": hub.arn}
    return record.response


def delete_hub(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """DeleteHub: ResourceInUse while anything is in it, of whatever type, and be it on its way out.

    Deleting for `delays.hub`; deleting it again meanwhile changes nothing.
    """
    with recorded(backend, "DeleteHub", request) as record:
        hub, now = hub_named(backend, request["HubName"]), clock.now()
        if contents := hub.contents(now):
            kinds = ", ".join(sorted({item.kind for item in contents}))
            message = f"Hub {hub.arn} can't be deleted: it has {len(contents)} contents ({kinds})."
            raise aws_error("ResourceInUse", message)
        if hub.deleted_at is None:
            hub.deleted_at = clock.mark(now + delays.hub)
    return record.response


def list_hubs(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """ListHubs: the account's own, by name unless told. Whether AWS lists hubs that are shared with it is unknown."""
    contains = request.get("NameContains", "")
    found = [hub for hub in created_within(_own(backend), request) if contains in hub.name]
    orders = {"CreationTime": lambda hub: hub.created_at, "HubStatus": lambda hub: hub.status(clock.now())}
    found.sort(key=orders.get(request.get("SortBy", ""), lambda hub: hub.name))
    if request.get("SortOrder") == "Descending":
        found.reverse()
    shown, token = paged(found, request)
    return {"HubSummaries": [_summary(hub) for hub in shown], "NextToken": token}


def _own(backend: SageMakerBackend) -> list[Hub]:
    return [hub for name in list(backend.hubs) if (hub := find_hub(backend, name)) is not None]


def _summary(hub: Hub) -> Json:
    members = {
        "HubName": hub.name,
        "HubArn": hub.arn,
        "HubDisplayName": hub.display_name,
        "HubDescription": hub.description,
        "HubSearchKeywords": list(hub.keywords) or None,
        "HubStatus": hub.status(clock.now()),
        "CreationTime": utc(hub.created_at),
        "LastModifiedTime": utc(hub.modified_at),
    }
    return {name: value for name, value in members.items() if value is not None}
