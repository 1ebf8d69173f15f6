"""What is recorded of a package's cards, in its planner's state."""

import json
from collections.abc import Mapping

CARD, CARDS, OWN, HELD = "card", "cards", "own_card", "held_by"
"""The card that the package follows, all that its runs look at, that which its own card names, and whose word a stage
rests on, where that isn't the card that it follows.
"""


def recorded_cards(planner_state: Mapping[str, str]) -> tuple[str, ...]:
    """Return the cards that start a package's runs."""
    return tuple(json.loads(planner_state[CARDS])) if CARDS in planner_state else ()


def is_moved(before: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Tell whether a package's own card names another card than is recorded. Where no card was asked for, it isn't."""
    return CARDS in before and CARDS in now and before.get(OWN) != now.get(OWN)


def recorded_holders(planner_state: Mapping[str, str]) -> dict[str, str]:
    """Return whose word a stage rests on, where that isn't the card that the package follows: "" for nobody's."""
    return dict(json.loads(planner_state[HELD])) if HELD in planner_state else {}


def follows_another(before: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Tell whether a package, or one of its stages, follows another card than is recorded, or none any more: that has
    to be recorded.
    """
    return any(before.get(key) != now.get(key) for key in (CARD, HELD))
