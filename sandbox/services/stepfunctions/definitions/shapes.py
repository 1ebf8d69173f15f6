"""Between a workflow's JSON and an API operation's parameters: names, dates and blobs, by botocore's shapes.

Step Functions spells every member in PascalCase, whatever the API does:
https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from sandbox.services.stepfunctions.errors import RUNTIME, StateError


def to_request(value: Any, shape: Shape, at: str = "Arguments") -> Any:
    """A rendered `Arguments` as the API's parameters; StateError `States.Runtime` for a name it doesn't have."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        names = {_pascal(name): name for name in shape.members}
        unknown = sorted(set(value) - set(names))
        if unknown:
            raise StateError(RUNTIME, f"The field '{unknown[0]}' in {at} is not supported by Step Functions")
        return {names[key]: to_request(item, shape.members[names[key]], f"{at}.{key}") for key, item in value.items()}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [to_request(item, shape.member, at) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: to_request(item, shape.value, f"{at}.{key}") for key, item in value.items()}
    if shape.type_name == "blob":
        return value.encode() if isinstance(value, str) else json.dumps(value).encode()
    if shape.type_name == "string" and not isinstance(value, str):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)  # JSON given where a text is wanted
    return value


def from_response(value: Any, shape: Shape | None) -> Any:
    """An API answer as the state's result."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {
            _pascal(name): from_response(item, shape.members[name])
            for name, item in value.items()
            if name in shape.members
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [from_response(item, shape.member) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: from_response(item, shape.value) for key, item in value.items()}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, bytes):
        return value.decode()
    return value


def _pascal(name: str) -> str:
    return name[0].upper() + name[1:]
