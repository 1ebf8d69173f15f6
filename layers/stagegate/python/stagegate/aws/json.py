"""Our own values as JSON, between our own functions. What others write is decoded elsewhere: events in
`aws/cloudtrail.py` and `subjects/*/audit.py`, governance.toml in `rules`.
"""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

import dacite

from stagegate.core.errors import PlannedByAnotherReleaseError

T = TypeVar("T")

_NONE = object()
_AS_THEY_ARE = (str, int, bool, float)
_CONFIG = dacite.Config(cast=[Enum, tuple, frozenset], type_hooks={datetime: datetime.fromisoformat})


def to_json(value: Any) -> dict[str, Any]:
    """Return a dataclass as JSON values: enumerations by value, times in ISO 8601, sets in order."""
    return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}


def from_json(kind: type[T], found: Mapping[str, Any]) -> T:
    """Return the dataclass that `to_json` made, understood to the letter: no field is unknown, and none is missing.

    Raises PlannedByAnotherReleaseError for anything else: a field that another release knows would be lost in silence.
    """
    try:
        made = dacite.from_dict(kind, dict(found), _CONFIG)
    except (dacite.DaciteError, TypeError, ValueError) as error:
        raise PlannedByAnotherReleaseError(f"{kind.__name__}: {error}") from error
    again = to_json(made)
    if again != found:
        odd = sorted(name for name in {*again, *found} if again.get(name, _NONE) != found.get(name, _NONE))
        raise PlannedByAnotherReleaseError(f"{kind.__name__}: not understood to the letter: {', '.join(odd)}")
    return made


def _plain(value: Any) -> Any:
    if value is None or type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted((_plain(item) for item in value), key=json.dumps)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return to_json(value)
    return value
