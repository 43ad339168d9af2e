"""Trains students: supervised fine-tuning from scratch or from a directory."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import seodang

Meta = msgspec.Meta
Conduct = Meta(extra=seodang.CONDUCT)


class Lora(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Small matrices beside the large ones, which are trained alone."""

    rank: Annotated[int, Meta(ge=1, description="Their inner size.")] = 16
    alpha: Annotated[int, Meta(ge=0, description="Their weight, divided by the rank; 0 is twice the rank.")] = 0
    dropout: Annotated[float, Meta(ge=0, lt=1, description="Dropout before them.")] = 0.0
    targets: Annotated[
        tuple[str, ...], Meta(description="The layers they stand beside; unset, those of the model's profile.")
    ] = ()


class Sft(seodang.Trainer):
    """Supervised fine-tuning of a causal language model: loss on the answers and their ends, on every parameter or on adapters."""

    name = "sft"
    revision = 2
    deterministic = False

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        model: Annotated[str, Meta(description="The directory to go on from; without it, a model is made from scratch.")] = ""
        shape: Annotated[Literal["gpt-neox", "llama"], Meta(description="The architecture from scratch.")] = "gpt-neox"
        width: Annotated[int, Meta(ge=16, description="Hidden size from scratch.")] = 128
        layers: Annotated[int, Meta(ge=1, description="Layers from scratch.")] = 4
        heads: Annotated[int, Meta(ge=1, description="Attention heads from scratch.")] = 4
        dropout: Annotated[float, Meta(ge=0, lt=1, description="Dropout from scratch.")] = 0.0
        template: Annotated[str, Meta(description="How a conversation is written.", extra=seodang.names("template"))] = "koalpaca"
        loss: Annotated[
            Literal["answers", "everything"],
            Meta(description="What carries loss: answers and their ends, or also the questions, as KoAlpaca v1.1 was trained."),
        ] = "answers"
        epochs: Annotated[int, Meta(ge=1, description="Times through the data, where max_steps does not say it.")] = 3
        max_steps: Annotated[int, Meta(ge=0, description="Steps in all; 0 leaves it to epochs.")] = 0
        max_hours: Annotated[float, Meta(ge=0, description="Ends after so many hours with what was learned; 0 never.")] = 0.0
        learning_rate: Annotated[float, Meta(gt=0, description="The highest, after the warm-up.")] = 1e-3
        schedule: Annotated[
            Literal["cosine", "linear", "constant"], Meta(description="How the rate falls after the warm-up.")
        ] = "cosine"
        warmup: Annotated[float, Meta(ge=0, le=1, description="The share of the steps in which the rate rises.")] = 0.03
        weight_decay: Annotated[float, Meta(ge=0, description="Decay of the weights (AdamW); biases and norms have none.")] = 0.0
        beta1: Annotated[float, Meta(ge=0, lt=1, description="AdamW's memory of gradients.")] = 0.9
        beta2: Annotated[
            float, Meta(ge=0, lt=1, description="AdamW's memory of their squares; 0.999 remembers longer than a short training.")
        ] = 0.95
        clip: Annotated[float, Meta(gt=0, description="The longest gradient.")] = 1.0
        batch_tokens: Annotated[int, Meta(ge=16, description="Tokens in a step, padding included.")] = 2048
        batch_rows: Annotated[
            int, Meta(ge=0, description="Rows in a step instead, as published recipes count them; 0 counts tokens.")
        ] = 0
        micro_tokens: Annotated[
            int, Meta(ge=0, description="Tokens fed at once; 0 is the whole step, or 8,192 where rows are counted."), Conduct
        ] = 0
        packing: Annotated[
            bool,
            Meta(description="Rows one behind the other without padding, each attended to alone; tried with the model first."),
        ] = False
        max_length: Annotated[int, Meta(ge=8, description="The longest row, in tokens.")] = 512
        over_long: Annotated[
            Literal["drop", "cut", "split"],
            Meta(description="A longer row is dropped, cut and closed, or split between rounds; counted in any case."),
        ] = "drop"
        lora: Annotated[Lora, Meta(description="Trains adapters instead of the model, as in { rank = 16 }.")] | None = None
        precision: Annotated[
            Literal["auto", "float32", "bf16"], Meta(description="Numbers in the forward pass; auto is bf16 on a GPU.")
        ] = "auto"
        gradient_checkpointing: Annotated[
            bool,
            Meta(description="Computes the forward pass again on the way back: a third more time, much less memory."),
            Conduct,
        ] = False
        checkpoint_steps: Annotated[int, Meta(ge=1, description="Save after so many steps."), Conduct] = 200
        threads: Annotated[int, Meta(ge=0, description="Threads on a CPU; 0 leaves it to torch."), Conduct] = 0

    def train(
        self, dataset: Iterable[seodang.Record], base: Path | None, output: Path, context: seodang.Context
    ) -> seodang.Trained:
        from seodang_train.loop import train

        return train(self.options, dataset, base, output, context)


@seodang.hookimpl
def register_trainers(register: seodang.Register) -> None:
    register(Sft)
