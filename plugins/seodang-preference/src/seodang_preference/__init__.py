"""Trains on pairs of answers of which one was preferred: DPO and reward models, over TRL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import seodang

Meta = msgspec.Meta
Conduct = Meta(extra=seodang.CONDUCT)


class Preferring(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What both trainers have."""

    model: Annotated[
        str, Meta(description="The directory to go on from, as a student that was fine-tuned before.", extra=seodang.FILES)
    ] = ""
    template: Annotated[str, Meta(description="How a conversation is written.", extra=seodang.names("template"))] = "koalpaca"
    epochs: Annotated[int, Meta(ge=1, description="Times through the pairs, where max_steps does not say it.")] = 1
    max_steps: Annotated[int, Meta(ge=0, description="Steps in all; 0 leaves it to epochs.")] = 0
    schedule: Annotated[Literal["cosine", "linear", "constant"], Meta(description="How the rate falls after the warm-up.")] = (
        "linear"
    )
    warmup: Annotated[float, Meta(ge=0, lt=1, description="The share of the steps in which the rate rises.")] = 0.1
    clip: Annotated[float, Meta(gt=0, description="The longest gradient.")] = 1.0
    batch_pairs: Annotated[int, Meta(ge=1, description="Pairs in a step.")] = 16
    micro_pairs: Annotated[int, Meta(ge=1, description="Pairs fed at once; has to divide batch_pairs."), Conduct] = 4
    max_length: Annotated[int, Meta(ge=8, description="Pairs with a longer conversation are left out and counted.")] = 1024
    precision: Annotated[
        Literal["auto", "float32", "bf16"], Meta(description="Numbers in the forward pass; auto is bf16 on a GPU.")
    ] = "auto"
    gradient_checkpointing: Annotated[
        bool, Meta(description="Computes the forward pass again on the way back: slower, much less memory."), Conduct
    ] = False
    checkpoint_steps: Annotated[int, Meta(ge=1, description="Save after so many steps."), Conduct] = 100
    threads: Annotated[int, Meta(ge=0, description="Threads on a CPU; 0 leaves it to torch."), Conduct] = 0

    def __post_init__(self) -> None:
        if self.batch_pairs % self.micro_pairs:
            from seodang.wording import render

            told = {"batch_pairs": self.batch_pairs, "micro_pairs": self.micro_pairs}
            raise ValueError(render("seodang_preference:micro-does-not-divide", told))


class DpoOptions(Preferring, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Those of `dpo`."""

    learning_rate: Annotated[float, Meta(gt=0, description="The highest, after the warm-up.")] = 5e-7
    beta: Annotated[
        float, Meta(gt=0, description="How strongly the student is held to what it was; lower lets it go further.")
    ] = 0.1
    loss: Annotated[Literal["sigmoid", "ipo", "hinge"], Meta(description="The loss of a pair: DPO's own, IPO's or SLiC's.")] = (
        "sigmoid"
    )


class RewardOptions(Preferring, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Those of `reward`."""

    learning_rate: Annotated[float, Meta(gt=0, description="The highest, after the warm-up.")] = 1e-5


class Dpo(seodang.Trainer):
    """Direct preference optimisation: the chosen answer becomes likelier than the rejected one, against the model it began as."""

    name = "dpo"
    deterministic = False
    Options = DpoOptions

    def train(
        self, dataset: Iterable[seodang.Record], base: Path | None, output: Path, context: seodang.Context
    ) -> seodang.Trained:
        from seodang_preference.training import train_dpo

        return train_dpo(self.options, dataset, base, output, context)


class Reward(seodang.Trainer):
    """A reward model: a number for a conversation, higher for the chosen answer than for the rejected one."""

    name = "reward"
    deterministic = False
    Options = RewardOptions

    def train(
        self, dataset: Iterable[seodang.Record], base: Path | None, output: Path, context: seodang.Context
    ) -> seodang.Trained:
        from seodang_preference.training import train_reward

        return train_reward(self.options, dataset, base, output, context)


class RewardModel(seodang.Student):
    """What `reward` makes. It gives marks and says nothing, so an evaluation that would talk to it is told so."""

    name = "reward"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        path: Annotated[str, Meta(description="The directory of the reward model.")]

    def open(self, context: seodang.Context) -> None:
        raise seodang.DataError("seodang_preference:does-not-talk", path=self.options.path)

    def loglikelihoods(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
        raise seodang.DataError("seodang_preference:does-not-talk", path=self.options.path)

    def generate(self, conversations: Sequence[seodang.Record], max_tokens: int) -> Sequence[str]:
        raise seodang.DataError("seodang_preference:does-not-talk", path=self.options.path)


@seodang.hookimpl
def register_trainers(register: seodang.Register) -> None:
    register(Dpo)
    register(Reward)


@seodang.hookimpl
def register_students(register: seodang.Register) -> None:
    register(RewardModel)


__all__ = ["Dpo", "Reward", "RewardModel"]
