"""How much memory a training takes, known before it is started: what its weights need, and what a short forward pass kept."""

from __future__ import annotations

import os
from array import array
from pathlib import Path
from typing import Any, NamedTuple

import torch

from seodang_train.feeding import padded
from seodang_train.losing import CHUNK_ELEMENTS, hidden_states
from seodang_train.rows import Row

SHORT, LONG = 32, 96
"""Two lengths that are tried: what grows with the tokens is told from what does not, such as weights in a shorter form."""
USABLE = 0.9
"""Of the device's memory. The rest is fragments, kernels and what else runs there."""


class Memory(NamedTuple):
    """Bytes. `kept` are the activations of all layers, `again` those where each layer is computed again on the way back."""

    weights: int
    gradients: int
    optimizer: int
    kept: int
    again: int
    head: int
    device: int

    def fixed(self) -> int:
        return self.weights + self.gradients + self.optimizer

    def total(self, *, checkpointing: bool) -> int:
        return self.fixed() + self.head + (self.again if checkpointing else self.kept)

    def fits(self, *, checkpointing: bool) -> bool:
        return self.total(checkpointing=checkpointing) <= USABLE * self.device

    @property
    def wants_checkpointing(self) -> bool:
        """Computing again costs a third more time, so it is done where memory would not suffice without it."""
        return not self.fits(checkpointing=False)


def estimate(model: Any, fed: int, *, short: bool, shares: int = 1) -> Memory:
    """For so many tokens fed at once. `short`: the forward pass is in bf16. `shares`: so many devices divide weights, gradients and the
    optimizer's state among them. The model may stand anywhere and is not moved."""
    every = {parameter.data_ptr(): parameter for parameter in model.parameters()}.values()
    weights = sum(parameter.numel() * parameter.element_size() for parameter in every)
    gradients = sum(parameter.numel() * parameter.element_size() for parameter in every if parameter.requires_grad)
    few, many = (_kept(model, length, short=short) for length in (SHORT, LONG))
    slope = max(0.0, (many - few) / (LONG - SHORT))
    constant = max(0.0, few - slope * SHORT)
    layers = max(1, int(getattr(model.config, "num_hidden_layers", 1)))
    between = 4 * layers * int(getattr(model.config, "hidden_size", 0))
    vocabulary = model.get_output_embeddings().weight.shape[0]
    at_once = min(fed, max(1, CHUNK_ELEMENTS // vocabulary))
    return Memory(
        weights=weights // shares,
        gradients=gradients // shares,
        optimizer=2 * gradients // shares,
        kept=int(constant + slope * fed),
        again=int(constant + (between + slope / layers) * fed),
        # Logits, their softmax and its gradient in float32, and the logits in the shorter form.
        head=at_once * vocabulary * (14 if short else 12),
        device=device_bytes(),
    )


def _kept(model: Any, length: int, *, short: bool) -> int:
    """The bytes that a forward pass over so many tokens keeps for the way back, weights aside. Which tokens they are makes no difference."""
    feed = padded([Row(array("i", bytes(4 * length)), bytes(length))], 0, model.device)
    weights = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    kept: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    training = model.training
    model.train()
    devices = [model.device] if model.device.type == "cuda" else []
    with torch.random.fork_rng(devices):
        casting = torch.autocast(model.device.type, dtype=torch.bfloat16, enabled=short)
        with casting, torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            states = hidden_states(model, feed)
    model.train(training)
    del states  # until here it held what was kept, so that no address was used twice
    return sum(kept.values())


def device_bytes() -> int:
    return int(torch.cuda.mem_get_info()[1]) if torch.cuda.is_available() else machine_bytes()


def machine_bytes() -> int:
    """The memory of the machine, or what this process is allowed of it."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")
    allowed = limit.read_text(encoding="ascii").strip() if limit.is_file() else "max"
    return min(machine, int(allowed)) if allowed.isdigit() else machine
