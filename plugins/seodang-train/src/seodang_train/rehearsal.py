"""Everything that can be known before the first step. `seodang try` shows it; a training makes the same checks and starts if none refuses."""

from __future__ import annotations

import math
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import seodang
import torch
import transformers.utils.logging
from seodang import Finding, Segment
from transformers import AutoModelForCausalLM, AutoTokenizer

from seodang_train.bases import place_of
from seodang_train.batches import Plan
from seodang_train.devices import short_numbers
from seodang_train.feeding import packed, padded
from seodang_train.losing import inner
from seodang_train.memory import USABLE, Memory, estimate, machine_bytes
from seodang_train.method import Method
from seodang_train.options import Conversations
from seodang_train.profiles import chosen, completed
from seodang_train.recomputing import recompute
from seodang_train.room import bytes_to_write, check_room
from seodang_train.rows import Row, Rows
from seodang_train.saving import loaded, save, stop_ids
from seodang_train.selftest import check_head, check_numbers, check_packing
from seodang_train.validating import parted

EXAMPLES = 3
ASKED = 32
"""So many records are rendered once more without their last answer. A template is a program: it errs in all or in a kind of them."""
PROBES, LONGEST = 2, 64
TOLERANCE = 1e-3
STEP_TOKENS = 4096
"""Of one step no more is tried than this: enough to be timed."""


class Ready(NamedTuple):
    """A training that could begin. `records` are those of `rows`."""

    options: Any
    tokenizer: Any
    model: Any
    template: seodang.Template
    records: Iterable[seodang.Record]
    rows: Rows
    output: Path
    seed: int
    directory: Path | None

    @property
    def pad(self) -> int:
        found = self.tokenizer.pad_token_id
        return int(self.tokenizer.eos_token_id if found is None else found)

    @property
    def plan(self) -> Plan:
        return Plan(self.options, self.rows.lengths, self.rows.trained, self.seed, self.options.devices)


def rehearse(
    options: Any,
    dataset: Iterable[seodang.Record],
    base: Path | None,
    output: Path,
    context: seodang.Context,
    kind: type[Method] = Method,
) -> seodang.Rehearsal:
    """As `loop.train` begins; then one step on a few rows instead of all of them."""
    transformers.utils.logging.disable_progress_bar()
    seed = context.random.randrange(2**31)
    torch.manual_seed(seed)
    options = completed(options, base, context)
    directory = base or (place_of(options.model, context) if options.model else None)
    template = context.get("template", options.template)
    method = kind(options, output, context)
    records = parted(dataset, options.validation, seed).train
    tokenizer, model = (
        loaded(directory, template, options.remote_code, options.quantize, frozen=options.lora is not None)
        if directory
        else method.fresh(records, template)
    )
    template = template.of(tokenizer)
    rows = method.rows(records, template, tokenizer)
    if not rows.rows:
        raise seodang.DataError("seodang_train:no-rows", max_length=options.max_length, **rows.counts)
    if options.lora:
        from seodang_train.lora import with_adapters

        model = with_adapters(model, options)
    ready = Ready(options, tokenizer, model, template, records, rows, output, seed, directory)
    examples = tuple(_example(ready, row) for row in _chosen(rows.rows))
    profile = chosen(options, context.place("."), base)
    notes = profile.notes() if profile else []
    findings = [*_of_base(ready), *notes, *_checked(ready)]
    findings += method.foreseen(rows, tokenizer)
    findings += _one_step(ready, method)
    findings.append(_reloaded(ready))
    return seodang.Rehearsal(examples=examples, findings=tuple(findings))


def check(ready: Ready, context: seodang.Context) -> None:
    """Before a training: refuses what a rehearsal would, and tells what it would warn of. Nothing in the model changes."""
    findings = _checked(ready)
    if not any((ready.output / "checkpoints").glob("step-*")):  # one that goes on has saved and loaded already
        findings.append(_reloaded(ready))
    for finding in findings:
        if finding.warning:
            context.warn(finding.code, **finding.facts)


def _checked(ready: Ready) -> list[Finding]:
    """What does not touch the model, the cheapest first."""
    spoken = [*_of_long(ready), *_of_untrained(ready), *_of_template(ready)] if isinstance(ready.options, Conversations) else []
    return [*_of_rows(ready), *spoken, *_of_batches(ready), *_of_memory(ready), *_of_disk(ready)]


def _of_base(ready: Ready) -> Iterator[Finding]:
    parameters = ready.model.num_parameters()
    learning = sum(parameter.numel() for parameter in ready.model.parameters() if parameter.requires_grad)
    config = ready.model.config
    facts = {"base": str(ready.directory or "–"), "type": config.model_type, "parameters": parameters, "learning": learning}
    yield Finding("seodang_train:found-base" if ready.directory else "seodang_train:found-fresh", facts)
    if ready.tokenizer.pad_token_id is None:
        yield Finding("seodang_train:found-no-pad", {"token": str(ready.tokenizer.eos_token)})
    longest = getattr(config, "max_position_embeddings", None)
    if longest and longest < ready.options.max_length:
        yield Finding("seodang_train:positions", {"max_length": ready.options.max_length, "positions": longest}, warning=True)


def _of_rows(ready: Ready) -> Iterator[Finding]:
    lengths, trained = ready.rows.lengths, sum(ready.rows.trained)
    facts = {"rows": len(lengths), "tokens": sum(lengths), "trained": trained, "longest": max(lengths)}
    shares = {"share": round(100 * trained / facts["tokens"], 1), "mean": round(facts["tokens"] / len(lengths), 1)}
    yield Finding("seodang_train:found-rows", facts | shares)


def _of_long(ready: Ready) -> Iterator[Finding]:
    counts, most = ready.rows.counts, ready.options.max_length
    count = sum(counts.get(name, 0) for name in ("too_long", "cut", "split"))
    if not count:
        yield Finding("seodang_train:found-none-long", {"max_length": most})
        return
    facts = {"count": count, "max_length": most, "dropped": counts.get("too_long", 0), "rounds": counts.get("rounds_too_long", 0)}
    yield Finding(f"seodang_train:found-long-{ready.options.over_long}", facts, warning=True)


def _of_untrained(ready: Ready) -> Iterator[Finding]:
    """One row is no sign that a template or a mask is wrong, however few rows there are; a thousandth of all is."""
    count = ready.rows.counts.get("nothing_trained", 0)
    if not count:
        return
    whole, most = len(ready.rows.rows) + count, ready.options.untrained_share
    facts = {"count": count, "share": round(100 * count / whole, 2), "most": round(100 * most, 2)}
    if count > max(1, most * whole):
        raise seodang.DataError("seodang_train:untrained-rows", **facts)
    yield Finding("seodang_train:found-untrained", facts, warning=True)


def _of_template(ready: Ready) -> Iterator[Finding]:
    """The student is asked exactly as it was trained, and every answer ends with what stops it."""
    if not ready.options.conversations:
        return
    tokenizer, template = ready.tokenizer, ready.template
    asked = 0
    for record in islice((record for record in ready.records if record.answered), ASKED):
        question = msgspec.structs.replace(record, messages=record.messages[:-1])
        prompt, whole = (seodang.encode(template.segments(each), tokenizer).ids for each in (question, record))
        if whole[: len(prompt)] != prompt or len(whole) == len(prompt):
            place = next((place for place, (one, two) in enumerate(zip(prompt, whole, strict=False)) if one != two), len(whole))
            facts = {"template": ready.options.template, "record": record.id, "asked": _said(tokenizer, prompt[place:])}
            raise seodang.DataError("seodang_train:template-asks-otherwise", **facts, trained=_said(tokenizer, whole[place:]))
        asked += 1
    stops = stop_ids(tokenizer, template)
    for row in ready.rows.rows:
        last = row.ids[row.trained.rfind(1)]
        if last not in stops:
            facts = {"template": ready.options.template, "last": _said(tokenizer, [last]), "stop": _said(tokenizer, stops)}
            raise seodang.DataError("seodang_train:no-stop", **facts, row=_said(tokenizer, row.ids))
    yield Finding(
        "seodang_train:found-template", {"template": ready.options.template, "asked": asked, "stop": _said(tokenizer, stops)}
    )


def _said(tokenizer: Any, ids: Sequence[int]) -> str:
    return str(tokenizer.decode(list(ids[:24])))


def _of_batches(ready: Ready) -> Iterator[Finding]:
    plan = ready.plan
    yield Finding(
        "seodang_train:found-batches",
        {"real": round(100 * plan.real_share(), 1), "per_epoch": plan.per_epoch, "steps": plan.total, "at_once": plan.at_once},
    )


def _of_memory(ready: Ready) -> Iterator[Finding]:
    found = _memory(ready)
    again = _recomputes(ready, found)
    facts = {
        "total": size(found.total(checkpointing=again)),
        "device": size(found.device),
        "weights": size(found.weights),
        "gradients": size(found.gradients),
        "optimizer": size(found.optimizer),
        "activations": size((found.again if again else found.kept) + found.head),
        "otherwise": size(found.total(checkpointing=not again)),
        "bytes": found.total(checkpointing=again),
        "device_bytes": found.device,
    }
    if found.fixed() > found.device:
        raise seodang.DataError("seodang_train:too-large", fixed=size(found.fixed()), **facts)
    yield Finding(f"seodang_train:found-memory-{'again' if again else 'kept'}", facts)
    if not found.fits(checkpointing=again):
        yield Finding("seodang_train:memory-short", {"total": facts["total"], "device": facts["device"]}, warning=True)


def _memory(ready: Ready) -> Memory:
    shares = ready.options.devices if ready.options.sharding == "full" else 1
    return estimate(inner(ready.model), ready.plan.at_once, short=short_numbers(ready.options), shares=shares)


def _recomputes(ready: Ready, found: Memory) -> bool:
    wish = ready.options.gradient_checkpointing
    return found.wants_checkpointing if wish == "auto" else bool(wish)


def _of_disk(ready: Ready) -> Iterator[Finding]:
    check_room(ready.output, ready.model)
    needed, free = bytes_to_write(ready.model), shutil.disk_usage(ready.output).free
    yield Finding("seodang_train:found-disk", {"needed": size(needed), "free": size(free), "bytes": needed, "free_bytes": free})


def size(count: int) -> str:
    unit = next(unit for unit in (30, 20, 10) if count >= 1 << unit or unit == 10)
    return f"{count / (1 << unit):.1f} {'GMK'[(30 - unit) // 10]}iB"


def _one_step(ready: Ready, method: Method) -> Iterator[Finding]:
    """A step on a few rows: that it can be made, and how long all would take at this speed on this device."""
    options, model, plan = ready.options, ready.model, ready.plan
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model.to(device)
    check_numbers(model)
    check_head(inner(model), ready.rows.rows, ready.pad)
    if options.packing:
        check_packing(inner(model), ready.rows.rows, ready.pad)
    if _recomputes(ready, _memory(ready)):
        recompute(model)
    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(learning, lr=options.learning_rate, weight_decay=options.weight_decay, fused=True)
    fed = [
        (len(part) * max(ready.rows.lengths[row] for row in part), part)
        for step in islice(plan.steps(0), plan.per_epoch)
        for part in step.parts
    ]
    tokens, part = min(fed, key=lambda each: abs(each[0] - STEP_TOKENS))
    some = Rows([ready.rows.rows[place] for place in part], {})
    with tempfile.TemporaryDirectory(dir=ready.output) as scratch:  # what is computed for a few rows serves no training
        method = type(method)(options.rehearsed(), Path(scratch), method.context)
        method.prepared = method.prepare(some, ready.tokenizer)
        losing = method.losing(inner(model), some, ready.tokenizer)
    model.train()
    seconds = 0.0
    for _ in range(2):  # the first also makes kernels and memory ready
        optimizer.zero_grad(set_to_none=True)
        began = time.monotonic()
        feed = packed(some.rows, device) if options.packing else padded(some.rows, ready.pad, device)
        with torch.autocast(device, dtype=torch.bfloat16, enabled=short_numbers(options)):
            loss = losing(feed, range(len(part))) / len(feed.targets)
        loss.backward()
        if device == "cuda":
            torch.cuda.synchronize()
        seconds = time.monotonic() - began
    lost = float(loss.detach())
    if not math.isfinite(lost):
        raise seodang.StepError("seodang_train:loss-not-finite", step=1)
    began = time.monotonic()
    optimizer.step()
    if device == "cuda":
        torch.cuda.synchronize()
    stepping = time.monotonic() - began
    epochs = plan.total / plan.per_epoch
    whole = seconds * sum(each for each, _ in fed) / tokens * epochs / options.devices + stepping * plan.total
    facts = {"loss": round(lost, 4), "tokens": tokens, "seconds": round(seconds + stepping, 3), "device": device}
    yield Finding("seodang_train:found-step", facts)
    yield Finding(
        "seodang_train:found-time", {"steps": plan.total, "time": str(timedelta(seconds=math.ceil(whole))), "seconds": whole}
    )


@torch.no_grad()
def _reloaded(ready: Ready) -> Finding:
    """What is saved now can be loaded and says the same: better tried today than after a week."""
    model, place = ready.model, ready.output / "tried"
    weights = sum(parameter.numel() * parameter.element_size() for parameter in model.parameters())
    if not ready.options.lora and 2 * weights > USABLE * machine_bytes():
        return Finding("seodang_train:found-no-reload", {"needed": size(2 * weights)}, warning=True)
    training = model.training
    model.eval()
    try:
        if ready.options.lora:
            difference = _adapters_differ(model, place)
        else:
            save(model, ready.tokenizer, ready.template, place)
            trusted = bool(ready.options.remote_code)  # the same code as before, so nobody is asked again
            tokenizer = AutoTokenizer.from_pretrained(place, local_files_only=True, trust_remote_code=trusted)
            with torch.random.fork_rng():
                again = AutoModelForCausalLM.from_pretrained(
                    place, use_safetensors=True, local_files_only=True, trust_remote_code=trusted, dtype=model.dtype
                )
            again.to(model.device).eval()
            probes = [_short(row) for row in ready.rows.rows[:PROBES]]
            logits = [[_logits(each, row, ready.pad) for row in probes] for each in (model, again)]
            scale = max(1.0, max(float(each.abs().max()) for each in logits[0]))
            difference = max(float((one - two).abs().max()) for one, two in zip(*logits, strict=True)) / scale
            if tokenizer.get_vocab() != ready.tokenizer.get_vocab():
                difference = float("inf")
        written = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    finally:
        model.train(training)
        shutil.rmtree(place, ignore_errors=True)
    if not difference <= TOLERANCE:
        raise seodang.DataError("seodang_train:reload-differs", difference=round(difference, 6))
    return Finding("seodang_train:found-reload", {"size": size(written), "bytes": written})


def _adapters_differ(model: Any, place: Path) -> float:
    """The base is not changed and not written; the adapters have to be read as they are."""
    from peft import get_peft_model_state_dict
    from safetensors.torch import load_file

    model.save_pretrained(place)
    written, held = load_file(place / "adapter_model.safetensors"), get_peft_model_state_dict(model)
    if written.keys() != held.keys():
        return float("inf")
    return max(float((written[name] - held[name].cpu()).abs().max()) for name in held)


def _short(row: Row) -> Row:
    return Row(row.ids[:LONGEST], row.trained[:LONGEST])


def _logits(model: Any, row: Row, pad: int) -> torch.Tensor:
    feed = padded([row], pad, model.device)
    found: torch.Tensor = model(input_ids=feed.ids, attention_mask=feed.mask, use_cache=False).logits.float()
    return found


def _chosen(rows: Sequence[Row]) -> list[Row]:
    """The first, one of middle length and the longest: what is wrong with a mask shows in one of them."""
    by_length = sorted(range(len(rows)), key=lambda place: (len(rows[place].ids), place))
    places = dict.fromkeys((0, by_length[len(by_length) // 2], by_length[-1], *by_length))
    return [rows[place] for place in islice(places, EXAMPLES)]


def _example(ready: Ready, row: Row) -> tuple[Segment, ...]:
    """What is fed, read back from its tokens: runs that carry loss and runs that do not."""
    found = []
    start = 0
    for place in range(1, len(row.ids) + 1):
        if place == len(row.ids) or row.trained[place] != row.trained[start]:
            found.append(Segment(ready.tokenizer.decode(list(row.ids[start:place])), trained=bool(row.trained[start])))
            start = place
    return tuple(found)
