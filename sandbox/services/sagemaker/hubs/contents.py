"""The contents of hubs: descriptions, lists, and the models and notebooks that a private hub was given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.kernel.delays import delays
from sandbox.kernel.wire.errors import NotInSandboxError, aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.sagemaker.hubs.names import hub_named, own_hub_named
from sandbox.services.sagemaker.hubs.references import require_room
from sandbox.services.sagemaker.pages import created_within, paged
from sandbox.services.sagemaker.recording import recorded, utc
from sandbox.services.sagemaker.store.backend import SageMakerBackend
from sandbox.services.sagemaker.store.hub import Content, Hub, Item, Reference, Version, requested_version, version_key

_IMPORTED = ("Model", "Notebook")
_DEFAULT_VERSION = "1.0.0"


def list_hub_contents(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """ListHubContents of one type: the latest version of each, by name unless told, in whatever status.

    A list of more than one page has an empty page with a token in it: SageMaker's documentation promises no full
    pages. A reference whose model is gone is still listed.
    """
    hub, now = hub_named(backend, request["HubName"]), clock.now()
    contains = request.get("NameContains", "")
    of_type = [item for item in hub.contents(now) if item.kind == request["HubContentType"] and contains in item.name]
    found = [
        (item, versions[-1])
        for item in created_within(of_type, request)
        if (versions := _within_schema(item.offered() or item_versions(item), request))
    ]
    orders = {
        "CreationTime": lambda each: each[0].created_at,
        "HubContentStatus": lambda each: each[0].status(now),
    }
    found.sort(key=lambda each: each[0].name)
    found.sort(key=orders.get(request.get("SortBy", ""), lambda each: each[0].name), reverse=_descending(request))
    shown, token = paged(found, request, gap=True)
    return {"HubContentSummaries": [_summary(hub, item, version) for item, version in shown], "NextToken": token}


def list_hub_content_versions(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """ListHubContentVersions: oldest first unless told; of a reference those from its minimum on."""
    hub = hub_named(backend, request["HubName"])
    item = _present(hub, request)
    least = requested_version(request.get("MinVersion", "0.0.0"))
    versions = [version for version in _within_schema(item.offered(), request) if version_key(version.number) >= least]
    if _descending(request):
        versions.reverse()
    shown, token = paged(created_within(versions, request), request, gap=True)
    return {"HubContentSummaries": [_summary(hub, item, version) for version in shown], "NextToken": token}


def describe_hub_content(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """DescribeHubContent: the named version or the latest, with its document."""
    hub = hub_named(backend, request["HubName"])
    item = _present(hub, request)
    offered = item.offered()
    number = request.get("HubContentVersion")
    version = next((v for v in reversed(offered) if number in (None, v.number)), None)
    if version is None:
        arn = hub.content_arn(item.kind, item.name, number)
        raise aws_error("ResourceNotFound", f"Hub content {arn} does not exist.")
    described = _summary(hub, item, version) | {
        "HubName": hub.name,
        "HubArn": hub.arn,
        "HubContentDocument": version.document,
        "HubContentMarkdown": version.markdown,
        "ReferenceMinVersion": item.min_version if isinstance(item, Reference) else None,
        "LastModifiedTime": utc(version.created_at),
    }
    del described["OriginalCreationTime"]
    return described


def import_hub_content(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """ImportHubContent: a model or notebook of one's own, Importing for `delays.hub`.

    ResourceInUse for a version that there is, also on its way out. Without a version it is 1.0.0; what AWS takes then
    is not documented, nor what it asks of a document. Here that is to be a JSON object, as SageMaker's SDK reads it.
    """
    with recorded(backend, "ImportHubContent", request) as record:
        kind, name, now = request["HubContentType"], request["HubContentName"], clock.now()
        if kind not in _IMPORTED:
            raise NotInSandboxError(f"ImportHubContent of type {kind}")
        hub = own_hub_named(backend, request["HubName"])
        number = request.get("HubContentVersion", _DEFAULT_VERSION)
        requested_version(number)
        requested_version(request["DocumentSchemaVersion"])
        _require_object(request["HubContentDocument"])
        arn = hub.content_arn(kind, name, number)
        content = hub.find(kind, name, now)
        if not isinstance(content, Content):
            require_room(hub)
            content = hub.items[kind, name] = Content(kind, name, now)
        if number in content.versions:
            raise aws_error("ResourceInUse", f"Hub content {arn} already exists.")
        content.tags |= {tag["Key"]: tag["Value"] for tag in request.get("Tags", [])}
        content.versions[number] = Version(
            number=number,
            document=request["HubContentDocument"],
            created_at=now,
            display_name=request.get("HubContentDisplayName"),
            description=request.get("HubContentDescription"),
            markdown=request.get("HubContentMarkdown"),
            keywords=tuple(request.get("HubContentSearchKeywords", ())),
            support=request.get("SupportStatus", "Supported"),
            schema=request["DocumentSchemaVersion"],
            settles_at=clock.mark(now + delays.hub),
        )
        record.response = {"HubArn": hub.arn, "HubContentArn": arn}
    return record.response


def delete_hub_content(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """DeleteHubContent: one version, Deleting for `delays.hub`, and with the last one the content; never a reference.

    That one that is being deleted is refused as in use is assumed.
    """
    with recorded(backend, "DeleteHubContent", request) as record:
        hub, number = own_hub_named(backend, request["HubName"]), request["HubContentVersion"]
        now = clock.now()
        content = hub.get(request["HubContentType"], request["HubContentName"], now)
        if not isinstance(content, Content):
            raise aws_error("ValidationException", "A reference is deleted by DeleteHubContentReference.")
        if number not in content.versions:
            arn = hub.content_arn(content.kind, content.name, number)
            raise aws_error("ResourceNotFound", f"Hub content {arn} does not exist.")
        version = content.versions[number]
        if version.deleted_at is not None:
            arn = hub.content_arn(content.kind, content.name, number)
            raise aws_error("ResourceInUse", f"Hub content {arn} is being deleted.")
        content.versions[number] = replace(version, deleted_at=clock.mark(now + delays.hub))
    return record.response


def _require_object(document: str) -> None:
    try:
        found = json.loads(document)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise aws_error("ValidationException", "HubContentDocument is not a JSON object.")


def item_versions(item: Item) -> list[Version]:
    """Every version behind an item, also those below a reference's minimum."""
    return (item.target if isinstance(item, Reference) else item).offered()


def _present(hub: Hub, request: Mapping[str, Any]) -> Item:
    """The content that a request is about. A reference whose model is gone is assumed not to be found any more."""
    item = hub.get(request["HubContentType"], request["HubContentName"], clock.now())
    if isinstance(item, Reference) and item.target.withdrawn:
        raise aws_error("ResourceNotFound", f"Hub content {item.target_arn} does not exist.")
    return item


def _within_schema(versions: list[Version], request: Mapping[str, Any]) -> list[Version]:
    most = request.get("MaxSchemaVersion")
    return [each for each in versions if most is None or version_key(each.schema) <= requested_version(most)]


def _summary(hub: Hub, item: Item, version: Version) -> Json:
    reference = item if isinstance(item, Reference) else None
    members = {
        "HubContentName": item.name,
        "HubContentArn": hub.content_arn(item.kind, item.name, version.number),
        "SageMakerPublicHubContentArn": reference.target_arn if reference else None,
        "HubContentVersion": version.number,
        "HubContentType": item.kind,
        "DocumentSchemaVersion": version.schema,
        "HubContentDisplayName": version.display_name,
        "HubContentDescription": version.description,
        "SupportStatus": version.support,
        "HubContentSearchKeywords": list(version.keywords) or None,
        "HubContentStatus": (reference or version).status(clock.now()),
        "CreationTime": utc(reference.created_at if reference else version.created_at),
        "OriginalCreationTime": utc((reference.target if reference else item).created_at),
    }
    return {name: value for name, value in members.items() if value is not None}


def _descending(request: Mapping[str, Any]) -> bool:
    return bool(request.get("SortOrder", "Ascending") == "Descending")
