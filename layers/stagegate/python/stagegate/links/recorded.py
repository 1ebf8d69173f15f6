"""What is recorded of a package's cards, in its planner's state."""

import json
from collections.abc import Mapping

CARD, CARDS, OWN = "card", "cards", "own_card"
"""The card that the package follows, all that its runs look at, and that which its own card names."""


def recorded_cards(planner_state: Mapping[str, str]) -> tuple[str, ...]:
    """Return the cards that start a package's runs."""
    return tuple(json.loads(planner_state[CARDS])) if CARDS in planner_state else ()


def is_moved(before: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Tell whether a package's own card names another card than is recorded. Where no card was asked for, it isn't."""
    return CARDS in before and CARDS in now and before.get(OWN) != now.get(OWN)


def follows_another(before: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Tell whether a package follows another card than is recorded, or none any more: that has to be recorded."""
    return before.get(CARD) != now.get(CARD)
