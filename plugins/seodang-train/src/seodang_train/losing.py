"""The loss of a part of a step: the sum over its trained tokens, with the head computed only where there is loss."""

from __future__ import annotations

from collections.abc import Sequence
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

    @property
    def head(self) -> Any:
        # Not a module of its own: a second name for one weight would be shared out and saved twice.
        return self.model.get_output_embeddings()

    def forward(self, feed: Feed, part: Sequence[int] = ()) -> torch.Tensor:
        """`part` are the numbers of the rows that are fed, for a loss that has more to look up about them."""
        return self.over(feed, self.beside(feed, part))

    def over(self, feed: Feed, beside: tuple[torch.Tensor, ...] = ()) -> torch.Tensor:
        hidden = trained_states(self.model, feed)
        rows = max(1, CHUNK_ELEMENTS // self.head.weight.shape[0])
        if len(feed.targets) <= rows:
            return self.sum(hidden, feed.targets, *beside)
        # Chunk by chunk, computed again on the way back: the logits of all places are never in memory together.
        parts = zip(*(tensor.split(rows) for tensor in (hidden, feed.targets, *beside)), strict=True)
        losses = [checkpoint(self.sum, *chunk, use_reentrant=False) for chunk in parts]
        return torch.stack(losses).sum()

    def beside(self, feed: Feed, part: Sequence[int]) -> tuple[torch.Tensor, ...]:
        """What the loss of each trained token needs besides the token: a row for each in every tensor."""
        return ()

    def sum(self, hidden: torch.Tensor, targets: torch.Tensor, *beside: torch.Tensor) -> torch.Tensor:
        return cross_entropy(self.head(hidden).float(), targets, reduction="sum")


def trained_states(model: Any, feed: Feed) -> torch.Tensor:
    """The last hidden states at the places where a trained token is predicted."""
    hidden = hidden_states(model, feed)
    return hidden.reshape(-1, hidden.shape[-1])[feed.places]


def hidden_states(model: Any, feed: Feed) -> torch.Tensor:
    """The last hidden states, as the head is given them."""
    given: dict[str, Any] = {"input_ids": feed.ids, "use_cache": False}
    if feed.documents:
        given |= {"position_ids": feed.positions, "documents": feed.documents}
    else:
        given["attention_mask"] = feed.mask
    states: torch.Tensor = inner(model).base_model(**given).last_hidden_state
    return states


def inner(model: Any) -> Any:
    """What is trained and saved goes by the names of the model itself, also where peft stands around it."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model
