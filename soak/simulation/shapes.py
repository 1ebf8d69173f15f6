"""What a request or an answer is at the other end of the wire, found without writing it down and reading it again.

Only for what is the same in JSON whoever writes and reads it; everything else takes the wire.
"""

from __future__ import annotations

import base64
import math
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


def is_valid(model: OperationModel, parameters: dict[str, Any]) -> bool:
    """Whether botocore surely takes the parameters; what it says of others, it has to say itself."""
    return model.input_shape is not None and _of(model.service_model.service_name).taker(model.input_shape)(parameters)


class _Shapes:
    """The readers of one service's shapes, by name: shapes may have themselves inside."""

    def __init__(self) -> None:
        self._known: dict[str, Reads] = {}
        self._takers: dict[str, Callable[[Any], bool]] = {}

    def reader(self, shape: Shape) -> Reads:
        """The one of a shape."""
        found = self._known.get(shape.name)
        if found is None:
            self._known[shape.name] = partial(self._read, shape.name)
            found = self._known[shape.name] = self._made(shape)
        return found

    def taker(self, shape: Shape) -> Callable[[Any], bool]:
        """What says whether a value surely is of a shape."""
        found = self._takers.get(shape.name)
        if found is None:
            self._takers[shape.name] = lambda value: self._takers[shape.name](value)  # noqa: PLW0108  it isn't there yet
            found = self._takers[shape.name] = self._taker_made(shape)
        return found

    def _taker_made(self, shape: Shape) -> Callable[[Any], bool]:
        if isinstance(shape, StructureShape) and not shape.is_document_type and not shape.is_tagged_union:
            return _takes_structure(shape, {name: self.taker(member) for name, member in shape.members.items()})
        if isinstance(shape, ListShape):
            item, least = self.taker(shape.member), shape.metadata.get("min", 0)
            return lambda value: type(value) is list and len(value) >= least and all(map(item, value))
        if isinstance(shape, MapShape):
            each, least = self.taker(shape.value), shape.metadata.get("min", 0)
            return lambda value: (
                type(value) is dict
                and len(value) >= least
                and all(type(key) is str and key for key in value)
                and all(map(each, value.values()))
            )
        if shape.name == "AttributeValue":
            return _takes_attribute
        if shape.type_name == "string":
            least = shape.metadata.get("min", 0)
            return lambda value: type(value) is str and len(value) >= least
        if shape.type_name == "boolean":
            return lambda value: type(value) is bool
        if shape.type_name in ("integer", "long"):
            least = shape.metadata.get("min", -math.inf)
            return lambda value: type(value) is int and value >= least
        return lambda _value: False

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


def _takes_structure(shape: StructureShape, members: dict[str, Callable[[Any], bool]]) -> Callable[[Any], bool]:
    required = frozenset(shape.required_members)

    def takes(value: Any) -> bool:
        return (
            type(value) is dict
            and required <= value.keys()
            and all(name in members and members[name](each) for name, each in value.items())
        )

    return takes


def _takes_attribute(value: Any) -> bool:
    if type(value) is not dict or len(value) != 1:
        return False
    ((kind, content),) = value.items()
    if kind in ("S", "N"):
        return type(content) is str
    if kind == "M":
        return (
            type(content) is dict
            and all(type(key) is str for key in content)
            and all(map(_takes_attribute, content.values()))
        )
    if kind == "L":
        return type(content) is list and all(map(_takes_attribute, content))
    return kind == "BOOL" and type(content) is bool


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
