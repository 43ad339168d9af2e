"""Rows that leave a cache of keys and values and rows that join it, where its layers keep everything."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn.functional import pad
from transformers.cache_utils import DynamicCache, DynamicLayer


def is_plain(cache: Any) -> bool:
    """Whether every layer keeps all keys and values, none a window or a state: then rows are rows and columns are tokens."""
    return type(cache) is DynamicCache and all(type(layer) is DynamicLayer for layer in cache.layers)


def keep(cache: Any, rows: torch.Tensor, first: int) -> None:
    """Leaves these rows, without the columns before `first`, where all of them are padding."""
    for layer in cache.layers:
        layer.keys = layer.keys[rows, :, first:]
        layer.values = layer.values[rows, :, first:]


def join(cache: Any, other: Any) -> None:
    """Adds the rows of another cache below these. Both end at the same column, so the shorter is padded on the left."""
    for layer, beside in zip(cache.layers, other.layers, strict=True):
        layer.keys = torch.cat(_even(layer.keys, beside.keys))
        layer.values = torch.cat(_even(layer.values, beside.values))


def _even(one: torch.Tensor, two: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    width = max(one.shape[-2], two.shape[-2])
    left, right = (pad(states, (0, 0, width - states.shape[-2], 0)) for states in (one, two))
    return left, right


def join_masks(one: torch.Tensor, two: torch.Tensor) -> torch.Tensor:
    width = max(one.shape[1], two.shape[1])
    return torch.cat([pad(mask, (width - mask.shape[1], 0)) for mask in (one, two)])
