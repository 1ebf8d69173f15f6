"""A plan's changes as JSON, as the state machine routes them to the functions that apply them."""

from collections.abc import Collection, Mapping
from typing import Any

from stagegate.aws.json import from_json, to_json
from stagegate.core.errors import PlannedByAnotherReleaseError
from stagegate.plans.change import Change


def change_to_json(change: Change) -> dict[str, Any]:
    """Return a change as the state machine routes it: `surface`, `closes`, `places`, `kind` and `change`."""
    return {
        "surface": change.surface,
        "closes": change.closes,
        "places": list(change.places),
        "kind": type(change).__name__,
        "change": to_json(change),
    }


def change_from_json(found: Mapping[str, Any], kinds: Collection[type[Any]]) -> Any:
    """Return the change that `change_to_json` made, of one of these kinds.

    Raises PlannedByAnotherReleaseError for a kind that isn't among them, and one that isn't understood to the letter.
    """
    for kind in kinds:
        if kind.__name__ == found["kind"]:
            return from_json(kind, found["change"])
    known = ", ".join(kind.__name__ for kind in kinds)
    raise PlannedByAnotherReleaseError(f"{found['kind']} is none of {known}")
