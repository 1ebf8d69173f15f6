"""The sandbox's Bedrock reads weights by itself, and takes exactly those files that the format's own library takes."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import safetensors

from sandbox.services.bedrock.safetensors_files import NotSafetensorsError, shapes
from sandbox.stagegate import tiny_model

WEIGHTS = tiny_model.files()["model.safetensors"]
HEADER = int.from_bytes(WEIGHTS[:8], "little")


def by_the_library(content: bytes) -> dict[str, tuple[int, ...]] | None:
    try:
        return {name: tuple(tensor["shape"]) for name, tensor in safetensors.deserialize(content)}  # type: ignore[no-untyped-call]
    except safetensors.SafetensorError:
        return None


def by_us(content: bytes) -> dict[str, tuple[int, ...]] | None:
    try:
        return shapes(content)
    except NotSafetensorsError:
        return None


def written(header: Any, size: int = 0) -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + bytes(size)


def tensor(**more: Any) -> dict[str, Any]:
    return {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **more}


def test_a_model_of_the_library_is_read_as_what_its_configuration_says() -> None:
    assert by_us(WEIGHTS) == by_the_library(WEIGHTS) == dict(tiny_model.SHAPES)


@pytest.mark.parametrize("dtype", ["BOOL", "F4", "F6_E2M3", "F8_E4M3", "BF16", "F32", "C64", "F64", "F16", "U16", "X"])
def test_types_have_their_sizes(dtype: str) -> None:
    taken = []
    for size in range(17):
        content = written({"a": tensor(dtype=dtype, data_offsets=[0, size])}, size)
        assert by_us(content) == by_the_library(content)
        taken += [size] if by_us(content) is not None else []
    assert len(taken) == (dtype not in {"X", "F6_E2M3"})


TAKEN = [
    written({}),
    written({"__metadata__": {"format": "pt"}}),
    written({"__metadata__": None}),
    written({"a": tensor()}, 8),
    written({"a": tensor(shape=[0], data_offsets=[0, 0])}),
    written({"a": tensor(), "b": tensor(data_offsets=[8, 16])}, 16),
]
REFUSED = [
    b"",
    b"weights",
    b"\x80\x02}q\x00(X\x05\x00\x00\x00model" * 3,
    written([]),
    written({"__metadata__": {"format": 1}}),
    written({"__metadata__": []}),
    written({"a": 1}),
    written({"a": tensor()}, 9),
    written({"a": tensor(data_offsets=[1, 9])}, 9),
    written({"a": tensor(shape=[-2])}, 8),
    written({"a": tensor(shape=[2.0])}, 8),
    written({"a": tensor(), "b": tensor()}, 8),
]


@pytest.mark.parametrize("content", TAKEN)
def test_what_the_library_takes_is_taken(content: bytes) -> None:
    assert by_the_library(content) is not None
    assert by_us(content) == by_the_library(content)


@pytest.mark.parametrize("content", REFUSED)
def test_what_the_library_refuses_is_refused(content: bytes) -> None:
    assert by_the_library(content) is None
    assert by_us(content) is None


def damaged() -> Iterator[bytes]:
    """Cut off somewhere, or with another byte somewhere in the header."""
    yield from (WEIGHTS[:at] for at in range(0, len(WEIGHTS), 31))
    for at in range(0, 8 + HEADER, 7):
        for byte in b'05"{],\x00\xff':
            yield WEIGHTS[:at] + bytes([byte]) + WEIGHTS[at + 1 :]


def test_what_is_damaged_is_refused_by_both_or_by_none() -> None:
    found = [(by_us(content), by_the_library(content)) for content in damaged()]
    assert [pair for pair in found if pair[0] != pair[1]] == []
    assert any(ours is None for ours, _ in found)
    assert any(ours is not None for ours, _ in found)
