"""What lies at the address decides whether Bedrock can import it; each reason says what to do."""

import json

import pytest

from stagegate.subjects.packages.artifacts import Stored
from stagegate.subjects.packages.imports.weights import GB, weights_findings
from tests.support.builders import CREATED
from tests.support.imports import WEIGHTS

CONFIG = json.dumps({"architectures": ["MistralForCausalLM"]})
FILES = {"config.json": 600, "model.safetensors": 5 * GB, "tokenizer.json": 900}


def codes(
    files: dict[str, int], config: str | None = CONFIG, region: str = "us-east-1", index: str | None = None
) -> list[str]:
    objects = [
        Stored(key=f"{WEIGHTS.key}{name}", version_id="1", etag="e", size=size, written=CREATED)
        for name, size in files.items()
    ]
    return [finding.code for finding in weights_findings(WEIGHTS, objects, config, region, index=index)]


def without(name: str) -> dict[str, int]:
    return {each: size for each, size in FILES.items() if each != name}


def named(*architectures: str) -> str:
    return json.dumps({"architectures": architectures})


@pytest.mark.parametrize(
    ("files", "config", "region", "expected"),
    [
        (FILES, CONFIG, "us-east-1", []),
        ({**without("tokenizer.json"), "tokenizer.model": 9}, CONFIG, "us-east-1", []),
        (FILES, CONFIG, "eu-west-1", ["ImportRegion"]),
        ({}, None, "us-east-1", ["ImportEmpty"]),
        ({"model.tar.gz": 9}, None, "us-east-1", ["ImportArchive"]),
        ({**FILES, "model.tar.gz": 9}, CONFIG, "us-east-1", ["ImportArchive"]),
        (without("model.safetensors"), CONFIG, "us-east-1", ["ImportNoWeights"]),
        (
            {**without("model.safetensors"), "pytorch_model.bin": 9},
            CONFIG,
            "us-east-1",
            ["ImportNoWeights"],
        ),
        (without("config.json"), None, "us-east-1", ["ImportNoConfig"]),
        (without("tokenizer.json"), CONFIG, "us-east-1", ["ImportNoTokenizer"]),
        (FILES, "not json", "us-east-1", ["ImportConfig"]),
        (FILES, "{}", "us-east-1", ["ImportConfig"]),
        (FILES, '{"architectures": []}', "us-east-1", ["ImportConfig"]),
        (FILES, named("BertModel"), "us-east-1", ["ImportArchitecture"]),
        (FILES, named("GptOssForCausalLM"), "us-west-2", ["ImportArchitecture"]),
        (FILES, named("GptOssForCausalLM"), "us-east-1", []),
        ({**FILES, "b.safetensors": 194 * GB}, CONFIG, "us-east-1", []),
        ({**FILES, "b.safetensors": 195 * GB}, CONFIG, "us-east-1", ["ImportTooLarge"]),
        ({**FILES, "b.safetensors": 95 * GB}, named("MllamaForConditionalGeneration"), "us-east-1", ["ImportTooLarge"]),
    ],
)
def test_a_folder_is_judged(files: dict[str, int], config: str | None, region: str, expected: list[str]) -> None:
    assert codes(files, config, region) == expected


SHARDS = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
INDEX = "model.safetensors.index.json"


def index_of(*names: str, size: object = 200) -> str:
    return json.dumps({"metadata": {"total_size": size}, "weight_map": {f"layer.{name}": name for name in names}})


def sharded(*names: str, index: str | None) -> list[str]:
    """What is found of a model in such shards of 100 bytes each."""
    files = {**without("model.safetensors"), **dict.fromkeys(names, 100), **({INDEX: 9} if index is not None else {})}
    return codes(files, index=index)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {f"merged/{name}": size for name, size in FILES.items()},
            ["ImportNoWeights", "ImportNoConfig", "ImportNoTokenizer"],
        ),
        ({**without("config.json"), "deep/config.json": 9}, ["ImportNoConfig"]),
        ({**without("tokenizer.json"), "deep/tokenizer.json": 9}, ["ImportNoTokenizer"]),
        ({**FILES, "code/old.tar.gz": 9, "code/adapter_config.json": 9}, []),
        ({**FILES, "adapter_config.json": 9, "adapter_model.safetensors": 9}, ["ImportAdapter"]),
        ({**without("model.safetensors"), "model.gguf": 9}, ["ImportNoWeights"]),
    ],
)
def test_only_the_top_of_the_folder_counts(files: dict[str, int], expected: list[str]) -> None:
    assert codes(files, CONFIG if "config.json" in files else None) == expected


def test_the_folder_of_a_configuration_further_down_is_named() -> None:
    objects = [Stored(key=f"{WEIGHTS.key}merged/config.json", version_id="1", etag="e", size=1, written=CREATED)]
    found = weights_findings(WEIGHTS, objects, None, "us-east-1")
    assert any(f"There is one in {WEIGHTS}merged/" in finding.detail for finding in found)


@pytest.mark.parametrize(
    ("names", "index", "expected"),
    [
        (SHARDS, index_of(*SHARDS), []),
        (SHARDS[:1], index_of(*SHARDS), ["ImportShardMissing"]),
        (SHARDS[:1], None, ["ImportShardMissing"]),
        (SHARDS, index_of(*SHARDS, "deep/more.safetensors"), ["ImportShardMissing"]),
        (SHARDS, index_of(*SHARDS, size=201), ["ImportShardMissing"]),
        (SHARDS, index_of(*SHARDS, size="many"), []),
        (SHARDS, None, ["ImportIndex"]),
        (SHARDS, "no json", ["ImportIndex"]),
        (SHARDS, "[]", ["ImportIndex"]),
        (SHARDS, '{"weight_map": {"a": 1}}', ["ImportIndex"]),
    ],
)
def test_what_the_index_names_is_there(names: tuple[str, ...], index: str | None, expected: list[str]) -> None:
    assert sharded(*names, index=index) == expected
