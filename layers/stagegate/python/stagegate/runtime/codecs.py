"""Our own values as JSON, between our own functions. Foreign input is decoded by `events` and `settings` instead."""

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

import dacite

from stagegate.domain.fences import LowerFence, RaiseFence
from stagegate.domain.guardrails.changes import LowerBoundary, LowerScp, RaiseBoundary, RaiseScp, SetDirectDeployment
from stagegate.domain.hubs import MakeHub, RemoveContents, RemoveHub, SetReferences
from stagegate.domain.plan import Change
from stagegate.domain.policy_changes import CloseTarget, OpenTarget, Surface
from stagegate.domain.shares import CloseShare, OpenShare

T = TypeVar("T")

CHANGES: Mapping[str, tuple[str, type[Change]]] = {
    "RaiseFence": ("fence", RaiseFence),
    "CloseShare": ("share", CloseShare),
    "OpenShare": ("share", OpenShare),
    "LowerFence": ("fence", LowerFence),
    "CloseTarget": ("policy", CloseTarget),
    "OpenTarget": ("policy", OpenTarget),
    "RaiseBoundary": ("boundary", RaiseBoundary),
    "LowerBoundary": ("boundary", LowerBoundary),
    "RaiseScp": ("fence", RaiseScp),
    "LowerScp": ("fence", LowerScp),
    "SetDirectDeployment": ("boundary", SetDirectDeployment),
    "MakeHub": ("hub", MakeHub),
    "SetReferences": ("hub", SetReferences),
    "RemoveContents": ("hub", RemoveContents),
    "RemoveHub": ("hub", RemoveHub),
}
"""Every kind of change, and the surface (so the function) that applies it."""

_ALONE = {Surface.IMPORT_ROLE: "import-role", Surface.MODEL_IMPORT: "import"}
"""Targets that one subject alone writes, each with a function of its own."""

_CONFIG = dacite.Config(cast=[Enum, tuple, frozenset], type_hooks={datetime: datetime.fromisoformat})


def to_json(value: Any) -> dict[str, Any]:
    """Return a dataclass as JSON values: enumerations by value, times in ISO 8601, sets in order."""
    return asdict(value, dict_factory=lambda pairs: {name: _plain(item) for name, item in pairs})


def from_json(kind: type[T], found: Mapping[str, Any]) -> T:
    """Return the dataclass that `to_json` made. Raises dacite.DaciteError for anything else."""
    return dacite.from_dict(kind, dict(found), _CONFIG)


def change_to_json(change: Change) -> dict[str, Any]:
    """Return a change as the state machine routes it: `surface`, `kind` and `change`."""
    kind = type(change).__name__
    surface = CHANGES[kind][0]
    if isinstance(change, CloseTarget | OpenTarget):
        surface = _ALONE.get(change.target.surface, surface)
    return {"surface": surface, "kind": kind, "change": to_json(change)}


def change_from_json(found: Mapping[str, Any]) -> Change:
    """Return the change that `change_to_json` made."""
    return from_json(CHANGES[found["kind"]][1], found["change"])


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted((_plain(item) for item in value), key=json.dumps)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):  # in a set: `asdict` takes sets for plain values
        return to_json(value)
    return value
