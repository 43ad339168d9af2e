"""Trains students: supervised fine-tuning from scratch or from a directory, and the templates that go with it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import seodang

from seodang_train.templates import Alpaca, KoAlpaca

Meta = msgspec.Meta


class Sft(seodang.Trainer):
    """Supervised fine-tuning: loss on the answers and their end tokens, full precision, every parameter."""

    name = "sft"
    revision = 1
    deterministic = False

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        model: Annotated[str, Meta(description="The directory to go on from; without it, a model is made from scratch.")] = ""
        shape: Annotated[Literal["gpt-neox", "llama"], Meta(description="The architecture from scratch.")] = "gpt-neox"
        width: Annotated[int, Meta(ge=16, description="Hidden size from scratch.")] = 128
        layers: Annotated[int, Meta(ge=1, description="Layers from scratch.")] = 4
        heads: Annotated[int, Meta(ge=1, description="Attention heads from scratch.")] = 4
        dropout: Annotated[float, Meta(ge=0, lt=1, description="Dropout from scratch.")] = 0.0
        template: Annotated[str, Meta(description="How a conversation is written.", extra=seodang.names("template"))] = "koalpaca"
        epochs: Annotated[int, Meta(ge=1, description="Times through the data, where max_steps does not say it.")] = 3
        max_steps: Annotated[int, Meta(ge=0, description="Steps in all; 0 leaves it to epochs.")] = 0
        learning_rate: Annotated[float, Meta(gt=0, description="The highest, after the warm-up; it falls as a cosine.")] = 1e-3
        warmup: Annotated[float, Meta(ge=0, le=1, description="The share of the steps in which the rate rises.")] = 0.03
        weight_decay: Annotated[float, Meta(ge=0, description="Decay of the weights (AdamW).")] = 0.0
        batch_tokens: Annotated[int, Meta(ge=16, description="Tokens in a step, padding included.")] = 2048
        max_length: Annotated[int, Meta(ge=8, description="Longer rows are dropped, and counted.")] = 512
        checkpoint_steps: Annotated[int, Meta(ge=1, description="Save after so many steps.", extra=seodang.CONDUCT)] = 200
        threads: Annotated[int, Meta(ge=0, description="Threads on a CPU; 0 leaves it to torch.", extra=seodang.CONDUCT)] = 0

    def train(
        self, dataset: Iterable[seodang.Record], base: Path | None, output: Path, context: seodang.Context
    ) -> seodang.Trained:
        from seodang_train.loop import train

        return train(self.options, dataset, base, output, context)


@seodang.hookimpl
def register_trainers(register: seodang.Register) -> None:
    register(Sft)


@seodang.hookimpl
def register_templates(register: seodang.Register) -> None:
    register(KoAlpaca)
    register(Alpaca)
