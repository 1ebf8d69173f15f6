"""What lies at a package's address, beside what Bedrock can import.

Source: "Import a customized model into Amazon Bedrock", Amazon Bedrock user guide: Hugging Face weights as safetensors,
with the configuration and the tokenizer beside them at the top of the folder; architectures; less than 200 GB (100 GB
for multimodal models).
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from stagegate.core.addresses import S3Uri
from stagegate.core.findings import Finding, blocked
from stagegate.core.sentences import named
from stagegate.core.untrusted import word
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
INDEX = "model.safetensors.index.json"
"""Which file has which tensor, and the size of all ("Serialization", Hugging Face Hub documentation)."""
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "spiece.model")
_ARCHIVES = (".tar.gz", ".tgz", ".tar", ".zip")
_WEIGHTS = ".safetensors"
_SHARD = re.compile(r"(?P<stem>.+)-(?P<number>[0-9]{5})-of-(?P<count>[0-9]{5})\.safetensors")
_SAID = 3
"""Files, or architectures, that are named."""
_ADAPTERS = ("adapter_config.json", "adapter_model.safetensors", "adapter_model.bin")
_OTHER_FORMATS = (".bin", ".pt", ".pth", ".gguf", ".ggml", ".h5", ".onnx", ".ckpt", ".msgpack", ".nemo")


def weights_findings(
    source: S3Uri, objects: Collection[Stored], config: str | None, region: str, *, index: str | None = None
) -> list[Finding]:
    """Return what keeps these objects from being imported, each with what to do; nothing if nothing does.

    `config` is the text of config.json and `index` that of the index of the shards, None where there is none. Only what
    lies at the top of the folder counts: Bedrock looks for the model's files there.
    """
    if region not in REGIONS:
        return [_unfit("ImportRegion", f"Bedrock imports models in {', '.join(REGIONS)}; found {region}.")]
    if not objects:
        return [
            _unfit("ImportEmpty", f"Nothing lies at {word(source)}. Is it the folder of the weights, with its last /?")
        ]
    sizes = {each.key.removeprefix(source.key): each.size for each in objects}
    top = {name: size for name, size in sizes.items() if name and "/" not in name}
    if archives := sorted(name for name in top if name.endswith(_ARCHIVES)):
        return [
            _unfit(
                "ImportArchive",
                f"{word(source)} has {named([*map(word, archives)], _SAID)}. Bedrock can't import a SageMaker"
                " archive: unpack the Hugging"
                " Face files into a folder and register that as the package's data (S3DataType S3Prefix).",
            )
        ]
    if adapters := sorted(name for name in top if name in _ADAPTERS):
        return [
            _unfit(
                "ImportAdapter",
                f"{word(source)} has {', '.join(adapters)}: an adapter, which Bedrock can't import. Merge it into its"
                " base model (merge_and_unload of PEFT), save that and register its folder.",
            )
        ]
    architectures, unreadable = _architectures(config)
    return [
        *_missing(source, top, _below(source, sizes)),
        *_incomplete(source, top, index),
        *(
            [
                _unfit(
                    "ImportConfig",
                    f"{word(f'{source}{CONFIG}')}: found {unreadable}; allowed: the model's configuration.",
                )
            ]
            if unreadable
            else []
        ),
        *_unsupported(architectures, region),
        *_too_large(objects, architectures),
    ]


def _below(source: S3Uri, names: Iterable[str]) -> str:
    """Return where a configuration lies further down, in words; "" if there is none."""
    folders = sorted(name.removesuffix(CONFIG) for name in names if name.endswith(f"/{CONFIG}"))
    return f" There is one in {word(f'{source}{folders[0]}')}: is it that folder?" if folders else ""


def _missing(source: S3Uri, names: Collection[str], below: str) -> Iterable[Finding]:
    if not any(name.endswith(_WEIGHTS) for name in names):
        others = sorted(name for name in names if name.endswith(_OTHER_FORMATS))
        beside = f" and {', '.join(map(word, others[:_SAID]))}, which Bedrock doesn't import" if others else ""
        yield _unfit(
            "ImportNoWeights",
            f"{word(source)} has no *.safetensors at its top{beside}. Save the model with"
            " save_pretrained(safe_serialization=True).",
        )
    if CONFIG not in names:
        yield _unfit(
            "ImportNoConfig",
            f"{word(source)} has no {CONFIG} at its top. It tells Bedrock the model's architecture.{below}",
        )
    if not any(name in names for name in _TOKENIZERS):
        yield _unfit(
            "ImportNoTokenizer",
            f"{word(source)} has none of {', '.join(_TOKENIZERS)} at its top. Save the tokenizer beside the weights.",
        )


def _incomplete(source: S3Uri, top: Mapping[str, int], index: str | None) -> Iterable[Finding]:
    """Find shards that an index or their own names tell of, and that aren't there; and sizes that don't add up."""
    shards = [found for name in top if (found := _SHARD.fullmatch(name))]
    expected = {
        f"{found['stem']}-{number:05}-of-{found['count']}{_WEIGHTS}"
        for found in shards
        for number in range(1, int(found["count"]) + 1)
    }
    named, total, unreadable = _indexed(index)
    if unreadable or (index is None and (INDEX in top or len(shards) > 1)):
        found_instead = unreadable or ("nothing in it" if INDEX in top else "none")
        yield _unfit(
            "ImportIndex", f"{word(f'{source}{INDEX}')}: found {found_instead}; allowed: the index of all shards."
        )
    if missing := sorted((expected | named) - top.keys()):
        more = f" and {len(missing) - _SAID} more" if len(missing) > _SAID else ""
        yield _unfit(
            "ImportShardMissing",
            f"{word(source)} has no {', '.join(map(word, missing[:_SAID]))}{more}, which the index or the other shards"
            " name. Upload all.",
        )
    elif named and (size := sum(top[name] for name in named)) < total:
        yield _unfit(
            "ImportShardMissing",
            f"{word(f'{source}{INDEX}')} says that the weights have {total} bytes, and its files have {size}. Upload"
            " them anew.",
        )


def _indexed(index: str | None) -> tuple[frozenset[str], int, str]:
    """Return the files that an index names and the bytes of all tensors, or what was found instead."""
    if index is None:
        return frozenset(), 0, ""
    try:
        found = json.loads(index)
    except ValueError:
        return frozenset(), 0, "text that isn't JSON"
    weights = found.get("weight_map") if isinstance(found, dict) else None
    if not isinstance(weights, dict) or not weights or not all(isinstance(name, str) for name in weights.values()):
        return frozenset(), 0, 'no "weight_map"'
    metadata = found.get("metadata")
    total = metadata.get("total_size") if isinstance(metadata, dict) else 0
    return frozenset(weights.values()), total if isinstance(total, int) else 0, ""


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


def _unsupported(architectures: Sequence[str], region: str) -> Iterable[Finding]:
    for each in architectures[:_SAID]:
        if each not in TEXT | MULTIMODAL:
            allowed = ", ".join(sorted(TEXT | MULTIMODAL))
            yield _unfit(
                "ImportArchitecture", f"{CONFIG} names the architecture {word(each)}; Bedrock imports {allowed}."
            )
        elif region not in ONLY_IN.get(each, REGIONS):
            yield _unfit("ImportArchitecture", f"Bedrock imports {each} in {', '.join(ONLY_IN[each])}; found {region}.")


def _too_large(objects: Iterable[Stored], architectures: Iterable[str]) -> Iterable[Finding]:
    size = sum(each.size for each in objects if each.key.endswith(_WEIGHTS))
    limit = LARGEST_MULTIMODAL if MULTIMODAL & set(architectures) else LARGEST
    if size >= limit:
        yield _unfit(
            "ImportTooLarge", f"The weights have {size / GB:.0f} GB; Bedrock imports less than {limit // GB} GB."
        )


def _unfit(code: str, detail: str) -> Finding:
    return blocked(code, detail)
