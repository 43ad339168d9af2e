"""The devices of a training, one process for each. All that accelerate is used for, and the little that the processes say to each other."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import seodang
import torch
import torch.distributed as distributed
from accelerate import Accelerator, DistributedDataParallelKwargs, FullyShardedDataParallelPlugin
from accelerate.state import AcceleratorState


def check_devices(options: Any) -> None:
    """Asked before anything is loaded. Without a GPU the processes share the CPU: slower than one, and right for trying."""
    if options.sharding == "full" and options.devices == 1:
        raise seodang.DataError("seodang_train:nothing-to-share")
    if torch.cuda.is_available() and torch.cuda.device_count() < options.devices:
        raise seodang.DataError("seodang_train:too-few-devices", devices=options.devices, found=torch.cuda.device_count())


class Devices:
    """One process's place among all: `rank` of `count`. Rank 0 alone writes the log and the manifest of a checkpoint."""

    def __init__(self, options: Any, model: Any, rank: int = 0, count: int = 1) -> None:
        """Where there are several, their process group has been made by then (`workers.py`)."""
        self.rank, self.count = rank, count
        self.sharded = count > 1 and options.sharding == "full"
        given: dict[str, Any] = {"mixed_precision": "bf16" if short_numbers(options) else "no"}
        if self.sharded:
            given["fsdp_plugin"] = FullyShardedDataParallelPlugin(
                fsdp_version=2,
                auto_wrap_policy="transformer_based_wrap",
                transformer_cls_names_to_wrap=sorted(model._no_split_modules or ()),
                reshard_after_forward=True,
                cpu_ram_efficient_loading=False,
            )
        elif count > 1:
            # The gradients that are sent are those that the optimizer reads, and no copy of them.
            given["kwargs_handlers"] = [DistributedDataParallelKwargs(gradient_as_bucket_view=True)]
        if count > 1 and not torch.cuda.is_available():
            given["cpu"] = True
        # A recipe may train twice in one process, and with other numbers.
        AcceleratorState._reset_state(reset_partial_state=False)
        self._accelerator = Accelerator(**given)
        self.device = self._accelerator.device

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def prepare(self, losing: Any, optimizer: Any) -> tuple[Any, Any]:
        """The loss and the optimizer, wrapped so that all devices add up their gradients."""
        wrapped, prepared = self._accelerator.prepare(losing, optimizer)
        # Its wrapper is for float16, which is never used here, and looks for another optimizer's package on the disk at every step.
        return wrapped, prepared.optimizer

    def backward(self, loss: torch.Tensor) -> None:
        self._accelerator.backward(loss)

    def adding_up(self, losing: Any, *, last: bool) -> Any:
        """Around a part of a step: the gradients of all devices meet in the last part only.

        Where weights are sharded they meet in every part, because whole gradients that wait would take the memory that sharding saves.
        """
        return nullcontext() if last or self.sharded else self._accelerator.no_sync(losing)

    def clip(self, losing: Any, longest: float) -> float:
        """Shortens the gradient of all devices, and says how long it was."""
        return float(whole(self._accelerator.clip_grad_norm_(losing.parameters(), longest)))

    def sums(self, *numbers: float | torch.Tensor) -> list[float]:
        """Each number added up over all devices, so that all of them decide alike."""
        if self.count == 1:
            return [float(number) for number in numbers]
        added = torch.stack([torch.as_tensor(number, dtype=torch.float32, device=self.device) for number in numbers])
        distributed.all_reduce(added)
        found: list[float] = added.tolist()
        return found

    def agreed(self, value: Any) -> Any:
        """What rank 0 says."""
        if self.count == 1:
            return value
        said = [value]
        distributed.broadcast_object_list(said, src=0, device=self.device)
        return said[0]

    def gathered(self, value: Any) -> list[Any]:
        """What each rank says, in their order. Returns when all have said it, so it is also a place to wait for each other."""
        if self.count == 1:
            return [value]
        said: list[Any] = [None] * self.count
        distributed.all_gather_object(said, value)
        return said


def whole(tensor: torch.Tensor) -> torch.Tensor:
    """All of a tensor of which each device holds a part. Every device has to ask for it."""
    return tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor


def short_numbers(options: Any) -> bool:
    return options.precision == "bf16" or (options.precision == "auto" and torch.cuda.is_available())
