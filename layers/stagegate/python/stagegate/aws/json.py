"""Our own values as JSON, between our own functions. What others write is decoded elsewhere: events in
`aws/cloudtrail.py` and `subjects/*/audit.py`, governance.toml in `rules`.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

import dacite

T = TypeVar("T")

_CONFIG = dacite.Config(cast=[Enum, tuple, frozenset], type_hooks={datetime: datetime.fromisoformat})


def to_json(value: Any) -> dict[str, Any]:
    """Return a dataclass as JSON values: enumerations by value, times in ISO 8601, sets in order."""
    return asdict(value, dict_factory=lambda pairs: {name: _plain(item) for name, item in pairs})


def from_json(kind: type[T], found: Mapping[str, Any]) -> T:
    """Return the dataclass that `to_json` made. Raises dacite.DaciteError for anything else."""
    return dacite.from_dict(kind, dict(found), _CONFIG)


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
