"""The card's story, ready to be told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.demo.card import promises
from sandbox.demo.card.hands import CARD, Hands, card_arn
from sandbox.demo.card.observers import CardObservers
from sandbox.demo.card.plot import card
from sandbox.demo.telling import Telling

if TYPE_CHECKING:
    from sandbox.organization import Organization


def tell(organization: Organization, settings: Path, *, judged: bool) -> Telling:
    """Return the story by the rules of `settings`, which always has rules for cards."""
    observers = CardObservers(organization, settings, card_arn(organization))
    hands = Hands(organization, promises.read(settings), observers, judged=judged)
    return Telling("card", CARD, observers, card(hands))
