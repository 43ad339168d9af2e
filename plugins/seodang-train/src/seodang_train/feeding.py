"""Rows to tensors: padded on the right, or one behind the other with each document for itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from seodang_train.rows import Row


class Feed(NamedTuple):
    """`places` are where in the flattened `ids` a token is predicted from, `targets` what comes there."""

    ids: torch.Tensor
    mask: torch.Tensor | None
    positions: torch.Tensor | None
    documents: tuple[int, ...]
    """The lengths of what was packed; empty where rows are padded."""
    places: torch.Tensor
    targets: torch.Tensor


def padded(rows: Sequence[Row], pad: int, device: Any) -> Feed:
    width = max(len(row.ids) for row in rows)
    ids = np.full((len(rows), width), pad, dtype=np.int64)
    mask = np.zeros((len(rows), width), dtype=np.int64)
    trained = np.zeros((len(rows), width), dtype=bool)
    for place, row in enumerate(rows):
        length = len(row.ids)
        ids[place, :length] = row.ids
        mask[place, :length] = 1
        trained[place, :length] = np.frombuffer(row.trained, dtype=bool)
    return _feed(ids, trained, torch.from_numpy(mask).to(device), None, (), device)


def packed(rows: Sequence[Row], device: Any) -> Feed:
    """In one line without a mask; positions begin again with every document, and attention stays inside it (`attention.py`)."""
    ids = np.concatenate([np.asarray(row.ids, dtype=np.int64) for row in rows])[None]
    trained = np.concatenate([np.frombuffer(row.trained, dtype=bool) for row in rows])[None]
    lengths = tuple(len(row.ids) for row in rows)
    positions = torch.from_numpy(np.concatenate([np.arange(length) for length in lengths])[None]).to(device)
    return _feed(ids, trained, None, positions, lengths, device)


def _feed(
    ids: np.ndarray, trained: np.ndarray, mask: torch.Tensor | None, positions: torch.Tensor | None, documents: Any, device: Any
) -> Feed:
    # The first token of a row never carries loss, so the place before a trained one is in the same row.
    where = np.flatnonzero(trained.reshape(-1))
    return Feed(
        ids=torch.from_numpy(ids).to(device),
        mask=mask,
        positions=positions,
        documents=documents,
        places=torch.from_numpy(where - 1).to(device),
        targets=torch.from_numpy(ids.reshape(-1)[where]).to(device),
    )
