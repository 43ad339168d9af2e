"""The training loop, to be read from top to bottom: model, data, steps, checkpoints, student. Imported when a step trains."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import seodang
import torch
import transformers.utils.logging
from accelerate import Accelerator

from seodang_train import checkpoints
from seodang_train.batches import Plan, Step
from seodang_train.feeding import packed, padded
from seodang_train.log import line, logged, rewrite
from seodang_train.losing import Losing
from seodang_train.rows import Rows, encode_rows
from seodang_train.saving import loaded, made, save
from seodang_train.schedule import rate
from seodang_train.selftest import check_head, check_packing

LAST = 20
"""The loss at the end is the mean over so many steps."""


def train(
    options: Any, dataset: Iterable[seodang.Record], base: Path | None, output: Path, context: seodang.Context
) -> seodang.Trained:
    # The step has a progress line of its own.
    transformers.utils.logging.disable_progress_bar()
    seed = context.random.randrange(2**31)
    torch.manual_seed(seed)
    if options.threads:
        torch.set_num_threads(options.threads)
    if options.lora:
        # peft takes a second to import, and only adapters need it.
        from seodang_train.lora import merged, with_adapters
    directory = base or (context.place(options.model) if options.model else None)
    template = context.get("template", options.template)
    tokenizer, model = loaded(directory, template) if directory else made(options, dataset, template)
    template = template.of(tokenizer)
    rows = encode_rows(dataset, template, tokenizer, options)
    if not rows.rows:
        raise seodang.DataError("seodang_train:no-rows", max_length=options.max_length, **rows.counts)
    if directory is None:
        save(model, tokenizer, template, output / "base")
    parameters = sum(parameter.numel() for parameter in model.parameters())
    adapted = with_adapters(model, options) if options.lora else None
    run = Run(options, model, tokenizer, rows, seed, output, context)
    losses = run.train()
    if adapted is not None:
        model = merged(adapted, rows.rows, run.pad, output / "adapter")
    save(model, tokenizer, template, output / "student")
    shutil.rmtree(output / "checkpoints", ignore_errors=True)  # nobody resumes a training that is done
    opened = {"path": "student", "template": options.template}
    return seodang.Trained(
        student="local",
        options=opened,
        base=opened | {"path": "base" if directory is None else str(directory.resolve())},
        figures={
            "rows": len(rows.rows),
            **rows.counts,
            "trained_tokens": sum(rows.trained),
            "real_share": round(run.plan.real_share(), 4),
            "parameters": parameters,
            "trained_parameters": run.trained_parameters,
            "steps": len(losses),
            "first_loss": losses[0],
            "last_loss": sum(losses[-LAST:]) / len(losses[-LAST:]),
        },
    )


class Run:
    """One training: all steps, or those that an interrupted one left to do."""

    def __init__(
        self, options: Any, model: Any, tokenizer: Any, rows: Rows, seed: int, output: Path, context: seodang.Context
    ) -> None:
        self.plan = Plan(options, rows.lengths, rows.trained, seed)
        self._options = options
        self._rows = rows.rows
        self._context = context
        self._folder, self._log = output / "checkpoints", output / "log.jsonl"
        self.pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
        self._accelerator = Accelerator(mixed_precision="bf16" if _short_numbers(options) else "no")
        self._model = model.to(self._accelerator.device)
        check_head(model, self._rows, self.pad)
        if options.packing:
            check_packing(model, self._rows, self.pad)
        if options.gradient_checkpointing:
            model.gradient_checkpointing_enable({"use_reentrant": False})
        self._optimizer = torch.optim.AdamW(
            _groups(model, options.weight_decay), lr=options.learning_rate, betas=(options.beta1, options.beta2), fused=True
        )
        self.trained_parameters = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
        self._losing, self._optimizer = self._accelerator.prepare(Losing(model), self._optimizer)
        self._facts = {"seed": seed, "total": self.plan.total, "rows": rows.fingerprint()}
        self._began = time.monotonic()

    def train(self) -> list[float]:
        """Every step's loss."""
        lines: list[dict[str, Any]] = []
        if (found := checkpoints.newest(self._folder, self._facts, self._context)) is not None:
            checkpoints.restore(found[0], self._model, self._optimizer)
            lines = logged(self._log, found[1].step)
        rewrite(self._log, lines)
        self._model.train()
        losses = [float(each["loss"]) for each in lines]
        with open(self._log, "ab", buffering=0) as file:
            for step in self.plan.steps(len(losses)):
                facts = self._step(step)
                losses.append(facts["loss"])
                file.write(line(facts))
                self._context.progress(step.number + 1, self.plan.total, loss=facts["loss"])
                if self._is_over(step.number + 1):
                    break
        return losses

    def _step(self, step: Step) -> dict[str, Any]:
        """The gradient is that of the sum over all trained tokens of the step, divided by their number, however it is cut in parts."""
        learning = rate(self._options, step.number, self.plan.total)
        for group in self._optimizer.param_groups:
            group["lr"] = learning
        mine = step.parts[self._accelerator.process_index :: self._accelerator.num_processes]
        self._optimizer.zero_grad(set_to_none=True)
        lost = torch.zeros((), device=self._accelerator.device)
        for number, part in enumerate(mine):
            rows = [self._rows[place] for place in part]
            feed = packed(rows, lost.device) if self._options.packing else padded(rows, self.pad, lost.device)
            with nullcontext() if number + 1 == len(mine) else self._accelerator.no_sync(self._losing):
                loss = self._losing(feed) / step.total
                self._accelerator.backward(loss)
            lost += loss.detach()
        if not torch.isfinite(lost):
            raise seodang.StepError("seodang_train:loss-not-finite", step=step.number)
        norm = self._accelerator.clip_grad_norm_(self._losing.parameters(), self._options.clip)
        self._optimizer.step()
        return {"step": step.number + 1, "loss": float(lost), "rate": learning, "gradient": float(norm), "trained": step.total}

    def _is_over(self, done: int) -> bool:
        """Saves where it is time to, and raises `Interrupted` where somebody wishes to stop."""
        if self._context.stopping:
            self._save(done)
            raise seodang.Interrupted("runs.interrupted")
        hours = (time.monotonic() - self._began) / 3600
        if self._options.max_hours and hours >= self._options.max_hours and done < self.plan.total:
            self._context.warn("seodang_train:hours-are-over", hours=self._options.max_hours, step=done, total=self.plan.total)
            return True
        if done % self._options.checkpoint_steps == 0 and done < self.plan.total:
            self._save(done)
        return False

    def _save(self, done: int) -> None:
        checkpoints.save(self._folder, done, self._model, self._optimizer, self._facts)


def _groups(model: Any, decay: float) -> list[dict[str, Any]]:
    """Biases and norms are not decayed: there are no weights in them that could grow without need."""
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return [
        {"params": [parameter for parameter in parameters if parameter.dim() >= 2], "weight_decay": decay},
        {"params": [parameter for parameter in parameters if parameter.dim() < 2], "weight_decay": 0.0},
    ]


def _short_numbers(options: Any) -> bool:
    return options.precision == "bf16" or (options.precision == "auto" and torch.cuda.is_available())
