"""What is planted under our name, of each kind: as a ledger that was lost leaves it, or as somebody makes it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from soak.histories import documents, hubs
from soak.histories.cards import Card
from soak.histories.documents import Document
from soak.histories.packages import Package
from soak.histories.world import DEV, KEY, PROD, TEST, World

MANY = 10
"""Statements on the bucket: what is found is taken out whole, and not one for each sweep."""
_OURS = "stagegate"
_FOREIGN = "others-llm"


@dataclass(frozen=True, slots=True)
class Planted:
    """Of one kind, so many; `left` says how many of them a sweep has neither taken back nor told anybody of."""

    kind: str
    planted: int
    left: Callable[[], int]


def plant(world: World, card: Card, package: Package) -> list[Planted]:
    """Plant something of each kind. The card is closed for prod, and the package has what is copied on each target."""
    return [
        _on_bucket(world),
        _on_repository(world),
        _on_group(world, package),
        _on_key(world),
        *_shares(world, card),
        _hub(world),
        _hub_of_no_rule(world),
    ]


def _on_bucket(world: World) -> Planted:
    def lost(ours: Document, sid: str) -> Document:
        return {
            **ours,
            "Sid": sid,
            "Resource": f"arn:aws:s3:::{documents.BUCKET}/lost/{sid}/*",
            "Action": "s3:GetObject",
        }

    return _in_document(world, "bucket", MANY, lost)


def _on_repository(world: World) -> Planted:
    def lost(ours: Document, sid: str) -> Document:
        return {**ours, "Sid": sid, "Principal": {"AWS": f"arn:aws:iam::{TEST}:root"}, "Action": "ecr:BatchGetImage"}

    return _in_document(world, "repository", 1, lost)


def _in_document(world: World, name: str, number: int, lost: Callable[[Document, str], Document]) -> Planted:
    document = documents.read(world)[name]
    statements = document["Statement"]
    ours = next(each for each in statements if not documents.is_foreign(world, name, each))
    sids = {f"{ours['Sid'][:-4]}{each:04x}" for each in range(number)}
    made = [lost(ours, sid) for sid in sorted(sids)]
    documents.write(world, name, {**document, "Statement": [*statements, *made]})
    return Planted(name, number, lambda: len(sids & {each.get("Sid") for each in documents.statements(world)[name]}))


def _on_group(world: World, package: Package) -> Planted:
    sagemaker = world.admin("sagemaker")

    def read() -> Document:
        found = sagemaker.get_model_package_group_policy(ModelPackageGroupName=package.group)
        document: Document = json.loads(found["ResourcePolicy"])
        return document

    document = read()
    ours = document["Statement"][0]
    lost = {**ours, "Sid": f"{ours['Sid'][:-4]}0000", "Principal": {"AWS": f"arn:aws:iam::{TEST}:root"}}
    text = json.dumps({**document, "Statement": [*document["Statement"], lost]})
    sagemaker.put_model_package_group_policy(ModelPackageGroupName=package.group, ResourcePolicy=text)
    return Planted("group", 1, lambda: sum(each["Sid"] == lost["Sid"] for each in read()["Statement"]))


def _on_key(world: World) -> Planted:
    kms = world.admin("kms", DEV)
    name = f"{_OURS}-{0:032x}"
    administrator = f"arn:aws:iam::{PROD}:role/Administrator"
    kms.create_grant(KeyId=KEY, GranteePrincipal=administrator, Operations=["Decrypt"], Name=name)
    return Planted("key", 1, lambda: sum(each["Name"] == name for each in kms.list_grants(KeyId=KEY)["Grants"]))


def _shares(world: World, card: Card) -> list[Planted]:
    """One of ours by its tags, which lets a stage in that the card is closed for; and one that has our name alone."""
    ram = world.admin("ram")
    known = ram.get_resource_shares(resourceOwner="SELF")["resourceShares"]
    tags = next(each["tags"] for each in known if each["name"].startswith(f"{_OURS}-test-model-cards"))
    changed = {"stagegate:stage": "prod", "stagegate:shard": "7"}
    as_prods = [{**tag, "value": changed.get(tag["key"], tag["value"])} for tag in tags]

    def share(name: str, marks: list[dict[str, Any]]) -> str:
        made = ram.create_resource_share(
            name=name, resourceArns=[card.arn], principals=[PROD], allowExternalPrincipals=False, tags=marks
        )
        return str(made["resourceShare"]["resourceShareArn"])

    marked = share(f"{_OURS}-prod-model-cards-7", as_prods)
    named = share(f"{_OURS}-lost", [])
    began = len(world.organization.outbox)

    def is_in() -> int:
        found = ram.get_resource_share_associations(associationType="RESOURCE", resourceShareArns=[marked])
        return sum(each["status"] == "ASSOCIATED" for each in found["resourceShareAssociations"])

    def is_untold() -> int:
        told = any(named in message.text for message in world.organization.outbox[began:])
        ram.delete_resource_share(resourceShareArn=named)  # it isn't ours, and nobody here takes it away
        return int(not told)

    return [Planted("share", 1, is_in), Planted("share by name, reported", 1, is_untold)]


def _hub(world: World) -> Planted:
    arn = world.organization.public_hub.model_arn(_FOREIGN)
    world.admin("sagemaker").create_hub_content_reference(
        HubName=hubs.HUB, HubContentName=_FOREIGN, SageMakerPublicHubContentArn=arn
    )
    return Planted("hub", 1, lambda: sum(each == _FOREIGN for each in hubs.references(world)))


def _hub_of_no_rule(world: World) -> Planted:
    name, sagemaker = f"{_OURS}-lost", world.admin("sagemaker")
    sagemaker.create_hub(HubName=name, HubDescription="Lost", Tags=[{"Key": "stagegate:resource-type", "Value": "hub"}])
    began = len(world.organization.outbox)

    def is_untold() -> int:
        told = any(f"hub/{name}" in message.text for message in world.organization.outbox[began:])
        return int(not told)

    return Planted("hub of no rule, reported", 1, is_untold)
