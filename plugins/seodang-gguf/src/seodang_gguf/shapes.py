"""GPT-NeoX's and LLaMA's shape as llama.cpp knows them: the settings, and each tensor in the order in which it is read there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import gguf
import numpy as np
import seodang

from seodang_gguf.weights import Weights

_UNUSED = ("rotary_emb.inv_freq", "attention.bias", "attention.masked_bias")
"""Tables that older files carry and every reader computes for itself."""


class Tensor(NamedTuple):
    """`read` makes the array; its shape is known before."""

    name: str
    shape: tuple[int, ...]
    read: Callable[[], np.ndarray]


def architecture(config: Mapping[str, Any]) -> str:
    """llama.cpp's name of the model's shape."""
    known = {"gpt_neox": "gptneox", "llama": "llama"}
    kind = str(config.get("model_type", ""))
    if kind not in known:
        raise seodang.DataError("seodang_gguf:shape", type=kind, known=sorted(known))
    wanted = {"gpt_neox": ("gelu", "gelu_new", "gelu_fast", "gelu_pytorch_tanh"), "llama": ("silu",)}[kind]
    if config.get("hidden_act", wanted[0]) not in wanted:
        raise seodang.DataError("seodang_gguf:activation", activation=config["hidden_act"], type=kind)
    if config.get("quantization_config"):
        raise seodang.DataError("seodang_gguf:quantised")
    return known[kind]


def add_settings(writer: Any, config: Mapping[str, Any]) -> None:
    width, heads = int(config["hidden_size"]), int(config["num_attention_heads"])
    head = int(config.get("head_dim") or width // heads)
    rope = _rope(config)
    writer.add_context_length(int(config["max_position_embeddings"]))
    writer.add_embedding_length(width)
    writer.add_block_count(int(config["num_hidden_layers"]))
    writer.add_feed_forward_length(int(config["intermediate_size"]))
    writer.add_head_count(heads)
    writer.add_rope_freq_base(float(rope.get("rope_theta", 10_000.0)))
    if config["model_type"] == "gpt_neox":
        share = rope.get("partial_rotary_factor", config.get("rotary_pct", 0.25))
        writer.add_rope_dimension_count(int(head * float(share)))
        writer.add_parallel_residual(bool(config.get("use_parallel_residual", True)))
        writer.add_layer_norm_eps(float(config.get("layer_norm_eps", 1e-5)))
        return
    writer.add_head_count_kv(int(config.get("num_key_value_heads") or heads))
    writer.add_layer_norm_rms_eps(float(config.get("rms_norm_eps", 1e-6)))
    writer.add_rope_dimension_count(head)
    writer.add_key_length(head)
    writer.add_value_length(head)
    if rope.get("rope_type") == "linear":
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(float(rope["factor"]))


def tensors(config: Mapping[str, Any], weights: Weights) -> Iterator[Tensor]:
    """Every tensor of the model, each once. One that llama.cpp has no place for is an error, not a loss."""
    shape = architecture(config)
    names = gguf.get_tensor_name_map(
        gguf.MODEL_ARCH.GPTNEOX if shape == "gptneox" else gguf.MODEL_ARCH.LLAMA, int(config["num_hidden_layers"])
    )
    heads = int(config["num_attention_heads"])
    groups = int(config.get("num_key_value_heads") or heads)
    unknown, found = [], set()
    for name in weights.names():
        if name.endswith(_UNUSED):
            continue
        new = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if new is None:
            unknown.append(name)
            continue
        if "attn_qkv" in new:
            change: Callable[[np.ndarray], np.ndarray] = lambda array: _apart(array, heads)  # noqa: E731
        elif shape == "llama" and ("attn_q." in new or "attn_k." in new):
            count = heads if "attn_q." in new else groups
            change = lambda array, count=count: _halves_to_pairs(array, count)  # noqa: E731
        else:
            change = _as_it_is
        found.add(new)
        yield Tensor(new, weights.shape(name), lambda name=name, change=change: change(weights.read(name)))
    if unknown:
        raise seodang.DataError("seodang_gguf:tensors", tensors=unknown[:5])
    if "output.weight" not in found and shape == "gptneox":
        # LLaMA's reader takes the embeddings for a head that is not there, GPT-NeoX's does not.
        tied = next(name for name in weights.names() if names.get_name(name, try_suffixes=(".weight",)) == "token_embd.weight")
        yield Tensor("output.weight", weights.shape(tied), lambda: weights.read(tied))
    if _rope(config).get("rope_type") == "llama3":
        stretch = _stretch(config)
        yield Tensor("rope_freqs.weight", stretch.shape, lambda: stretch)


def _as_it_is(array: np.ndarray) -> np.ndarray:
    return array


def _apart(array: np.ndarray, heads: int) -> np.ndarray:
    """GPT-NeoX's query, key and value stand head by head; llama.cpp reads all queries, then all keys, then all values."""
    return np.ascontiguousarray(array.reshape(heads, 3, -1, *array.shape[1:]).swapaxes(0, 1)).reshape(array.shape)


def _halves_to_pairs(array: np.ndarray, heads: int) -> np.ndarray:
    """transformers turns the first half of a head against the second, llama.cpp's LLaMA every number against its neighbour."""
    return np.ascontiguousarray(array.reshape(heads, 2, -1, *array.shape[1:]).swapaxes(1, 2)).reshape(array.shape)


def _rope(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Under its new name or its two old ones. A way of stretching that is not written here is refused."""
    rope = {"rope_theta": config.get("rope_theta", config.get("rotary_emb_base", 10_000.0))}
    rope |= config.get("rope_parameters") or config.get("rope_scaling") or {}
    kind = rope.get("rope_type") or rope.get("type") or "default"
    known = ("default",) if config["model_type"] == "gpt_neox" else ("default", "linear", "llama3")
    if kind not in known:
        raise seodang.DataError("seodang_gguf:rope", rope=kind)
    return {**rope, "rope_type": kind}


def _stretch(config: Mapping[str, Any]) -> np.ndarray:
    """Llama 3.1's longer context: slow turns are slowed by the factor, quick ones stay, and between the two it goes over."""
    rope = _rope(config)
    head = int(config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"])
    waves = 2 * np.pi * float(rope["rope_theta"]) ** (np.arange(0, head, 2, dtype=np.float64) / head)
    low, high = float(rope["low_freq_factor"]), float(rope["high_freq_factor"])
    quick = (float(rope["original_max_position_embeddings"]) / waves - low) / (high - low)
    share = np.clip(quick, 0.0, 1.0)
    return (1.0 / ((1.0 - share) / float(rope["factor"]) + share)).astype(np.float32)
