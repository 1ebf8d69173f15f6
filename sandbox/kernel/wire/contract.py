"""What a request and a response of an AWS operation must look like, taken from botocore's models.

botocore itself checks only types and required members of a request, and nothing of a response. AWS also checks
lengths, ranges, patterns and enumerations, and a backend that answers with a member that AWS doesn't have would teach
the product something false. Both are found here, in one place, for every operation the sandbox adds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import regex  # type: ignore[import-untyped]  # patterns use \p{L}, which the standard library doesn't know
from botocore.model import ListShape, MapShape, OperationModel, Shape, StringShape, StructureShape

from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire.models import service_model

_SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "character": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (datetime, int, float),
    "blob": (bytes, str),
}


class ContractError(AssertionError):
    """The sandbox answered with something that AWS's model doesn't allow: a fault of the sandbox, never of its user."""


tolerated: set[tuple[str, str]] = set()
"""(operation, member): what a response may have beyond its shape, where a test asks what would be if AWS did that."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One place where a value breaks its shape. `path` is like `Tags[0].Key`, empty for the whole input."""

    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.path or 'input'}: {self.problem}"


def operation_model(service: str, operation: str) -> OperationModel:
    """The model of an operation in its API spelling (`UpdateModelCard`)."""
    return service_model(service).operation_model(operation)


def request_violations(service: str, operation: str, request: Mapping[str, Any]) -> list[Violation]:
    """Everything in which a request breaks the input shape of its operation."""
    return list(_check(operation_model(service, operation).input_shape, request, ""))


def require_response(service: str, operation: str, response: Mapping[str, Any]) -> None:
    """Return if `response` fits the operation's output shape, else raise ContractError naming operation and path."""
    found = [
        violation
        for violation in _check(operation_model(service, operation).output_shape, response, "")
        if (operation, violation.path.rpartition(".")[2]) not in tolerated
    ]
    if found:
        raise ContractError(f"{service}:{operation} answered out of contract: " + "; ".join(map(str, found)))


def _check(shape: Shape | None, value: Any, path: str) -> Iterator[Violation]:
    if shape is None:
        if value:
            yield Violation(path, f"unexpected members {sorted(value)}")
    elif isinstance(shape, StructureShape) and shape.serialization.get("eventstream"):
        for event in value:  # a stream is a series of its shape
            yield from _structure(shape, event, path)
    elif isinstance(shape, StructureShape):
        yield from _structure(shape, value, path)
    elif isinstance(shape, ListShape):
        yield from _list(shape, value, path)
    elif isinstance(shape, MapShape):
        yield from _map(shape, value, path)
    else:
        yield from _scalar(shape, value, path)


def _structure(shape: StructureShape, value: Any, path: str) -> Iterator[Violation]:
    if not isinstance(value, Mapping):
        yield Violation(path, f"expected a structure, got {type(value).__name__}")
        return
    for name in shape.required_members:
        if value.get(name) is None:
            yield Violation(_join(path, name), "must not be null")
    for name, member in value.items():
        if name not in shape.members:
            yield Violation(_join(path, name), f"unknown member; allowed are {sorted(shape.members)}")
        elif member is not None:
            yield from _check(shape.members[name], member, _join(path, name))


def _list(shape: ListShape, value: Any, path: str) -> Iterator[Violation]:
    if not isinstance(value, list | tuple):
        yield Violation(path, f"expected a list, got {type(value).__name__}")
        return
    yield from _bounds(shape, len(value), path, "length")
    for index, item in enumerate(value):
        yield from _check(shape.member, item, f"{path}[{index}]")


def _map(shape: MapShape, value: Any, path: str) -> Iterator[Violation]:
    if not isinstance(value, Mapping):
        yield Violation(path, f"expected a map, got {type(value).__name__}")
        return
    yield from _bounds(shape, len(value), path, "length")
    for key, item in value.items():
        yield from _check(shape.key, key, _join(path, "(key)"))
        yield from _check(shape.value, item, _join(path, str(key)))


def _scalar(shape: Shape, value: Any, path: str) -> Iterator[Violation]:
    expected: Any = _SCALARS[shape.type_name]
    if not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected):
        yield Violation(path, f"expected {shape.type_name}, got {type(value).__name__}")
    elif isinstance(shape, StringShape):
        yield from _string(shape, value, path)
    elif isinstance(value, int | float):
        yield from _bounds(shape, value, path, "value")


def _string(shape: StringShape, value: str, path: str) -> Iterator[Violation]:
    yield from _bounds(shape, len(value), path, "length")
    if shape.enum and value not in shape.enum:
        yield Violation(path, f"value {value!r} must satisfy enum value set: {list(shape.enum)}")
    pattern = shape.metadata.get("pattern")
    # `.*` stands for any text in AWS's models, line ends included (a card's pretty-printed Content).
    if pattern and not _compiled(pattern).fullmatch(value):
        yield Violation(path, f"value {value[:80]!r} must satisfy regular expression pattern: {pattern}")


@cache
def _compiled(pattern: str) -> Any:
    """A pattern as it is where the sandbox lies: those of Organizations and others have the ARNs of `aws` alone."""
    pattern = pattern.replace("arn:aws:", f"arn:{PARTITION}:")
    return regex.compile(pattern, flags=regex.DOTALL)


def _bounds(shape: Shape, size: float, path: str, what: str) -> Iterator[Violation]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield Violation(path, f"{what} {size} must be greater than or equal to {least}")
    if most is not None and size > most:
        yield Violation(path, f"{what} {size} must be less than or equal to {most}")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
