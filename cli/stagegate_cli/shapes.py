"""The shapes of what `--json` prints: each is a dataclass, and says itself what its fields mean. Pure."""

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import datetime
from typing import Any

_PLAIN: Mapping[Any, str] = {str: "string", bool: "boolean", int: "integer", float: "number", datetime: "string"}


def schema(of: Any) -> dict[str, Any]:
    """Return the JSON Schema of a dataclass, or of the type of one of its fields."""
    if of in _PLAIN:
        found: dict[str, Any] = {"type": _PLAIN[of]}
        return {**found, "format": "date-time"} if of is datetime else found
    if dataclasses.is_dataclass(of):
        fields = _fields(of)
        return {
            "type": "object",
            "properties": {name: schema(kind) for name, kind in fields.items()},
            "required": list(fields),
            "additionalProperties": False,
        }
    origin, arguments = typing.get_origin(of), typing.get_args(of)
    if origin is list:
        return {"type": "array", "items": schema(arguments[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": schema(arguments[1])}
    if origin in (types.UnionType, typing.Union):
        return {"anyOf": [{"type": "null"} if each is type(None) else schema(each) for each in arguments]}
    raise TypeError(f"{of!r} has no shape in JSON")


def drawn(of: Any, indent: str = "") -> str:
    """Return the shape as people read it: JSON with types in place of values."""
    if of in _PLAIN:
        return "time" if of is datetime else _PLAIN[of]
    if dataclasses.is_dataclass(of):
        lines = [f'{indent}  "{name}": {drawn(kind, f"{indent}  ")}' for name, kind in _fields(of).items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    origin, arguments = typing.get_origin(of), typing.get_args(of)
    if origin is list:
        return f"[{drawn(arguments[0], indent)}]"
    if origin is dict:
        return f'{{"…": {drawn(arguments[1], indent)}}}'
    return " or ".join("null" if each is type(None) else drawn(each, indent) for each in arguments)


def meanings(of: Any) -> list[tuple[str, str]]:
    """Return what the dataclass means and those within it, by their names, each once."""
    found: dict[str, str] = {}
    _collect(of, found)
    return list(found.items())


def _collect(of: Any, found: dict[str, str]) -> None:
    if dataclasses.is_dataclass(of):
        name = of.__name__ if isinstance(of, type) else type(of).__name__
        if name not in found:
            found[name] = " ".join((of.__doc__ or "").split())
            for kind in _fields(of).values():
                _collect(kind, found)
    for each in typing.get_args(of):
        _collect(each, found)


def _fields(of: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(of)
    return {each.name: hints[each.name] for each in dataclasses.fields(of)}
