"""A plan's changes as JSON, as the state machine routes them to the functions that apply them."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from stagegate.aws.json import from_json, to_json
from stagegate.targets.target import CloseTarget, OpenTarget, TargetType

if TYPE_CHECKING:
    from stagegate.plans.change import Change

SURFACES: Mapping[str, str] = {
    "DenyWrites": "fence",
    "CloseShare": "share",
    "OpenShare": "share",
    "AllowWrites": "fence",
    "CloseTarget": "policy",
    "OpenTarget": "policy",
    "PutBoundary": "boundary",
    "RemoveBoundary": "boundary",
    "PutScp": "fence",
    "RemoveScp": "fence",
    "SetDirectDeployment": "boundary",
    "MakeHub": "hub",
    "SetReferences": "hub",
    "RemoveContents": "hub",
    "RemoveHub": "hub",
}
"""Every kind of change by name, and the surface (so the function) that applies it. No function loads all of them."""

_ALONE = {TargetType.IMPORT_ROLE: "import-role", TargetType.MODEL_IMPORT: "import"}
"""Targets that one subject alone writes, each with a function of its own."""


def change_to_json(change: "Change") -> dict[str, Any]:
    """Return a change as the state machine routes it: `surface`, `kind` and `change`."""
    kind = type(change).__name__
    surface = SURFACES[kind]
    if isinstance(change, CloseTarget | OpenTarget):
        surface = _ALONE.get(change.target.type, surface)
    return {"surface": surface, "kind": kind, "change": to_json(change)}


def change_from_json(found: Mapping[str, Any], kinds: Collection[type[Any]]) -> Any:
    """Return the change that `change_to_json` made, of one of these kinds. Raises TypeError for another surface's."""
    for kind in kinds:
        if kind.__name__ == found["kind"]:
            return from_json(kind, found["change"])
    raise TypeError(f"{found['kind']} is none of {', '.join(kind.__name__ for kind in kinds)}")
