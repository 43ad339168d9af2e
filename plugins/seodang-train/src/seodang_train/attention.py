"""Attention over documents that stand one behind the other: each is attended to alone, so packing changes no result.

transformers finds it under its name. Where a model computes its attention in another way, the test at the start says so.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AttentionMaskInterface

NAME = "seodang-documents"


def attend(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: Any,
    *,
    documents: tuple[int, ...] = (),
    scaling: float | None = None,
    dropout: float = 0.0,
    sliding_window: int | None = None,
    softcap: float | None = None,
    **others: Any,
) -> tuple[torch.Tensor, None]:
    """`query` is (1, heads, tokens, size); `documents` are the lengths that add up to the tokens."""
    if softcap is not None:
        raise NotImplementedError("attention with a soft cap cannot be packed")
    lengths = documents or (query.shape[2],)
    if query.is_cuda and not dropout and sliding_window is None and query.dtype in (torch.bfloat16, torch.float16):
        return _at_once(query, key, value, lengths, scaling), None
    shared = query.shape[1] != key.shape[1]
    found = []
    start = 0
    for length in lengths:
        part = slice(start, start + length)
        start += length
        mask = _window(length, sliding_window, query.device) if sliding_window and length > sliding_window else None
        found.append(
            scaled_dot_product_attention(
                query[:, :, part], key[:, :, part], value[:, :, part],
                attn_mask=mask, is_causal=mask is None, dropout_p=dropout, scale=scaling, enable_gqa=shared,
            )
        )  # fmt: skip
    return torch.cat(found, dim=2).transpose(1, 2), None


def _at_once(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, lengths: tuple[int, ...], scaling: float | None
) -> torch.Tensor:
    """All documents in one kernel, where the device has one for it."""
    from torch.nn.attention.varlen import varlen_attn

    groups = query.shape[1] // key.shape[1]
    if groups > 1:
        key, value = key.repeat_interleave(groups, dim=1), value.repeat_interleave(groups, dim=1)
    ends = torch.tensor((0, *lengths), device=query.device, dtype=torch.int32).cumsum(0, dtype=torch.int32)
    flat = [tensor[0].transpose(0, 1).contiguous() for tensor in (query, key, value)]
    out = varlen_attn(*flat, ends, ends, max(lengths), max(lengths), window_size=(-1, 0), scale=scaling)
    assert isinstance(out, torch.Tensor)
    return out[None]


def _window(length: int, window: int, device: Any) -> torch.Tensor:
    behind = torch.arange(length, device=device)[:, None] - torch.arange(length, device=device)[None]
    return (behind >= 0) & (behind < window)


AttentionInterface.register(NAME, attend)
# No mask is made: `documents` says all that there is to say.
AttentionMaskInterface.register(NAME, lambda *_, **__: None)
