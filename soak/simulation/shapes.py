"""What a request or an answer is at the other end of the wire, found without writing it down and reading it again.

Only for what is the same in JSON whoever writes and reads it; everything else takes the wire.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from enum import Enum
from functools import cache, partial
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.utils import parse_timestamp
from moto.core.serialize import TimestampSerializer

Reads = Callable[[Any], Any]
"""From a value that a service answers with to the one that its client gets."""

_timestamps = TimestampSerializer("unixtimestamp")


class UnusualError(TypeError):
    """A parameter that isn't simply itself in JSON."""


def sent(value: Any) -> Any:
    """A copy of what a client was given, as the service gets it. Raises UnusualError for what isn't plain."""
    kind = type(value)
    if kind is str or kind is bool or kind is int or kind is float:
        return value
    if kind is dict:
        return {str(name): sent(each) for name, each in value.items()}
    if kind is list or kind is tuple:
        return [sent(each) for each in value]
    if isinstance(value, Enum) and isinstance(value, str):
        return str(value.value)
    raise UnusualError(kind.__name__)


def received(model: OperationModel, answer: dict[str, Any]) -> dict[str, Any]:
    """A copy of what an operation answers with, as its client gets it."""
    if model.output_shape is None:
        return {}
    found: dict[str, Any] = _of(model.service_model.service_name).reader(model.output_shape)(answer)
    return found


class _Shapes:
    """The readers of one service's shapes, by name: shapes may have themselves inside."""

    def __init__(self) -> None:
        self._known: dict[str, Reads] = {}

    def reader(self, shape: Shape) -> Reads:
        """The one of a shape."""
        found = self._known.get(shape.name)
        if found is None:
            self._known[shape.name] = partial(self._read, shape.name)
            found = self._known[shape.name] = self._made(shape)
        return found

    def _read(self, name: str, value: Any) -> Any:
        return self._known[name](value)

    def _made(self, shape: Shape) -> Reads:
        if shape.name == "AttributeValue":
            return _attribute
        if isinstance(shape, StructureShape):
            return _structure([(name, self.reader(member)) for name, member in shape.members.items()])
        if isinstance(shape, ListShape):
            return _list(self.reader(shape.member))
        if isinstance(shape, MapShape):
            return _map(self.reader(shape.value))
        if shape.type_name == "timestamp":
            return _timestamp(shape)
        return _SCALARS.get(shape.type_name, _same)


@cache
def _of(_service: str) -> _Shapes:
    return _Shapes()


def _structure(members: list[tuple[str, Reads]]) -> Reads:
    def read(value: Any) -> Any:
        return {name: reads(value[name]) for name, reads in members if value.get(name) is not None}

    return read


def _list(reads: Reads) -> Reads:
    return lambda value: [reads(each) for each in value]


def _map(reads: Reads) -> Reads:
    return lambda value: {key: reads(each) for key, each in value.items()}


def _attribute(value: Any) -> Any:
    """A value of DynamoDB's: one member of ten."""
    ((kind, content),) = value.items()
    if kind == "M":
        return {"M": {key: _attribute(each) for key, each in content.items()}}
    if kind == "L":
        return {"L": [_attribute(each) for each in content]}
    if kind in ("SS", "NS"):
        return {kind: list(content)}
    return {kind: content}


def _same(value: Any) -> Any:
    return value


def _text(value: Any) -> str:
    if type(value) is str:
        return value
    return str(value.value if isinstance(value, Enum) else value)


def _timestamp(shape: Shape) -> Reads:
    def read(value: Any) -> Any:
        written: dict[str, Any] = {}
        _timestamps.serialize(written, value, shape, "at")
        return parse_timestamp(written["at"])

    return read


def _blob(value: Any) -> bytes:
    return base64.b64decode(base64.b64encode(value.encode() if isinstance(value, str) else value))


_SCALARS: dict[str, Reads] = {
    "string": _text,
    "character": _text,
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "blob": _blob,
}
