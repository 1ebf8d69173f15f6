"""Files of weights: what the format says of them, checked without the library that writes them.

Eight bytes that say how long the header is (little-endian), the header (a JSON object: for each tensor its type, its
shape, and from where to where its bytes are), and the bytes, each of which belongs to exactly one tensor:
https://huggingface.co/docs/safetensors/index#format
"""

from __future__ import annotations

import json
from math import prod
from typing import Any  # JSON

_LENGTH = 8
_LONGEST_HEADER = 100_000_000
_BITS = {
    **dict.fromkeys(("F4",), 4),
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("I16", "U16", "F16", "BF16"), 16),
    **dict.fromkeys(("I32", "U32", "F32"), 32),
    **dict.fromkeys(("C64", "F64", "I64", "U64"), 64),
}
_METADATA = "__metadata__"


class NotSafetensorsError(ValueError):
    """What is wrong with a file, or with what was sent in place of one."""


def shapes(content: bytes) -> dict[str, tuple[int, ...]]:
    """Return each tensor's shape by its name. Raises NotSafetensorsError."""
    header = _header(content)
    size = len(content) - _LENGTH - int.from_bytes(content[:_LENGTH], "little")
    found: dict[str, tuple[int, ...]] = {}
    spans: list[tuple[int, int]] = []
    for name, tensor in header.items():
        if name != _METADATA:
            found[name], span = _tensor(name, tensor)
            spans.append(span)
    end = 0
    for start, next_end in sorted(spans):
        if start != end:
            raise NotSafetensorsError(f"the bytes from {end} to {start} are of no tensor, or of two")
        end = next_end
    if end != size:
        raise NotSafetensorsError(f"its tensors have {end} bytes, the file has {size} for them")
    return found


def _header(content: bytes) -> dict[str, Any]:
    length = int.from_bytes(content[:_LENGTH], "little")
    if len(content) < _LENGTH or length > min(_LONGEST_HEADER, len(content) - _LENGTH):
        raise NotSafetensorsError("it doesn't begin with the length of a header")
    try:
        header = json.loads(content[_LENGTH : _LENGTH + length])
    except ValueError as error:
        raise NotSafetensorsError("its header isn't JSON") from error
    if not isinstance(header, dict):
        raise NotSafetensorsError("its header isn't a JSON object")
    metadata = header.get(_METADATA)
    is_of_texts = isinstance(metadata, dict) and all(isinstance(value, str) for value in metadata.values())
    if not is_of_texts and metadata is not None:
        raise NotSafetensorsError(f"{_METADATA} in its header isn't of texts")
    return header


def _tensor(name: str, tensor: Any) -> tuple[tuple[int, ...], tuple[int, int]]:
    """Return a tensor's shape, and from where to where its bytes are."""
    try:
        bits, shape = _BITS[tensor["dtype"]], tuple(map(_count, tensor["shape"]))
        start, end = map(_count, tensor["data_offsets"])
    except (KeyError, TypeError, ValueError) as error:
        raise NotSafetensorsError(f"its header doesn't say what tensor {name} is") from error
    if (end - start) * 8 != prod(shape) * bits:
        raise NotSafetensorsError(f"tensor {name} has {end - start} bytes, which isn't what its shape takes")
    return shape, (start, end)


def _count(number: Any) -> int:
    if type(number) is not int or number < 0:
        raise ValueError(number)
    return number
