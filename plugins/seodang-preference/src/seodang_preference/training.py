"""Both trainings over TRL: it has the losses and the loop; here are the pairs, the checkpoints that count, and the student."""

from __future__ import annotations

import json
import os
import shutil
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import seodang
import torch
import transformers.utils.logging
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer

from seodang_preference.pairs import pairs_of
from seodang_preference.resuming import KEPT, Following, newest

REWARD_HEAD = ("score.weight",)
"""What a reward model has and no base: it begins as random numbers."""
LAST = 20
"""The loss at the end is the mean over so many steps."""


@contextmanager
def quiet() -> Iterator[None]:
    """TRL asks transformers and torch by names that these will drop; nobody who trains can do anything about it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*gradient_checkpointing` is deprecated", FutureWarning)
        yield


CONDUCT = {"model", "micro_pairs", "gradient_checkpointing", "checkpoint_steps", "threads"}


@quiet()
def train_dpo(
    options: Any, dataset: Iterable[seodang.Record], base: Path | None, output: Path, context: seodang.Context
) -> seodang.Trained:
    work = Work(options, dataset, base, output, context)
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer

    class Ready(Ours, DPOTrainer):  # type: ignore[misc]
        pass

    arguments = DPOConfig(**work.arguments(), beta=options.beta, loss_type=options.loss)
    # The one that it is held to is the base, also where the student goes on from a checkpoint.
    trainer = Ready(
        model=work.opened(AutoModelForCausalLM),
        ref_model=loaded(AutoModelForCausalLM, work.base),
        args=arguments,
        train_dataset=Dataset.from_dict(work.pairs.columns()),
        processing_class=work.tokenizer,
        callbacks=[work.following],
    )
    figures = work.run(trainer)
    work.save(trainer.model)
    opened = {"path": "student", "template": options.template}
    # Relative: the folder of a step before lies beside this one, and stays there when the run is moved.
    before = os.path.relpath(work.base.resolve(), output.resolve())
    return seodang.Trained(student="local", options=opened, base=opened | {"path": before}, figures=figures)


@quiet()
def train_reward(
    options: Any, dataset: Iterable[seodang.Record], base: Path | None, output: Path, context: seodang.Context
) -> seodang.Trained:
    work = Work(options, dataset, base, output, context)
    from datasets import Dataset
    from trl import RewardConfig, RewardTrainer

    class Ready(Ours, RewardTrainer):  # type: ignore[misc]
        pass

    trainer = Ready(
        model=work.opened(AutoModelForSequenceClassification, num_labels=1),
        args=RewardConfig(**work.arguments()),
        train_dataset=Dataset.from_dict(work.pairs.conversations()),
        processing_class=work.tokenizer,
        callbacks=[work.following],
    )
    figures = work.run(trainer)
    work.save(trainer.model)
    return seodang.Trained(student="reward", options={"path": "student"}, figures=figures)


class Ours:
    """What TRL's trainers do not do here."""

    def _prepare_dataset(self, dataset: Any, *others: Any) -> Any:
        """The pairs are encoded by the template already; TRL would write the texts in its own way."""
        return dataset

    def create_model_card(self, *others: Any, **more: Any) -> None:
        """The run writes one (`seodang card`)."""

    def _send_telemetry(self) -> None:
        """TRL would tell the hub what is trained, each time a trainer is made."""


class Work:
    """What both have: the pairs, where to go on from, TRL's arguments, the student."""

    def __init__(
        self, options: Any, dataset: Iterable[seodang.Record], base: Path | None, output: Path, context: seodang.Context
    ) -> None:
        if find_spec("trl") is None:
            raise seodang.DataError("seodang_preference:no-trl", step=context.step)
        if base is None and not options.model:
            raise seodang.DataError("seodang_preference:no-model", step=context.step)
        transformers.utils.logging.disable_progress_bar()
        self._options, self._output, self._context = options, output, context
        self._folder = output / "checkpoints"
        self.base = base or context.place(options.model)
        check_base(self.base)
        self._seed = context.random.randrange(2**31)
        torch.manual_seed(self._seed)
        if options.threads:
            torch.set_num_threads(options.threads)
        self.tokenizer = AutoTokenizer.from_pretrained(self.base, local_files_only=True, trust_remote_code=False)
        if self.tokenizer.eos_token_id is None:
            raise seodang.DataError("seodang_preference:no-end-token", path=str(self.base))
        self._pads = self.tokenizer.pad_token_id is not None
        self._template = context.get("template", options.template).of(self.tokenizer)
        self.pairs = pairs_of(dataset, self._template, self.tokenizer, options.max_length)
        if not self.pairs.pairs:
            raise seodang.DataError("seodang_preference:no-pairs", max_length=options.max_length, **self.pairs.counts)
        facts = {name: value for name, value in msgspec.to_builtins(options).items() if name not in CONDUCT}
        facts |= {"seed": self._seed, "pairs": self.pairs.fingerprint(), "trl": version("trl")}
        self._checkpoint = newest(self._folder, facts, context)
        self.following = Following(context, facts)

    def opened(self, kind: Any, **how: Any) -> Any:
        """From the checkpoint itself where there is one: TRL's own resuming loads by the names of the modules, which for GPT-NeoX's
        head are not those of the file, and says nothing (docs/decisions/0019-distillation-and-preferences.md)."""
        return loaded(kind, self._checkpoint or self.base, new=() if self._checkpoint else REWARD_HEAD, **how)

    def arguments(self) -> dict[str, Any]:
        options = self._options
        graphics = torch.cuda.is_available()
        return {
            "output_dir": str(self._folder),
            "num_train_epochs": options.epochs,
            "max_steps": options.max_steps or -1,
            "per_device_train_batch_size": options.micro_pairs,
            "gradient_accumulation_steps": options.batch_pairs // options.micro_pairs,
            "learning_rate": options.learning_rate,
            "lr_scheduler_type": options.schedule if options.schedule != "constant" else "constant_with_warmup",
            "warmup_steps": options.warmup,  # below one it is a share
            "max_grad_norm": options.clip,
            "max_length": None,  # what is too long is left out already, and counted
            "bf16": options.precision == "bf16" or (options.precision == "auto" and graphics),
            "use_cpu": not graphics,
            "gradient_checkpointing": options.gradient_checkpointing,
            "save_strategy": "steps",
            "save_steps": options.checkpoint_steps,
            "save_total_limit": KEPT,
            "logging_steps": 1,
            "logging_nan_inf_filter": False,
            "report_to": "none",
            "disable_tqdm": True,
            "dataloader_pin_memory": graphics,
            "seed": self._seed,
        }

    def run(self, trainer: Any) -> dict[str, Any]:
        """All that is left to do. The figures of the step."""
        from transformers import PrinterCallback

        trainer.remove_callback(PrinterCallback)  # the step has a progress line of its own
        trainer.train(resume_from_checkpoint=str(self._checkpoint) if self._checkpoint else None)
        lines = [line for line in trainer.state.log_history if "loss" in line]
        (self._output / "log.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
        if trainer.state.global_step < trainer.state.max_steps:
            raise seodang.Interrupted("runs.interrupted")
        losses = [line["loss"] for line in lines]
        right = next((name for name in ("rewards/accuracies", "accuracy") if name in lines[-1]), "")
        return {
            "pairs": len(self.pairs.pairs),
            **self.pairs.counts,
            "steps": len(lines),
            "parameters": trainer.model.num_parameters(),
            "first_loss": losses[0],
            "last_loss": sum(losses[-LAST:]) / len(losses[-LAST:]),
            "chosen_preferred": sum(line[right] for line in lines[-LAST:]) / len(lines[-LAST:]) if right else None,
        }

    def save(self, model: Any) -> None:
        """Whole or not there, with what ends an answer."""
        stops = seodang.encode([seodang.Segment(self._template.stop, special=True)], self.tokenizer).ids
        stops = list(dict.fromkeys((*stops, self.tokenizer.eos_token_id)))
        if getattr(model, "generation_config", None) is not None:
            model.generation_config.eos_token_id = stops[0] if len(stops) == 1 else stops
            model.generation_config.pad_token_id = self.tokenizer.pad_token_id
        if not self._pads:
            self.tokenizer.pad_token = None  # TRL took the end for it
        place = self._output / "student"
        temporary = place.with_name(".student.writing")
        shutil.rmtree(temporary, ignore_errors=True)
        model.save_pretrained(temporary)
        self.tokenizer.save_pretrained(temporary)
        shutil.rmtree(place, ignore_errors=True)
        os.rename(temporary, place)
        shutil.rmtree(self._folder, ignore_errors=True)  # nobody resumes a training that is done


def check_base(place: Path) -> None:
    if not any(place.glob("*.safetensors")):
        raise seodang.DataError("seodang_preference:no-safetensors", path=str(place))
    config = msgspec.json.decode((place / "config.json").read_bytes())
    if any("SequenceClassification" in name for name in config.get("architectures") or ()):
        raise seodang.DataError("seodang_preference:is-reward-model", path=str(place))


def loaded(kind: Any, place: Path, *, new: Sequence[str] = (), **how: Any) -> Any:
    """In float32: the optimizer's steps are too small for anything shorter. `new` are the weights that may begin as random numbers; any
    other that the files lack is refused, where transformers only prints a table."""
    told = transformers.utils.logging.get_verbosity()
    transformers.utils.logging.set_verbosity_error()
    try:
        model, found = kind.from_pretrained(
            place,
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
            dtype=torch.float32,
            output_loading_info=True,
            **how,
        )
    finally:
        transformers.utils.logging.set_verbosity(told)
    if lacking := sorted({*found["missing_keys"]} - {*new}):
        raise seodang.DataError("seodang_preference:base-lacks", path=str(place), tensors=lacking[:3], count=len(lacking))
    return model
