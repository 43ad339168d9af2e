"""KoBEST's speed and parity: the same items and the same model with seodang and with lm-evaluation-harness, one after the other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from seodang_bench.kobest_items import write_items
from seodang_bench.processes import CommandFailed, child_environment

SIDE = Path(__file__).with_name("kobest_side.py")
VOCABULARY = 8000
WIDTH, LAYERS = 128, 4
LIMIT = 2048


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """A task with so many shots: both sides' seconds of CPU, what memory each took beyond model and libraries, and whether they agree.

    What compares is None where the other side did not run.
    """

    task: str
    shots: int
    seodang_seconds: float
    seodang_mib: float
    harness_seconds: float | None = None
    harness_mib: float | None = None
    largest_difference: float | None = None
    same_answers: bool | None = None
    same_figures: bool | None = None

    @property
    def speed(self) -> float | None:
        return None if self.harness_seconds is None else self.harness_seconds / self.seodang_seconds

    @property
    def memory(self) -> float | None:
        return None if not self.harness_mib else self.seodang_mib / self.harness_mib


class Race(msgspec.Struct, frozen=True, kw_only=True):
    shape: str
    parameters: int
    items: int
    batch_tokens: int
    cells: tuple[Cell, ...]


def race(
    directory: Path,
    *,
    data: Path | None,
    model: Path | None,
    shape: str,
    tasks: Sequence[str],
    shots: Sequence[int],
    limit: int,
    batch_tokens: int,
    rounds: int,
    lmeval_python: str,
) -> Race:
    from seodang_kobest.tasks import TASKS

    # Data and model are made here where none are given; each side then reads them from files.
    data = data or write_items(directory / "items", test=limit)
    hub = _as_hub(data, directory / "hub", tasks)
    model = model or _made_model(directory / "model", hub, shape)
    longest = _longest(data, model, tasks, shots, limit)
    job = {
        "data": str(data.absolute()), "hub": str(hub), "model": str(model.absolute()), "tasks": list(tasks), "shots": list(shots),
        "limit": limit, "batch_tokens": batch_tokens, "rounds": rounds, "longest": longest,
    }  # fmt: skip
    ours = _side(directory, {**job, "side": "seodang"}, sys.executable)
    theirs = _side(directory, {**job, "side": "lm-eval"}, lmeval_python) if lmeval_python else [None] * len(ours)
    cells = [_cell(one, other, TASKS[one["task"]].normalised) for one, other in zip(ours, theirs, strict=True)]
    return Race(shape=shape, parameters=_parameters(model), items=limit, batch_tokens=batch_tokens, cells=tuple(cells))


def _side(directory: Path, job: dict[str, Any], python: str) -> list[dict[str, Any]]:
    place, out = directory / f"{job['side']}.json", directory / f"{job['side']}-took.json"
    place.write_text(json.dumps({**job, "out": str(out)}), encoding="utf-8")
    environment = child_environment({"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "HF_HOME": str(directory / "cache")})
    said = subprocess.run(
        [python, str(SIDE), str(place)], capture_output=True, text=True, cwd=directory, env=environment, check=False
    )
    if said.returncode:
        raise CommandFailed(f"{python} {SIDE.name} ended with {said.returncode}:\n{said.stderr[-2000:]}")
    took: list[dict[str, Any]] = json.loads(out.read_text(encoding="utf-8"))
    return took


def _cell(ours: dict[str, Any], theirs: dict[str, Any] | None, normalised: bool) -> Cell:
    side = {"task": ours["task"], "shots": ours["shots"], "seodang_seconds": ours["cpu_seconds"], "seodang_mib": ours["peak_mib"]}
    if theirs is None:
        return Cell(**side)
    pairs = list(zip(ours["loglikelihoods"], theirs["loglikelihoods"], strict=True))
    names = ("acc", "f1", "acc_norm") if normalised else ("acc", "f1")
    return Cell(
        **side,
        harness_seconds=theirs["cpu_seconds"],
        harness_mib=theirs["peak_mib"],
        largest_difference=max(abs(one - two) for own, other in pairs for one, two in zip(own, other, strict=True)),
        same_answers=all(own.index(max(own)) == other.index(max(other)) for own, other in pairs),
        same_figures=all(ours["figures"][name] == theirs["figures"][name] for name in names),
    )


def _as_hub(data: Path, place: Path, tasks: Sequence[str]) -> Path:
    """The items as files with the hub's columns, which the harness can be given."""
    from seodang.testing import make_context
    from seodang_kobest import Kobest
    from seodang_kobest.reading import documents
    from seodang_kobest.tasks import TASKS

    options = Kobest.Options(path=str(data.absolute()))
    for name in tasks:
        (place / name).mkdir(parents=True)
        for split in ("train", "validation", "test"):
            rows = documents(options, TASKS[name], split, make_context(data, options=options))
            lines = [json.dumps({**row.values, "label": row.label}, ensure_ascii=False) for row in rows]
            (place / name / f"{split}.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return place


def _longest(data: Path, model: Path, tasks: Sequence[str], shots: Sequence[int], limit: int) -> dict[str, int]:
    """The tokens of the longest question with a choice, by cell, as far as the model reads them."""
    from seodang.testing import make_context
    from seodang_kobest import Kobest
    from seodang_kobest.asking import asked
    from seodang_kobest.reading import documents
    from seodang_kobest.tasks import TASKS
    from transformers import AutoConfig, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model, local_files_only=True)
    reads = AutoConfig.from_pretrained(model, local_files_only=True).get_text_config().max_position_embeddings
    options = Kobest.Options(path=str(data.absolute()))
    context = make_context(data, options=options)
    found = {}
    for name in tasks:
        items, examples = (documents(options, TASKS[name], split, context) for split in ("test", "train"))
        for some in shots:
            questions = asked(TASKS[name], "lmeval-1.0", items, examples, some, limit)
            texts = [first + second for one in questions for first, second in one.pairs]
            found[f"{name} {some}"] = min(reads, max(map(len, tokenizer(texts, verbose=False)["input_ids"])))
    return found


def _made_model(place: Path, hub: Path, shape: str) -> Path:
    """A byte-level tokenizer that has learned the items' words, as Polyglot's has Korean's, and a small model with fresh weights."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch
    from tokenizers import Tokenizer, decoders, pre_tokenizers
    from tokenizers.models import BPE
    from tokenizers.trainers import BpeTrainer
    from transformers import GPTNeoXConfig, GPTNeoXForCausalLM, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    made = Tokenizer(BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = BpeTrainer(vocab_size=VOCABULARY, show_progress=False, special_tokens=["<eos>"], initial_alphabet=alphabet)
    texts = [
        value
        for file in sorted(hub.glob("*/*.jsonl"))
        for line in file.read_text(encoding="utf-8").split("\n")
        if line
        for value in json.loads(line).values()
        if isinstance(value, str)
    ]
    made.train_from_iterator(texts, trainer)
    PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<eos>", bos_token="<eos>").save_pretrained(place)
    common = {
        "vocab_size": VOCABULARY, "hidden_size": WIDTH, "num_hidden_layers": LAYERS, "num_attention_heads": 4,
        "max_position_embeddings": LIMIT, "eos_token_id": 0, "bos_token_id": 0, "intermediate_size": 4 * WIDTH,
    }  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        if shape == "llama":
            model: Any = LlamaForCausalLM(LlamaConfig(**common))
        else:
            model = GPTNeoXForCausalLM(GPTNeoXConfig(**common))
    model.save_pretrained(place)
    return place


def _parameters(model: Path) -> int:
    from safetensors import safe_open

    count = 0
    for file in sorted(model.glob("*.safetensors")):
        with safe_open(file, "pt") as opened:
            for name in opened.keys():  # noqa: SIM118  # no mapping: it only looks like one
                shape = opened.get_slice(name).get_shape()
                size = 1
                for length in shape:
                    size *= length
                count += size
    return count
