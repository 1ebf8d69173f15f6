"""Everything that SageMaker keeps of one account and Region, and the way from an ARN to it."""

from __future__ import annotations

from moto.core.base_backend import BaseBackend
from moto.sagemaker.models import sagemaker_backends

from sandbox.kernel.clock import clock
from sandbox.kernel.place import PARTITION
from sandbox.kernel.spelling import spellings
from sandbox.kernel.wire.errors import aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.sagemaker.store.card import Card
from sandbox.services.sagemaker.store.domain import Domain
from sandbox.services.sagemaker.store.endpoint import Endpoint
from sandbox.services.sagemaker.store.hub import Hub
from sandbox.services.sagemaker.store.model import Model
from sandbox.services.sagemaker.store.package import ModelPackage, ModelPackageGroup


class SageMakerBackend(BaseBackend):
    """The resources of one account and Region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self._cards: dict[str, Card] = {}
        self.groups: dict[str, ModelPackageGroup] = {}
        self.models: dict[str, Model] = {}
        self.hubs: dict[str, Hub] = {}
        self.domains: dict[str, Domain] = {}
        self.endpoint_configs: dict[str, Endpoint] = {}
        self.endpoints: dict[str, Endpoint] = {}
        self.package_tokens: dict[str, tuple[Json, str]] = {}
        """Client token of CreateModelPackage -> its request, and the ARN that it made."""

    def add(self, card: Card) -> None:
        """Keep a new card; its name must be free."""
        self._cards[card.name] = card

    def find_card(self, name: str) -> Card | None:
        """The card of that name in this account, until its deletion has been carried out."""
        card = self._cards.get(name)
        if card is not None and card.deleted_at is not None and card.deleted_at <= clock.now():
            del self._cards[name]
            return None
        return card

    def card(self, name: str) -> Card:
        """The card of that name in this account, or the error that SageMaker gives for one it doesn't have."""
        card = self.find_card(name)
        if card is None:
            raise aws_error("ResourceNotFound", f"Model card {name} does not exist in account {self.account_id}.")
        return card

    def cards(self) -> list[Card]:
        """Every card of this account."""
        return [card for name in list(self._cards) if (card := self.find_card(name)) is not None]

    def find_group(self, name: str) -> ModelPackageGroup | None:
        """The model package group of that name in this account."""
        return next((self.groups[each] for each in self.groups if spellings.same(each, name)), None)

    def group(self, name: str) -> ModelPackageGroup:
        """The model package group of that name in this account, or SageMaker's error."""
        group = self.find_group(name)
        if group is None:
            arn = f"arn:{PARTITION}:sagemaker:{self.region_name}:{self.account_id}:model-package-group/{name}"
            raise aws_error("ValidationException", f"ModelPackageGroup {arn} does not exist.")
        return group

    def package(self, named: str) -> ModelPackage:
        """The model package `group/version` in this account, or SageMaker's error."""
        name, _, number = named.partition("/")
        group = self.find_group(name)
        package = group.packages.get(int(number)) if group and number else None
        if package is None:
            arn = f"arn:{PARTITION}:sagemaker:{self.region_name}:{self.account_id}:model-package/{named}"
            raise aws_error("ValidationException", f"ModelPackage {arn} does not exist.")
        return package

    def model(self, name: str) -> Model:
        """The model of that name in this account, or SageMaker's error."""
        model = self.models.get(name)
        if model is None:
            arn = f"arn:{PARTITION}:sagemaker:{self.region_name}:{self.account_id}:model/{name}"
            raise aws_error("ValidationException", f'Could not find model "{arn}".')
        return model


def owner_of(backend: SageMakerBackend, name_or_arn: str, kind: str = "model-card") -> tuple[SageMakerBackend, str]:
    """The backend that owns what a caller named, and the bare name; a name means the caller's own account.

    `kind` is the resource type that an ARN must have. Whether the caller may reach into that account is for
    authorization to say, before the backend is asked.
    """
    if not name_or_arn.startswith("arn:"):
        return backend, name_or_arn
    _, _, _, region, account, resource = name_or_arn.split(":", 5)
    if region != backend.region_name:
        raise aws_error("ValidationException", f"{name_or_arn} is not in Region {backend.region_name}.")
    found, _, named = resource.partition("/")
    if found != kind:
        raise aws_error("ValidationException", f"{name_or_arn} is not the ARN of a {kind}.")
    return backend_for(account, region), named


def backend_for(account: str, region: str) -> SageMakerBackend:
    """The backend of an account and Region."""
    backend = sagemaker_backends[account][region]
    if not isinstance(backend, SageMakerBackend):
        raise TypeError("sandbox.services.boot.install() has not run")
    return backend


def card_exists(arn: str) -> bool:
    """Whether the card of that ARN exists in its owner's account."""
    _, _, _, region, account, resource = arn.split(":", 5)
    return backend_for(account, region).find_card(resource.partition("/")[2]) is not None
