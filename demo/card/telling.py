"""The card's story, ready to be told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from demo.card import promises
from demo.card.hands import CARD, Hands, card_arn
from demo.card.observers import CardObservers
from demo.card.plot import card
from demo.telling import Telling

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization


def tell(organization: Organization, settings: Path, *, judged: bool) -> Telling:
    """Return the story by the rules of `settings`, which always has rules for cards."""
    observers = CardObservers(organization, settings, card_arn(organization))
    hands = Hands(organization, promises.read(settings), observers, judged=judged)
    return Telling("card", CARD, observers, card(hands))
