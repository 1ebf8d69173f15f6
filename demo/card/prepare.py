"""The card's story, made ready to be played."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from demo.card import expectations
from demo.card.actions import CARD, Actions, card_arn
from demo.card.observers import CardObservers
from demo.card.scenario import card
from demo.prepare import PreparedStory

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization


def prepare(organization: Organization, settings: Path, *, judged: bool) -> PreparedStory:
    """Return the story by the rules of `settings`, which always has rules for cards."""
    observers = CardObservers(organization, settings, card_arn(organization))
    actions = Actions(organization, expectations.read(settings), observers, judged=judged)
    return PreparedStory("card", CARD, observers, card(actions))
