"""The training loop, to be read from top to bottom: model, data, steps, checkpoints, student. Imported when a step trains.

With one device all of it happens in this process; with several each runs `Run` in a process of its own (`workers.py`).
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import seodang
import torch
import transformers.utils.logging

from seodang_train import checkpoints
from seodang_train.bases import place_of
from seodang_train.batches import Plan, Step, in_parts
from seodang_train.devices import Devices, check_devices, short_numbers
from seodang_train.facts import facts_of
from seodang_train.feeding import packed, padded
from seodang_train.identity import identity_of
from seodang_train.log import append, logged, rewrite
from seodang_train.losing import inner
from seodang_train.memory import estimate
from seodang_train.method import Method
from seodang_train.profiles import completed
from seodang_train.recomputing import recompute
from seodang_train.rehearsal import Ready, check
from seodang_train.room import check_room
from seodang_train.rows import Rows
from seodang_train.saving import loaded, save
from seodang_train.schedule import rate
from seodang_train.selftest import check_head, check_numbers, check_packing
from seodang_train.stored_rows import store
from seodang_train.student_card import about
from seodang_train.trackers import Trackers
from seodang_train.validating import parted
from seodang_train.workers import Work, train_on_devices

LAST = 20
"""The loss at the end is the mean over so many steps."""


class Task(NamedTuple):
    """What every process of a training has to know. `facts` are what a checkpoint of it must agree on. Of the rows the first `trained_rows`
    are trained on; the others are set apart."""

    options: Any
    seed: int
    pad: int
    output: Path
    facts: dict[str, Any]
    trained_rows: int
    method: type[Method] = Method
    prepared: Any = None


class Learned(NamedTuple):
    """What is known when the steps are done. There are fewer `lines` than `steps` where somebody has deleted the log."""

    steps: int
    lines: list[dict[str, Any]]
    real_share: float
    trained_parameters: int
    figures: dict[str, Any]


def train(
    options: Any,
    dataset: Iterable[seodang.Record],
    base: Path | None,
    output: Path,
    context: seodang.Context,
    kind: type[Method] = Method,
) -> seodang.Trained:
    # The step has a progress line of its own.
    transformers.utils.logging.disable_progress_bar()
    check_devices(options)
    seed = context.random.randrange(2**31)
    torch.manual_seed(seed)
    if options.threads:
        torch.set_num_threads(options.threads)
    options = completed(options, base, context)
    directory = base or (place_of(options.model, context) if options.model else None)
    template = context.get("template", options.template)
    method = kind(options, output, context)
    parts = parted(dataset, options.validation, seed)
    tokenizer, model = (
        loaded(directory, template, options.remote_code, options.quantize, frozen=options.lora is not None)
        if directory
        else method.fresh(parts.train, template)
    )
    template = template.of(tokenizer)
    rows = method.rows(parts.train, template, tokenizer)
    unseen = method.rows(parts.validation, template, tokenizer) if options.validation else Rows([], {})
    if not rows.rows or (options.validation and not unseen.rows):
        counts = rows.counts if not rows.rows else unseen.counts
        raise seodang.DataError("seodang_train:no-rows", max_length=options.max_length, **counts)
    if directory is None:
        save(model, tokenizer, template, output / "base")
    parameters = model.num_parameters()
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
    if options.lora:
        model = _adapted(model, options)
    check(Ready(options, tokenizer, model, template, parts.train, rows, output, seed, directory), context)
    facts = facts_of(options, seed, rows, unseen, template, tokenizer)
    facts["base"] = identity_of(directory) if directory else ""
    method.prepared = method.prepare(rows, tokenizer)
    task = Task(options, seed, pad, output, facts, len(rows.rows), kind, method.prepared)
    every = Rows([*rows.rows, *unseen.rows], rows.counts) if unseen.rows else rows
    if options.devices == 1:
        learned = Run(task, method, tokenizer, inner(model), every, context).train()
    else:
        del model  # each worker reads its own
        place = output / "encoded"
        store(every.rows, place)
        work = Work(task, place, directory or output / "base", tuple(template.tokens), options.devices)
        learned = train_on_devices(work, context)
        _, model = opened(task, work.base, work.tokens)
        checkpoints.restore_weights(checkpoints.last(output / "checkpoints"), inner(model))
        shutil.rmtree(place)
    if options.lora:
        from seodang_train.lora import beside, merged

        if options.quantize:
            # What was quantised is not what the student is made of: that is the base as it was.
            model = beside(loaded(directory, template, options.remote_code)[1], model, output / "adapter")
        model = merged(model, rows.rows, pad, output / "adapter")
    save(model, tokenizer, template, output / "student")
    shutil.rmtree(output / "checkpoints", ignore_errors=True)  # nobody resumes a training that is done
    losses = [each["loss"] for each in learned.lines]
    described = {"path": "student", "template": options.template}
    return seodang.Trained(
        student="local",
        options=described,
        base=described | {"path": "base" if directory is None else str(directory.resolve())},
        about=about(options, directory, model, tokenizer, template, context.place(".")),
        figures={
            "rows": len(rows.rows),
            **rows.counts,
            "trained_tokens": sum(rows.trained),
            "real_share": round(learned.real_share, 4),
            "parameters": parameters,
            "trained_parameters": learned.trained_parameters,
            "steps": learned.steps,
            "first_loss": losses[0] if losses else None,
            "last_loss": sum(losses[-LAST:]) / len(losses[-LAST:]) if losses else None,
            **_unseen(learned.lines, len(unseen.rows)),
            **learned.figures,
        },
    )


def _unseen(lines: Sequence[dict[str, Any]], rows: int) -> dict[str, Any]:
    found = [each["validation"] for each in lines if "validation" in each]
    return {"validation_rows": rows, "validation_loss": found[-1], "validation_best": min(found)} if found else {}


class _Tokens(NamedTuple):
    tokens: tuple[str, ...]


def opened(task: Task, base: Path, tokens: tuple[str, ...]) -> tuple[Any, Any]:
    """The tokenizer and the model that is trained, in every process alike: adapters too begin with the same numbers."""
    torch.manual_seed(task.seed)
    tokenizer, model = loaded(base, _Tokens(tokens), task.options.remote_code, task.options.quantize)
    return tokenizer, _adapted(model, task.options) if task.options.lora else model


def _adapted(model: Any, options: Any) -> Any:
    # peft takes a second to import, and only adapters need it.
    from seodang_train.lora import with_adapters

    return with_adapters(model, options)


class Run:
    """One training as one of its processes sees it: all steps, or those that an interrupted one left to do."""

    def __init__(
        self, task: Task, method: Method, tokenizer: Any, model: Any, rows: Rows, context: Any, rank: int = 0, count: int = 1
    ) -> None:
        """`context` is the step's, or in a worker what stands for it."""
        options = self._options = task.options
        self._task, self._method, self._rows, self._context, self._model = task, method, rows.rows, context, model
        self._folder, self._log = task.output / "checkpoints", task.output / "log.jsonl"
        self._lengths, self._trained = rows.lengths, rows.trained
        self.plan = Plan(options, self._lengths[: task.trained_rows], self._trained[: task.trained_rows], task.seed, count)
        self._unseen = list(range(task.trained_rows, len(self._lengths)))
        self._devices = Devices(options, model, rank, count)
        if not self._devices.sharded:
            model.to(self._devices.device)  # a model that is shared out may be too large for one device
        check_numbers(model)
        check_head(model, rows.rows, task.pad)
        if options.packing:
            check_packing(model, rows.rows, task.pad)
        if self._computes_again(model):
            recompute(model)
        if self._devices.leads:
            check_room(task.output, model)
        optimizer = torch.optim.AdamW(
            _groups(model, options.weight_decay), lr=options.learning_rate, betas=(options.beta1, options.beta2), fused=True
        )
        self._trained_parameters = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
        self._losing, self._optimizer = self._devices.prepare(method.losing(model, rows, tokenizer), optimizer)
        self._facts = {"steps": self.plan.total, **task.facts, **method.facts()}
        self._seconds_before, self._began, self._saved = 0.0, time.monotonic(), 0

    def _computes_again(self, model: Any) -> bool:
        if self._options.gradient_checkpointing != "auto":
            return bool(self._options.gradient_checkpointing)
        fed, shares = self.plan.at_once, self._devices.count if self._devices.sharded else 1
        return estimate(model, fed, short=short_numbers(self._options), shares=shares).wants_checkpointing

    def train(self) -> Learned:
        """All that is left to do. Every process leaves it with the same weights."""
        found = self._devices.agreed(
            checkpoints.newest(self._folder, self._facts, self._context) if self._devices.leads else None
        )
        if self._devices.count > 1:
            torch.manual_seed(self._task.seed + self._devices.rank)  # dropout is another on every device
        done, lines = 0, []
        if found is not None:
            place, checkpoint = found
            checkpoints.restore(place, self._model, self._optimizer, self._devices)
            done, self._seconds_before = checkpoint.step, checkpoint.seconds
            lines = logged(self._log, done)
            if len(lines) < done and self._devices.leads:
                self._context.warn("seodang_train:log-is-short", path=str(self._log), lines=len(lines), steps=done)
            if checkpoint.devices != self._devices.count and self._devices.leads:
                self._context.warn("seodang_train:other-devices", before=checkpoint.devices, now=self._devices.count)
        self._saved = done
        if self._devices.leads:
            rewrite(self._log, lines)
        self._losing.train()
        tracked = Trackers(self._options, self._log.parent, leads=self._devices.leads)
        with tracked, open(self._log, "ab", buffering=0) if self._devices.leads else nullcontext() as file:
            for step in self.plan.steps(done):
                if done and self._is_time_up():
                    self._tell_hours(done)
                    break
                lines.append(self._step(step))
                done = step.number + 1
                if file is not None:
                    append(file, lines[-1], self._saved)
                    tracked.tell(lines[-1])
                    self._context.progress(done, self.plan.total, loss=lines[-1]["loss"])
                stopping = self._devices.sums(self._context.stopping)[0] > 0
                if stopping or done % self._options.checkpoint_steps == 0:
                    self._save(done, file)
                if stopping and done < self.plan.total:
                    raise seodang.Interrupted("runs.interrupted")
            if self._saved < done:
                # What was learned is on the disk before the student is made of it.
                self._save(done, file)
        return Learned(done, lines, self.plan.real_share(), self._trained_parameters, self._method.figures())

    def _step(self, step: Step) -> dict[str, Any]:
        """The gradient is that of the sum over all trained tokens of the step, divided by their number, however it is cut in parts
        and however the parts are dealt to devices (which divide the sum of their gradients by their number: hence `count`)."""
        learning = rate(self._options, step.number, self.plan.total)
        for group in self._optimizer.param_groups:
            group["lr"] = learning
        count = self._devices.count
        self._optimizer.zero_grad(set_to_none=True)
        lost = torch.zeros((), device=self._devices.device)
        mine = list(_mine(step.parts, self._devices))
        for number, (part, counts) in enumerate(mine):
            with self._devices.adding_up(self._losing, last=number + 1 == len(mine)):
                loss = self._losing(self._feed(part), part) * (count * counts) / step.total
                self._devices.backward(loss)
            lost += loss.detach()
        (lost_everywhere,) = self._devices.sums(lost)
        norm = self._devices.clip(self._losing, self._options.clip)
        if not torch.isfinite(torch.tensor([lost_everywhere, norm])).all():
            raise seodang.StepError("seodang_train:loss-not-finite", step=step.number + 1)
        self._optimizer.step()
        facts = {
            "step": step.number + 1,
            "loss": lost_everywhere / count,
            "rate": learning,
            "gradient": norm,
            "trained": step.total,
        }
        every = self._options.validation_steps or self.plan.per_epoch
        if self._unseen and (facts["step"] % every == 0 or facts["step"] == self.plan.total):
            facts["validation"] = self._loss_on_unseen()
        return facts

    def _feed(self, part: Sequence[int]) -> Any:
        chosen = [self._rows[place] for place in part]
        device = self._devices.device
        return packed(chosen, device) if self._options.packing else padded(chosen, self._task.pad, device)

    @torch.no_grad()
    def _loss_on_unseen(self) -> float:
        """The mean over the trained tokens of the rows set apart, without dropout; it draws nothing from chance."""
        self._losing.eval()
        lost = torch.zeros((), device=self._devices.device)
        for part, counts in _mine(in_parts(self._options, self._lengths, self._unseen, self.plan.at_once), self._devices):
            lost += self._losing(self._feed(part), part) * counts
        self._losing.train()
        return self._devices.sums(lost)[0] / sum(self._trained[place] for place in self._unseen)

    def _seconds(self) -> float:
        return self._seconds_before + time.monotonic() - self._began

    def _is_time_up(self) -> bool:
        """By the clock of rank 0: two clocks never agree on the second."""
        limit = self._options.max_hours * 3600
        return bool(limit) and self._devices.sums(self._devices.leads and self._seconds() >= limit)[0] > 0

    def _tell_hours(self, done: int) -> None:
        if self._devices.leads:
            self._context.warn("seodang_train:hours-are-over", hours=self._options.max_hours, step=done, total=self.plan.total)

    def _save(self, done: int, log: Any) -> None:
        if log is not None:
            os.fsync(log.fileno())  # a checkpoint never knows of more steps than the log
        checkpoints.save(
            self._folder, done, self._model, self._optimizer, self._facts, self._devices, self._seconds(), before=self._saved
        )
        self._saved = done


def _mine(parts: Sequence[list[int]], devices: Devices) -> Iterable[tuple[list[int], bool]]:
    """The parts of this device. Where one has fewer than others it feeds a row that does not count: all have to meet as often."""
    for start in range(0, len(parts), devices.count):
        place = start + devices.rank
        yield (parts[place], True) if place < len(parts) else (parts[0][:1], False)


def _groups(model: Any, decay: float) -> list[dict[str, Any]]:
    """Biases and norms are not decayed: there are no weights in them that could grow without need."""
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return [
        {"params": [parameter for parameter in parameters if parameter.dim() >= 2], "weight_decay": decay},
        {"params": [parameter for parameter in parameters if parameter.dim() < 2], "weight_decay": 0.0},
    ]
