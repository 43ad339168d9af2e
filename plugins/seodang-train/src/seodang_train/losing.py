"""The loss of a part of a step: the sum over its trained tokens, with the head computed only where there is loss."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn.functional import cross_entropy
from torch.utils.checkpoint import checkpoint

from seodang_train.feeding import Feed

CHUNK_ELEMENTS = 1 << 26
"""So many logits at once (256 MiB in float32): a vocabulary of 30,000 then takes 2,200 trained tokens in one go."""


class Losing(torch.nn.Module):
    """A causal language model that gives its loss: what is wrapped for several devices, so that its forward is theirs."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        self.head = model.get_output_embeddings()

    def forward(self, feed: Feed) -> torch.Tensor:
        hidden = hidden_states(self.model, feed)
        hidden = hidden.reshape(-1, hidden.shape[-1])[feed.places]
        rows = max(1, CHUNK_ELEMENTS // self.head.weight.shape[0])
        if len(feed.targets) <= rows:
            return self._sum(hidden, feed.targets)
        # Chunk by chunk, computed again on the way back: the logits of all places are never in memory together.
        parts = zip(hidden.split(rows), feed.targets.split(rows), strict=True)
        losses = [checkpoint(self._sum, states, targets, use_reentrant=False) for states, targets in parts]
        return torch.stack(losses).sum()

    def _sum(self, hidden: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return cross_entropy(self.head(hidden).float(), targets, reduction="sum")


def hidden_states(model: Any, feed: Feed) -> torch.Tensor:
    """The last hidden states, as the head is given them."""
    given: dict[str, Any] = {"input_ids": feed.ids, "use_cache": False}
    if feed.documents:
        given |= {"position_ids": feed.positions, "documents": feed.documents}
    else:
        given["attention_mask"] = feed.mask
    states: torch.Tensor = model.base_model(**given).last_hidden_state
    return states
