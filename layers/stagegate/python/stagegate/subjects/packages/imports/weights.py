"""What lies at a package's address, beside what Bedrock can import.

Source: "Import a customized model into Amazon Bedrock", Amazon Bedrock user guide: Hugging Face weights as safetensors,
with the configuration and the tokenizer beside them; architectures; less than 200 GB (100 GB for multimodal models).
"""

import json
from collections.abc import Collection, Iterable

from stagegate.core.addresses import S3Uri
from stagegate.core.findings import Finding, blocked
from stagegate.subjects.packages.artifacts import Stored

GB = 1024**3
LARGEST = 200 * GB
LARGEST_MULTIMODAL = 100 * GB

REGIONS = ("eu-central-1", "us-east-1", "us-east-2", "us-west-2")

TEXT = frozenset(
    {
        "GPTBigCodeForCausalLM",
        "GptOssForCausalLM",
        "LlamaForCausalLM",
        "MistralForCausalLM",
        "MixtralForCausalLM",
        "Qwen2ForCausalLM",
        "Qwen3ForCausalLM",
        "Qwen3MoeForCausalLM",
        "T5ForConditionalGeneration",
    }
)
MULTIMODAL = frozenset(
    {"MllamaForConditionalGeneration", "Qwen2VLForConditionalGeneration", "Qwen2_5_VLForConditionalGeneration"}
)
ONLY_IN = {"GptOssForCausalLM": ("us-east-1",)}
"""Architectures that not every Region has."""

CONFIG = "config.json"
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "spiece.model")
_ARCHIVES = (".tar.gz", ".tgz", ".tar", ".zip")


def weights_findings(source: S3Uri, objects: Collection[Stored], config: str | None, region: str) -> list[Finding]:
    """Return what keeps these objects from being imported, each with what to do; nothing if nothing does.

    `config` is the text of config.json, None where there is none.
    """
    if region not in REGIONS:
        return [_unfit("ImportRegion", f"Bedrock imports models in {', '.join(REGIONS)}; found {region}.")]
    names = {each.key.rsplit("/", 1)[-1] for each in objects}
    if not objects:
        return [_unfit("ImportEmpty", f"Nothing lies at {source}. Is it the folder of the weights, with its last /?")]
    if archives := sorted(name for name in names if name.endswith(_ARCHIVES)):
        return [
            _unfit(
                "ImportArchive",
                f"{source} has {', '.join(archives[:3])}. Bedrock can't import a SageMaker archive: unpack the Hugging"
                " Face files into a folder and register that as the package's data (S3DataType S3Prefix).",
            )
        ]
    architectures, unreadable = _architectures(config)
    return [
        *_missing(source, names),
        *(
            [_unfit("ImportConfig", f"{source}{CONFIG}: found {unreadable}; allowed: the model's configuration.")]
            if unreadable
            else []
        ),
        *_unsupported(architectures, region),
        *_too_large(objects, architectures),
    ]


def _missing(source: S3Uri, names: Collection[str]) -> Iterable[Finding]:
    if not any(name.endswith(".safetensors") for name in names):
        yield _unfit(
            "ImportNoWeights",
            f"{source} has no *.safetensors. Save the model with save_pretrained(safe_serialization=True).",
        )
    if CONFIG not in names:
        yield _unfit("ImportNoConfig", f"{source} has no {CONFIG}. It tells Bedrock the model's architecture.")
    if not any(name in names for name in _TOKENIZERS):
        yield _unfit(
            "ImportNoTokenizer",
            f"{source} has none of {', '.join(_TOKENIZERS)}. Save the tokenizer beside the weights.",
        )


def _architectures(config: str | None) -> tuple[tuple[str, ...], str | None]:
    """Return the architectures that a configuration names, or what was found instead."""
    if config is None:
        return (), None
    try:
        found = json.loads(config)
    except ValueError:
        return (), "text that isn't JSON"
    named = found.get("architectures") if isinstance(found, dict) else None
    if not isinstance(named, list) or not named or not all(isinstance(each, str) for each in named):
        return (), 'no "architectures"'
    return tuple(named), None


def _unsupported(architectures: Iterable[str], region: str) -> Iterable[Finding]:
    for each in architectures:
        if each not in TEXT | MULTIMODAL:
            allowed = ", ".join(sorted(TEXT | MULTIMODAL))
            yield _unfit("ImportArchitecture", f"{CONFIG} names the architecture {each}; Bedrock imports {allowed}.")
        elif region not in ONLY_IN.get(each, REGIONS):
            yield _unfit("ImportArchitecture", f"Bedrock imports {each} in {', '.join(ONLY_IN[each])}; found {region}.")


def _too_large(objects: Iterable[Stored], architectures: Iterable[str]) -> Iterable[Finding]:
    size = sum(each.size for each in objects if each.key.endswith(".safetensors"))
    limit = LARGEST_MULTIMODAL if MULTIMODAL & set(architectures) else LARGEST
    if size >= limit:
        yield _unfit(
            "ImportTooLarge", f"The weights have {size / GB:.0f} GB; Bedrock imports less than {limit // GB} GB."
        )


def _unfit(code: str, detail: str) -> Finding:
    return blocked(code, detail)
