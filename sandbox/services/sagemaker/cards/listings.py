"""The lists of model cards and of a card's versions, in pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.kernel.wire.protocol import Json
from sandbox.services.sagemaker.pages import created_within, paged
from sandbox.services.sagemaker.recording import utc
from sandbox.services.sagemaker.store.backend import SageMakerBackend, owner_of
from sandbox.services.sagemaker.store.card import Card, CardVersion


def list_model_cards(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """ListModelCards: the caller's own cards (there is no filter for shared ones), newest first unless told."""
    contains, status = request.get("NameContains"), request.get("ModelCardStatus")
    cards = [
        card
        for card in created_within(backend.cards(), request)
        if (contains is None or contains in card.name) and (status is None or card.latest.status == status)
    ]
    by_name: Callable[[Card], Any] = lambda card: card.name  # noqa: E731 - a sort key beside its alternative
    by_time: Callable[[Card], Any] = lambda card: card.created_at  # noqa: E731
    cards.sort(key=by_name if request.get("SortBy") == "Name" else by_time, reverse=_descending(request))
    shown, token = paged(cards, request)
    return {"ModelCardSummaries": [_card_summary(card) for card in shown], "NextToken": token}


def list_model_card_versions(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """ListModelCardVersions, by name or ARN: each version with its own times and status, newest first unless told."""
    owner, name = owner_of(backend, request["ModelCardName"])
    card = owner.card(name)
    status = request.get("ModelCardStatus")
    versions = [v for v in created_within(card.versions, request) if status is None or v.status == status]
    versions.sort(key=lambda version: version.number, reverse=_descending(request))
    shown, token = paged(versions, request)
    return {"ModelCardVersionSummaryList": [_version_summary(card, v) for v in shown], "NextToken": token}


def _card_summary(card: Card) -> Json:
    return {
        "ModelCardName": card.name,
        "ModelCardArn": card.arn,
        "ModelCardStatus": card.latest.status.value,
        "CreationTime": utc(card.created_at),
        "LastModifiedTime": utc(card.latest.modified_at),
    }


def _version_summary(card: Card, version: CardVersion) -> Json:
    return {
        "ModelCardName": card.name,
        "ModelCardArn": card.arn,
        "ModelCardStatus": version.status.value,
        "ModelCardVersion": version.number,
        "CreationTime": utc(version.created_at),
        "LastModifiedTime": utc(version.modified_at),
    }


def _descending(request: Mapping[str, Any]) -> bool:
    """Newest first is what SageMaker's lists do by default; for these two it is not documented."""
    return bool(request.get("SortOrder", "Descending") == "Descending")
