"""Model cards: their statuses, their end, and one that is encrypted with a key of its owner."""

from __future__ import annotations

from typing import Any

from soak.histories import judge
from soak.histories.cards import Card
from soak.histories.world import World
from soak.histories.wrong import WrongError
from soak.oracle.facts import Looked
from soak.trials.stories.story import Story


class _OfACard(Story):
    status = ""
    """That it has before the step; nothing for a card that isn't there."""

    def __init__(self, world: World, subject: str = "tried") -> None:
        super().__init__(world, subject)
        self.card = Card(world, subject)

    @property
    def subject(self) -> str:
        return self.card.arn

    @property
    def judged(self) -> Card:
        return self.card

    def prepare(self) -> None:
        if not self.status:
            return
        self.card.create(
            "owner", "PendingReview" if self.status == "Approved" else self.status, risk="Low", filled=True
        )
        self._is_judged()
        if self.status == "Approved":
            self.card.set("approver", "Approved")
            self._is_judged()

    def _is_judged(self) -> None:
        self.rest_a_while()
        judge.card(self.world, self.card, judge.Counts())

    def wrong(self) -> str | None:
        return as_if_told(self.world, self.card) or self.what_is_wrong_of_all()


def as_if_told(world: World, card: Card) -> str | None:
    """What is wrong of a card, as if all news of it had arrived."""
    for change in card.history.changes:
        change.recorded = True
    card.history.looks.append(Looked(world.now(), full=True))
    try:
        judge.card(world, card, judge.Counts())
    except WrongError as wrong:
        return str(wrong)
    return None


class FirstPromotion(_OfACard):
    """Its owner makes a card that waits for its review."""

    name = "first promotion"

    def act(self) -> None:
        """Do what the story is about."""
        self.card.create("owner", "PendingReview", risk="Low", filled=True)


class Approval(_OfACard):
    """An approver approves it."""

    name = "approval"
    status = "PendingReview"

    def act(self) -> None:
        """Do what the story is about."""
        self.card.set("approver", "Approved")


class Revocation(_OfACard):
    """Its owner archives what was approved."""

    name = "revocation"
    status = "Approved"

    def act(self) -> None:
        """Do what the story is about."""
        self.card.set("owner", "Archived")


class Rejection(_OfACard):
    """An approver sends it back."""

    name = "rejection"
    status = "PendingReview"

    def act(self) -> None:
        """Do what the story is about."""
        self.card.set("approver", "Draft")


class SentBack(_OfACard):
    """Its owner wants another review of what was approved."""

    name = "sent back"
    status = "Approved"

    def act(self) -> None:
        """Its owner does it."""
        self.card.set("owner", "PendingReview")


class Deletion(_OfACard):
    """Its owner deletes what was approved."""

    name = "deletion"
    status = "Approved"

    def act(self) -> None:
        """Do what the story is about."""
        self.card.delete("owner")


class _SealedCard(Card):
    """A card that is encrypted with a key of its owner."""

    own_key = ""

    def _lets(self, who: str, operation: str, **request: Any) -> bool:
        if operation == "create_model_card":
            self.own_key = self.own_key or str(self.world.admin("kms").create_key()["KeyMetadata"]["Arn"])
            request["SecurityConfig"] = {"KmsKeyId": self.own_key}
        return super()._lets(who, operation, **request)

    def granted(self) -> frozenset[str]:
        """The accounts that our grants on the key let at this card."""
        found = self.world.admin("kms").list_grants(KeyId=self.own_key)["Grants"]
        context = {"aws:sagemaker:model-card-arn": self.arn}
        return frozenset(
            grant["GranteePrincipal"].split(":")[4]
            for grant in found
            if grant.get("Constraints", {}).get("EncryptionContextSubset") == context
        )


class _OfASealedCard(_OfACard):
    def __init__(self, world: World, subject: str = "tried") -> None:
        super().__init__(world, subject)
        self.card = self.sealed = _SealedCard(world, subject)

    def wrong(self) -> str | None:
        if found := super().wrong():
            return found
        stages = self.world.rules.stages
        must = {account for stage in stages if self.card.seen[stage.name] for account in stage.accounts}
        if (granted := self.sealed.granted()) != must:
            return f"{self.card.name}: its key is granted to {sorted(granted)}, must be to {sorted(must)}"
        return None


class SealedApproval(_OfASealedCard):
    """An approver approves a card that is encrypted with a key of its owner."""

    name = "encrypted card's approval"
    status = "PendingReview"

    def act(self) -> None:
        """An approver does it."""
        self.card.set("approver", "Approved")


class SealedRevocation(_OfASealedCard):
    """Its owner archives one that was approved."""

    name = "encrypted card's revocation"
    status = "Approved"

    def act(self) -> None:
        """Its owner does it."""
        self.card.set("owner", "Archived")


STORIES = (FirstPromotion, Approval, Revocation, Rejection, SentBack, Deletion, SealedApproval, SealedRevocation)
