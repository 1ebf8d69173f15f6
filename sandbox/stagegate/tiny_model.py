"""A language model of a few kilobytes, as Hugging Face's own library writes one: to import, and not to talk to."""

from __future__ import annotations

import json
from array import array
from collections.abc import Mapping
from math import prod
from typing import Any  # JSON

from safetensors import TensorSpec, serialize

_VOCABULARY = ("<unk>", "<s>", "</s>", "a", "model", "'s", "access", "follows", "its", "card")
_HIDDEN, _INTERMEDIATE, _HEADS, _KEY_VALUE_HEADS = 16, 32, 4, 2
_HEAD = _HIDDEN // _HEADS
_LAYER = "model.layers.0"
SHAPES: Mapping[str, tuple[int, ...]] = {
    "model.embed_tokens.weight": (len(_VOCABULARY), _HIDDEN),
    f"{_LAYER}.self_attn.q_proj.weight": (_HEADS * _HEAD, _HIDDEN),
    f"{_LAYER}.self_attn.k_proj.weight": (_KEY_VALUE_HEADS * _HEAD, _HIDDEN),
    f"{_LAYER}.self_attn.v_proj.weight": (_KEY_VALUE_HEADS * _HEAD, _HIDDEN),
    f"{_LAYER}.self_attn.o_proj.weight": (_HIDDEN, _HEADS * _HEAD),
    f"{_LAYER}.mlp.gate_proj.weight": (_INTERMEDIATE, _HIDDEN),
    f"{_LAYER}.mlp.up_proj.weight": (_INTERMEDIATE, _HIDDEN),
    f"{_LAYER}.mlp.down_proj.weight": (_HIDDEN, _INTERMEDIATE),
    f"{_LAYER}.input_layernorm.weight": (_HIDDEN,),
    f"{_LAYER}.post_attention_layernorm.weight": (_HIDDEN,),
    "model.norm.weight": (_HIDDEN,),
    "lm_head.weight": (len(_VOCABULARY), _HIDDEN),
}
"""Those of MistralForCausalLM with the sizes that the configuration says."""
_CONFIGURATION = {
    "architectures": ["MistralForCausalLM"],
    "bos_token_id": _VOCABULARY.index("<s>"),
    "eos_token_id": _VOCABULARY.index("</s>"),
    "head_dim": _HEAD,
    "hidden_act": "silu",
    "hidden_size": _HIDDEN,
    "intermediate_size": _INTERMEDIATE,
    "max_position_embeddings": 64,
    "model_type": "mistral",
    "num_attention_heads": _HEADS,
    "num_hidden_layers": 1,
    "num_key_value_heads": _KEY_VALUE_HEADS,
    "rms_norm_eps": 1e-05,
    "rope_theta": 10000.0,
    "sliding_window": None,
    "tie_word_embeddings": False,
    "torch_dtype": "float32",
    "vocab_size": len(_VOCABULARY),
}
_TOKENIZER: dict[str, Any] = {
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "added_tokens": [],
    "normalizer": None,
    "pre_tokenizer": {"type": "Whitespace"},
    "post_processor": None,
    "decoder": None,
    "model": {
        "type": "WordLevel",
        "vocab": {word: number for number, word in enumerate(_VOCABULARY)},
        "unk_token": _VOCABULARY[0],
    },
}


def files() -> dict[str, bytes]:
    """Return what lies in the model's folder, by name: the weights, the configuration and the tokenizer."""
    return {
        "config.json": json.dumps(_CONFIGURATION, indent=2).encode(),
        "model.safetensors": _weights(),
        "tokenizer.json": json.dumps(_TOKENIZER, indent=2).encode(),
    }


def _weights() -> bytes:
    """The library reads the numbers where they are, so they have to be there until it is done."""
    numbers = {name: array("f", (_number(at) for at in range(prod(shape)))) for name, shape in SHAPES.items()}
    specs = {}
    for name, values in numbers.items():
        address, count = values.buffer_info()
        specs[name] = TensorSpec(
            dtype="float32", shape=SHAPES[name], data_ptr=address, data_len=count * values.itemsize
        )
    return serialize(specs, {"format": "pt"})


def _number(at: int) -> float:
    """Small, and the same each time."""
    return (at * 7 % 11 - 5) / 100
