"""The customer key that some cards lie under: who may use it, whose grants are on it, and what people do to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.stagegate.members import GOVERNANCE, HOSTING
from soak.oracle.facts import Key

if TYPE_CHECKING:
    from soak.histories.world import World

_AUDITORS = f"arn:aws:iam::{HOSTING}:root"
_CONTEXT = "aws:sagemaker:model-card-arn"
_OPEN = {
    "Sid": "Account",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{GOVERNANCE}:root"},
    "Action": "kms:*",
    "Resource": "*",
}
_SHUT = {
    "Sid": "Nobody",
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
    "Resource": "*",
}


@dataclass(slots=True)
class CardKey:
    """The key, and what has happened to it."""

    arn: str
    history: Key

    @classmethod
    def make(cls, world: World) -> CardKey:
        """A key of the governance account, on which another team has a grant."""
        kms = world.admin("kms")
        arn = str(kms.create_key(Policy=_policy(_OPEN))["KeyMetadata"]["Arn"])
        kms.create_grant(KeyId=arn, GranteePrincipal=_AUDITORS, Operations=["Decrypt"], Name="auditors")
        return cls(arn, Key())

    def turn(self, world: World) -> None:
        """Keep everybody from its use, Stagegate too; or let them again."""
        self.history.is_shut = not self.history.is_shut
        self.history.turned = world.now()
        world.happened()
        policy = _policy(_OPEN, _SHUT) if self.history.is_shut else _policy(_OPEN)
        world.admin("kms").put_key_policy(KeyId=self.arn, PolicyName="default", Policy=policy)

    def lose_grants(self, world: World, card: str) -> None:
        """Somebody takes our grants for a card off the key."""
        for grant in self.grants(world):
            if card in grant.get("Constraints", {}).get("EncryptionContextSubset", {}).values():
                world.admin("kms").revoke_grant(KeyId=self.arn, GrantId=grant["GrantId"])
                self.history.lost = world.now()
                world.happened()

    def grants(self, world: World) -> list[dict[str, Any]]:
        """Every grant on it."""
        pages = world.admin("kms").get_paginator("list_grants").paginate(KeyId=self.arn)
        return [grant for page in pages for grant in page["Grants"]]

    def lost(self, world: World) -> str:
        """What other teams' grant on it isn't any more; "" for nothing."""
        theirs = [grant for grant in self.grants(world) if grant["Name"] == "auditors"]
        found = [(grant["GranteePrincipal"], grant["Operations"], grant.get("Constraints", {})) for grant in theirs]
        must: list[tuple[str, list[str], dict[str, Any]]] = [(_AUDITORS, ["Decrypt"], {})]
        return "" if found == must else f"the cards' key: another team's grant was {must} and is {found}"

    def accounts(self, world: World, card: str) -> set[str]:
        """The accounts whose principals may decrypt a card by a grant."""
        return {
            grant["GranteePrincipal"].split(":")[4]
            for grant in self.grants(world)
            if grant["Name"] != "auditors"
            and "Decrypt" in grant["Operations"]
            and grant.get("Constraints", {}).get("EncryptionContextSubset", {}).get(_CONTEXT, card) == card
        }


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
