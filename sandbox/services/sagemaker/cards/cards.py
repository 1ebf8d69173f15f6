"""The operations on model cards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.kernel.delays import delays
from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire.errors import aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.sagemaker import events
from sandbox.services.sagemaker.cards.content import content_problem, metadata_only
from sandbox.services.sagemaker.recording import recorded, utc
from sandbox.services.sagemaker.store.backend import SageMakerBackend, owner_of
from sandbox.services.sagemaker.store.card import Card, CardStatus


def create_model_card(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """CreateModelCard: version 1, or ConflictException if the name is taken (also while it is being deleted)."""
    with recorded(backend, "CreateModelCard", request) as record:
        name = request["ModelCardName"]
        if backend.find_card(name) is not None:
            raise aws_error("ConflictException", f"Model card {name} already exists.")
        _require_valid(request["Content"])
        card = Card(
            arn=f"arn:{PARTITION}:sagemaker:{backend.region_name}:{backend.account_id}:model-card/{name}",
            name=name,
            account=backend.account_id,
            region=backend.region_name,
            kms_key_id=request.get("SecurityConfig", {}).get("KmsKeyId"),
            tags={tag["Key"]: tag["Value"] for tag in request.get("Tags", [])},
        )
        card.add_version(request["Content"], CardStatus(request["ModelCardStatus"]), clock.now())
        backend.add(card)
        events.emit_state_change(card)
        record.response = {"ModelCardArn": card.arn}
    return record.response


def update_model_card(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """UpdateModelCard, by name or ARN: either new content (a new version) or a new status (no new version).

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelCard.html: "You cannot update both model
    card content and model card status in a single call." That SageMaker answers ValidationException then, and when
    neither is given, has not been seen on AWS.
    """
    with recorded(backend, "UpdateModelCard", request) as record:
        content, status = request.get("Content"), request.get("ModelCardStatus")
        if (content is None) == (status is None):
            raise aws_error("ValidationException", "Give either Content or ModelCardStatus, not both and not neither.")
        owner, name = owner_of(backend, request["ModelCardName"])
        card = owner.card(name)
        _require_not_deleting(card)
        if content is not None:
            _require_valid(content)
            card.add_version(content, card.latest.status, clock.now())
        else:
            card.set_status(CardStatus(request["ModelCardStatus"]), clock.now())
        events.emit_state_change(card)
        record.response = {"ModelCardArn": card.arn}
    return record.response


def delete_model_card(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """DeleteModelCard, by name only, so a consumer can't: the card is gone after `delays.card_deletion`.

    No state change is emitted: AWS documents none for a deletion. CloudTrail's event is how it becomes known.
    """
    with recorded(backend, "DeleteModelCard", request) as record:
        card = backend.card(request["ModelCardName"])
        _require_not_deleting(card)
        card.deletion_requested_at = clock.now()
        card.deleted_at = clock.mark(card.deletion_requested_at + delays.card_deletion)
        record.response = {}
    return record.response


def describe_model_card(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """DescribeModelCard, by name or ARN: the named version or the latest.

    `CreationTime` is that of the card, `LastModifiedTime` and `ModelCardStatus` are those of the version.
    """
    owner, name = owner_of(backend, request["ModelCardName"])
    card = owner.card(name)
    number = request.get("ModelCardVersion")
    version = card.latest if number is None else next((v for v in card.versions if v.number == number), None)
    if version is None:
        raise aws_error("ResourceNotFound", f"Model card {name} has no version {number}.")
    only_metadata = request.get("IncludedData") == "MetadataOnly"
    return {
        "ModelCardArn": card.arn,
        "ModelCardName": card.name,
        "ModelCardVersion": version.number,
        "Content": metadata_only(version.content) if only_metadata else version.content,
        "ModelCardStatus": version.status.value,
        "SecurityConfig": card.security_config or None,
        "CreationTime": utc(card.created_at),
        "CreatedBy": {},
        "LastModifiedTime": utc(version.modified_at),
        "LastModifiedBy": {},
        "ModelCardProcessingStatus": _processing_status(card),
    }


def _processing_status(card: Card) -> str | None:
    """How far a requested deletion has come: pending in its first half, in progress in its second."""
    if card.deletion_requested_at is None:
        return None
    half = card.deletion_requested_at + delays.card_deletion / 2
    return "DeletePending" if clock.now() < half else "DeleteInProgress"


def _require_valid(content: str) -> None:
    problem = content_problem(content)
    if problem is not None:
        raise aws_error("ValidationException", problem)


def _require_not_deleting(card: Card) -> None:
    if card.deletion_requested_at is not None:
        raise aws_error("ConflictException", f"Model card {card.name} is being deleted.")
