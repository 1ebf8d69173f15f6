"""What lies at the address decides whether Bedrock can import it; each reason says what to do."""

import json

import pytest

from stagegate.subjects.packages.artifacts import Stored
from stagegate.subjects.packages.imports.weights import GB, weights_findings
from tests.support.builders import CREATED
from tests.support.imports import WEIGHTS

CONFIG = json.dumps({"architectures": ["MistralForCausalLM"]})
FILES = {"config.json": 600, "model-00001-of-00002.safetensors": 5 * GB, "tokenizer.json": 900}


def codes(files: dict[str, int], config: str | None = CONFIG, region: str = "us-east-1") -> list[str]:
    objects = [
        Stored(key=f"{WEIGHTS.key}{name}", version_id="1", etag="e", size=size, written=CREATED)
        for name, size in files.items()
    ]
    return [finding.code for finding in weights_findings(WEIGHTS, objects, config, region)]


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
        (without("model-00001-of-00002.safetensors"), CONFIG, "us-east-1", ["ImportNoWeights"]),
        (
            {**without("model-00001-of-00002.safetensors"), "pytorch_model.bin": 9},
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
