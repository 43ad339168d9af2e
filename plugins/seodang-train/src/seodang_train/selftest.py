"""What is tried with the model itself before the first step, because a wrong answer would show nowhere but in the student."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import seodang
import torch

from seodang_train import attention
from seodang_train.feeding import packed, padded
from seodang_train.losing import hidden_states
from seodang_train.rows import Row

TOLERANCE = 2e-3
"""In float32. Documents that see each other differ by about one; rounding in another order by some 1e-6."""
LONGEST = 64
LOUD = 100.0
"""A cap shows where logits are large, and those of a young model are not: the head is asked as if they were so large."""


def check_numbers(model: Any) -> None:
    """A step of the optimizer is too small for a weight of float16: it rounds to nothing, and its gradient overflows."""
    if short := [
        name for name, parameter in model.named_parameters() if parameter.requires_grad and parameter.dtype == torch.float16
    ]:
        raise seodang.DataError("seodang_train:half-weights", weights=short[:3], count=len(short))


@torch.no_grad()
def check_head(model: Any, rows: Sequence[Row], pad: int) -> None:
    """The head over the last hidden states has to be what the model itself says: some scale or cap their logits."""
    feed = padded([_short(rows[0])], pad, model.device)
    training, head = model.training, model.get_output_embeddings()
    model.eval()
    hidden = hidden_states(model, feed)
    louder = LOUD / max(1e-6, float(head(hidden).abs().max()))
    raised = head.register_forward_pre_hook(lambda _, given: (given[0] * louder, *given[1:]))
    try:
        ours = head(hidden).float()
        whole = model(input_ids=feed.ids, attention_mask=feed.mask, use_cache=False).logits.float()
    finally:
        raised.remove()
        model.train(training)
    _compare(ours, whole, "seodang_train:head-differs")


@torch.no_grad()
def check_packing(model: Any, rows: Sequence[Row], pad: int) -> None:
    """Two rows packed have to be what they are apart. Leaves the model with the attention that packs."""
    two = [_short(row) for row in (rows[0], rows[-1])]
    training = model.training
    model.eval()
    try:
        apart = [hidden_states(model, padded([row], pad, model.device))[0] for row in two]
        try:
            model.set_attn_implementation(attention.NAME)
            together = hidden_states(model, packed(two, model.device))[0]
        except Exception as error:  # whatever a model's own code raises means the same: it cannot be packed
            raise seodang.DataError("seodang_train:cannot-be-packed", error=f"{type(error).__name__}: {error}") from error
    finally:
        model.train(training)
    _compare(together, torch.cat(apart), "seodang_train:packing-leaks")


def _short(row: Row) -> Row:
    return Row(row.ids[:LONGEST], row.trained[:LONGEST])


def _compare(ours: torch.Tensor, whole: torch.Tensor, code: str) -> None:
    difference = float((ours.float() - whole.float()).abs().max())
    scale = max(1.0, float(whole.abs().max()))
    if not difference <= TOLERANCE * scale:
        raise seodang.DataError(code, difference=round(difference, 6))
