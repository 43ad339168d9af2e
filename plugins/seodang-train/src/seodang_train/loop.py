"""The training loop, to be read from top to bottom: model, data, steps, checkpoints, student. Imported when a step trains."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import seodang
import torch
import transformers.utils.logging
from accelerate import Accelerator
from seodang_local.rendering import Encoded
from transformers import AutoModelForCausalLM, AutoTokenizer

from seodang_train import checkpoints
from seodang_train.batches import IGNORED, encode_rows, epoch_batches, tensors
from seodang_train.shapes import literals, new_model, new_tokenizer

BETAS = (0.9, 0.95)
"""The second as large language models have it; torch's 0.999 remembers longer than a small training lasts."""


def train(
    options: Any, dataset: Iterable[seodang.Record], base: Path | None, output: Path, context: seodang.Context
) -> seodang.Trained:
    # The step has a progress line of its own.
    transformers.utils.logging.disable_progress_bar()
    seed = context.random.randrange(2**31)
    torch.manual_seed(seed)
    if options.threads:
        torch.set_num_threads(options.threads)
    directory = base or (Path(options.model) if options.model else None)
    template = context.get("template", options.template)
    tokenizer, model = _loaded(directory) if directory else _made(options, dataset, template)
    rows = encode_rows(dataset, template, tokenizer, options.max_length)
    if not rows.encoded:
        facts = {"too_long": rows.too_long, "nothing_trained": rows.nothing_trained, "max_length": options.max_length}
        raise seodang.DataError("seodang_train:no-rows", **facts)
    if directory is None:
        _save(model, tokenizer, output / "base")
    losses, steps = _train_steps(options, model, tokenizer, rows.encoded, seed, output, context)
    _save(model, tokenizer, output / "student")
    opened = {"path": "student", "template": options.template}
    return seodang.Trained(
        student="local",
        options=opened,
        base=opened | {"path": "base" if directory is None else str(directory.resolve())},
        figures={
            "rows": len(rows.encoded),
            "too_long": rows.too_long,
            "nothing_trained": rows.nothing_trained,
            "trained_tokens": sum(sum(row.trained[1:]) for row in rows.encoded),
            "parameters": sum(parameter.numel() for parameter in model.parameters()),
            "steps": steps,
            "first_loss": losses[0],
            "last_loss": sum(losses[-20:]) / len(losses[-20:]),
        },
    )


def _loaded(directory: Path) -> tuple[Any, Any]:
    if not any(directory.glob("*.safetensors")):
        raise seodang.DataError("seodang_train:no-safetensors", path=str(directory))
    tokenizer = AutoTokenizer.from_pretrained(directory)
    if tokenizer.eos_token_id is None:
        raise seodang.DataError("seodang_train:no-end-token", path=str(directory))
    model = AutoModelForCausalLM.from_pretrained(directory, use_safetensors=True, dtype=torch.float32)
    if len(tokenizer) > model.get_input_embeddings().num_embeddings:
        raise seodang.DataError("seodang_train:vocabulary-too-large", path=str(directory), tokens=len(tokenizer))
    return tokenizer, model


def _made(options: Any, dataset: Iterable[seodang.Record], template: seodang.Template) -> tuple[Any, Any]:
    if options.width % options.heads:
        raise seodang.DataError("seodang_train:heads-do-not-divide", width=options.width, heads=options.heads)
    texts = (segment.text for record in dataset for segment in template.segments(record) if not segment.special)
    tokenizer = new_tokenizer(texts, options.max_length, literals(template))
    return tokenizer, new_model(options, tokenizer)


def _train_steps(
    options: Any, model: Any, tokenizer: Any, rows: list[Encoded], seed: int, output: Path, context: seodang.Context
) -> tuple[list[float], int]:
    """All steps, or those that an interrupted run left to do. Gives every step's loss."""
    lengths = [len(row.ids) for row in rows]
    per_epoch = len(epoch_batches(lengths, options.batch_tokens, seed, 0))
    total = options.max_steps or per_epoch * options.epochs
    accelerator = Accelerator()
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=options.learning_rate, betas=BETAS, weight_decay=options.weight_decay, fused=True
    )
    model, optimizer = accelerator.prepare(model, optimizer)
    bare = accelerator.unwrap_model(model)
    facts = {"seed": seed, "total": total, "rows": _fingerprint(rows)}
    folder, log = output / "checkpoints", output / "log.jsonl"
    losses: list[float] = []
    if (found := checkpoints.newest(folder, facts)) is not None:
        checkpoints.restore(found[0], bare, optimizer)
        losses = _logged(log)[: found[1].step]
    _rewrite(log, losses)
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
    model.train()
    with open(log, "ab", buffering=0) as file:
        for step, batch in _batches(lengths, options.batch_tokens, seed, len(losses), total):
            ids, mask, labels = tensors([rows[place] for place in batch], pad, accelerator.device)
            for group in optimizer.param_groups:
                group["lr"] = _rate(options, step, total)
            loss = _loss(model, ids, mask, labels)
            if not torch.isfinite(loss):
                raise seodang.StepError("seodang_train:loss-not-finite", step=step)
            optimizer.zero_grad(set_to_none=True)
            accelerator.backward(loss)
            accelerator.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            losses.append(loss.item())
            file.write(msgspec.json.encode({"step": step + 1, "loss": losses[-1]}) + b"\n")
            context.progress(step + 1, total, loss=losses[-1])
            if context.stopping:
                checkpoints.save(folder, step + 1, bare, optimizer, facts)
                raise seodang.Interrupted("runs.interrupted")
            if (step + 1) % options.checkpoint_steps == 0 and step + 1 < total:
                checkpoints.save(folder, step + 1, bare, optimizer, facts)
    _remove(folder)
    return losses, total


def _loss(model: Any, ids: torch.Tensor, mask: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The sum over the trained tokens of the step, divided by their number; the head is only computed where there is loss."""
    targets = labels[:, 1:].reshape(-1)
    places = targets != IGNORED
    hidden = model.base_model(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state
    logits = model.get_output_embeddings()(hidden[:, :-1].reshape(-1, hidden.shape[-1])[places])
    return torch.nn.functional.cross_entropy(logits.float(), targets[places])


def _batches(lengths: list[int], budget: int, seed: int, done: int, total: int) -> Iterator[tuple[int, list[int]]]:
    """The steps that are left, epoch after epoch. Nothing needs to be remembered but how many are done."""
    step = epoch = 0
    while step < total:
        for batch in epoch_batches(lengths, budget, seed, epoch):
            if step >= total:
                return
            if step >= done:
                yield step, batch
            step += 1
        epoch += 1


def _rate(options: Any, step: int, total: int) -> float:
    """Rises in a line, falls as a cosine to nothing."""
    rising = max(1, round(options.warmup * total))
    if step < rising:
        return float(options.learning_rate * (step + 1) / rising)
    return float(options.learning_rate * 0.5 * (1 + math.cos(math.pi * (step - rising) / max(1, total - rising))))


def _fingerprint(rows: list[Encoded]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(repr(row).encode())
    return digest.hexdigest()


def _logged(log: Path) -> list[float]:
    """The losses of whole lines; a line that a kill tore is the last."""
    found = []
    for line in log.read_bytes().splitlines() if log.is_file() else ():
        try:
            found.append(float(msgspec.json.decode(line)["loss"]))
        except msgspec.MsgspecError:
            break
    return found


def _rewrite(log: Path, losses: list[float]) -> None:
    log.write_bytes(b"".join(msgspec.json.encode({"step": step, "loss": loss}) + b"\n" for step, loss in enumerate(losses, 1)))


def _save(model: Any, tokenizer: Any, place: Path) -> None:
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    model.save_pretrained(place)
    tokenizer.save_pretrained(place)


def _remove(folder: Path) -> None:
    """The student is what remains; nobody resumes a training that is done."""
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
