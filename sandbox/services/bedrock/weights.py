"""Reading a model's weights, as an import job does: with its role, object by object, and every key they need.

Formats and limits: https://docs.aws.amazon.com/bedrock/latest/userguide/model-customization-import-model.html. Of the
messages, that for the S3 location is AWS's own (quoted in its troubleshooting); the others say the same in our words.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any  # moto's stores are untyped where they are read here

from moto.s3.models import FakeKey, s3_backends

from sandbox.authorization.accesses import Access
from sandbox.authorization.authorize import authorize_access
from sandbox.kernel.identity import Principal, session
from sandbox.kernel.place import PARTITION, URL_SUFFIX
from sandbox.services.bedrock.faults import faults
from sandbox.services.bedrock.safetensors_files import NotSafetensorsError, shapes
from sandbox.services.s3.owners import bucket_owner

ARCHITECTURES = frozenset(
    {
        "GPTBigCodeForCausalLM",
        "GptOssForCausalLM",
        "LlamaForCausalLM",
        "MistralForCausalLM",
        "MixtralForCausalLM",
        "MllamaForConditionalGeneration",
        "Qwen2ForCausalLM",
        "Qwen2VLForConditionalGeneration",
        "Qwen2_5_VLForConditionalGeneration",
        "Qwen3ForCausalLM",
        "Qwen3MoeForCausalLM",
        "T5ForConditionalGeneration",
    }
)
_WEIGHTS = ".safetensors"
_INDEX = "model.safetensors.index.json"
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "spiece.model")


class ImportFailed(Exception):
    """Why a job fails, in Bedrock's words."""


def read(role_arn: str, s3_uri: str, key_arn: str | None, region: str) -> str:
    """Return the architecture of the model below `s3_uri`. Raises ImportFailed."""
    if planned := faults.take():
        raise ImportFailed(planned)
    role = session(role_arn, "bedrock-model-import")
    bucket, _, prefix = s3_uri.removeprefix("s3://").partition("/")
    denied = ImportFailed(
        f"Amazon Bedrock does not have access to the S3 location {s3_uri}. Update the permissions and try again."
    )
    arn = f"arn:{PARTITION}:s3:::{bucket}"
    if not _may(role, Access("s3:ListBucket", arn, {"s3:prefix": (prefix,)}), region):
        raise denied
    objects = _objects(bucket, prefix)
    for name in objects:
        if not _may(role, Access("s3:GetObject", f"{arn}/{name}"), region):
            raise denied
    if key_arn is not None:
        _use_key(role, key_arn, region)
    top = {name.removeprefix(prefix): value for name, value in objects.items()}
    return _architecture({name: value for name, value in top.items() if "/" not in name}, s3_uri)


def _may(role: Principal, access: Access, region: str) -> bool:
    return authorize_access(role, access, region).decision.allowed


def _use_key(role: Principal, key_arn: str, region: str) -> None:
    """Bedrock makes a grant for itself, and encrypts ("Encryption of imported models", Amazon Bedrock user guide)."""
    context = {"kms:CallerAccount": (role.account,), "kms:ViaService": (f"bedrock.{region}.{URL_SUFFIX}",)}
    grant = {"kms:GrantIsForAWSResource": ("true",), "kms:GrantOperations": ("Decrypt", "GenerateDataKey")}
    for action in ("kms:DescribeKey", "kms:GenerateDataKey", "kms:Decrypt", "kms:CreateGrant"):
        more = grant if action == "kms:CreateGrant" else {}
        if not _may(role, Access(action, key_arn, context | more), region):
            raise ImportFailed(
                f"Amazon Bedrock does not have access to the KMS key {key_arn}. Update the permissions and try again."
            )


def _objects(bucket: str, prefix: str) -> dict[str, bytes]:
    owner = bucket_owner(bucket)
    found: Any = s3_backends[owner][PARTITION].buckets.get(bucket) if owner else None
    keys = dict(found.keys.items()) if found else {}
    there = {name: key for name, key in keys.items() if isinstance(key, FakeKey)}  # and no marker of a deletion
    return {name: key.value for name, key in there.items() if name.startswith(prefix) and not name.endswith("/")}


def _architecture(objects: dict[str, bytes], s3_uri: str) -> str:
    if not objects:
        raise ImportFailed(f"No objects were found at {s3_uri}.")
    weights = {name: content for name, content in objects.items() if name.endswith(_WEIGHTS)}
    if not weights:
        raise ImportFailed(f"No safetensors files were found at {s3_uri}.")
    if "config.json" not in objects:
        raise ImportFailed(f"The file config.json was not found at {s3_uri}.")
    if not any(name in objects for name in _TOKENIZERS):
        raise ImportFailed(f"No tokenizer files were found at {s3_uri}.")
    try:
        named = json.loads(objects["config.json"])["architectures"][0]
    except (ValueError, LookupError, TypeError) as error:
        raise ImportFailed(f"The file config.json at {s3_uri} could not be read.") from error
    if named not in ARCHITECTURES:
        raise ImportFailed(f"The model architecture {named} is not supported.")
    tensors = {name: _tensors(name, content, s3_uri) for name, content in weights.items()}
    if _INDEX in objects:
        _require_indexed(objects[_INDEX], tensors, s3_uri)
    return str(named)


def _require_indexed(index: bytes, tensors: Mapping[str, Collection[str]], s3_uri: str) -> None:
    """Refuse shards that lack a tensor where the index says it is: transformers loads a sharded model by its index."""
    try:
        where = dict(json.loads(index)["weight_map"])
    except (ValueError, LookupError, TypeError) as error:
        raise ImportFailed(f"The file {_INDEX} at {s3_uri} could not be read.") from error
    for tensor, name in where.items():
        if name not in tensors:
            raise ImportFailed(f"The safetensors file {name} was not found at {s3_uri}.")
        if tensor not in tensors[name]:
            raise ImportFailed(f"The safetensors file {name} at {s3_uri} has no tensor {tensor}.")


def _tensors(name: str, content: bytes, s3_uri: str) -> Collection[str]:
    try:
        found = shapes(content)
    except NotSafetensorsError as error:
        raise ImportFailed(f"The file {name} at {s3_uri} could not be read: {error}.") from error
    if not found:
        raise ImportFailed(f"The file {name} at {s3_uri} could not be read: it has no tensors.")
    return found.keys()
