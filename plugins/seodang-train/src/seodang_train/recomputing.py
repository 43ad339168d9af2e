"""Gradient checkpointing: the forward pass is computed again on the way back, so that a layer's activations need not wait for it."""

from __future__ import annotations

from typing import Any


def recompute(model: Any) -> None:
    # The other variety of torch's cannot be combined with gradients that meet in the last part of a step only.
    # transformers calls it by another name from 5.23 on, and warns of the old one.
    enable = getattr(model, "activation_checkpointing_enable", None) or model.gradient_checkpointing_enable
    enable({"use_reentrant": False})
