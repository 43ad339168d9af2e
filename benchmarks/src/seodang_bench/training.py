"""Training: tokens of real text for a second of CPU, against TRL's SFTTrainer on the same rows, model and number of steps."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

SIDE = Path(__file__).with_name("training_side.py")
MAX_LENGTH = 512
VOCABULARY = 8192
WIDTH = 256
MIXTURE = ((0.6, 3.6, 0.5), (0.3, 4.8, 0.5), (0.1, 5.6, 0.4))
"""Share, mean and spread of the logarithm of an answer's length in tokens: many short answers, a few of several hundred."""


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """`share` is real tokens of all that were fed, where that is known."""

    name: str
    tokens_per_cpu_second: float
    cpu_seconds: float
    peak_mib: float
    first_loss: float
    last_loss: float
    real_share: float | None = None


class Race(msgspec.Struct, frozen=True, kw_only=True):
    """What trained what, on one thread in float32."""

    shape: str
    layers: int
    parameters: int
    rows: int
    tokens: int
    sides: tuple[Side, ...]

    def ratio(self, of: str, against: str) -> float | None:
        """So many times the tokens for a second of CPU."""
        speeds = {side.name: side.tokens_per_cpu_second for side in self.sides}
        return speeds[of] / speeds[against] if of in speeds and against in speeds else None

    def memory(self, of: str, against: str) -> float | None:
        peaks = {side.name: side.peak_mib for side in self.sides}
        return peaks[of] / peaks[against] if of in peaks and against in peaks else None


def race(directory: Path, *, shape: str, layers: int, rows: int, trl_python: str = "") -> Race:
    """Makes the rows, a tokenizer and a model; then each side trains one pass over them, one after the other."""
    texts = made_rows(rows)
    tokens, parameters = _make_model(directory / "model", texts, shape, layers)
    kept = [row for row in texts if row["tokens"] <= MAX_LENGTH]
    (directory / "rows.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept), encoding="utf-8")
    tokens = sum(row["tokens"] for row in kept)
    sides = []
    for mode in ("packing", "default"):
        sides.append(_side(directory, "seodang", mode, tokens, sys.executable))
        if trl_python:
            sides.append(_side(directory, "trl", mode, tokens, trl_python))
    return Race(shape=shape, layers=layers, parameters=parameters, rows=len(kept), tokens=tokens, sides=tuple(sides))


def _side(directory: Path, side: str, mode: str, tokens: int, python: str) -> Side:
    name = f"{side} {mode}"
    job = directory / f"{side}-{mode}.json"
    facts = {"side": side, "mode": mode, "rows": str(directory / "rows.jsonl"), "model": str(directory / "model")}
    job.write_text(json.dumps({**facts, "output": str(directory / f"{side}-{mode}"), "max_length": MAX_LENGTH}), encoding="utf-8")
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    ran = subprocess.run([python, str(SIDE), str(job)], check=True, stdout=subprocess.PIPE, env=environment, cwd=directory)
    took: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return Side(name=name, tokens_per_cpu_second=tokens / took["cpu_seconds"], **took)


def made_rows(count: int) -> list[dict[str, Any]]:
    """Questions and answers of Korean sentences in the lengths that instruction data have: skewed, a few very long."""
    from seodang_locale_ko import Korean

    chance = random.Random(7)
    sentences = [
        sentence.strip() for task in Korean().seeds for sentence in task.output.replace("\n", " ").split(". ") if sentence.strip()
    ]
    rows = []
    for number in range(count):
        draw = chance.random()
        _, mean, spread = MIXTURE[0] if draw < 0.6 else MIXTURE[1] if draw < 0.9 else MIXTURE[2]
        wanted = 3.2 * chance.lognormvariate(mean, spread)  # characters; a token has about three of them
        answer: list[str] = []
        while sum(map(len, answer)) < wanted:
            answer.append(chance.choice(sentences))
        question = f"{number}번 물음입니다. {chance.choice(sentences)}"
        rows.append(
            {
                "question": question,
                "prompt": f"### 질문: {question}\n\n### 답변: ",
                "completion": ". ".join(answer)[: int(wanted) + 8],
            }
        )
    return rows


def _make_model(place: Path, rows: Sequence[dict[str, Any]], shape: str, layers: int) -> tuple[int, int]:
    """A tokenizer that merges bytes, as Polyglot's does, and a model with fresh weights; the rows learn their length in tokens."""
    import torch
    from tokenizers import Tokenizer, decoders, pre_tokenizers
    from tokenizers.models import BPE
    from tokenizers.trainers import BpeTrainer
    from transformers import GPTNeoXConfig, GPTNeoXForCausalLM, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    made = Tokenizer(BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = BpeTrainer(
        vocab_size=VOCABULARY,
        show_progress=False,
        special_tokens=["<eos>", "<pad>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    made.train_from_iterator((row["prompt"] + row["completion"] for row in rows), trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<eos>", pad_token="<pad>")
    for row in rows:
        row["tokens"] = len(tokenizer.encode(row["prompt"])) + len(tokenizer.encode(row["completion"])) + 1
    torch.manual_seed(1)
    common = {
        "vocab_size": VOCABULARY, "hidden_size": WIDTH, "num_hidden_layers": layers, "num_attention_heads": 4,
        "max_position_embeddings": 2048, "eos_token_id": 0, "bos_token_id": 0, "pad_token_id": 1,
    }  # fmt: skip
    if shape == "llama":
        model: Any = LlamaForCausalLM(LlamaConfig(**common, intermediate_size=688))
    else:
        model = GPTNeoXForCausalLM(GPTNeoXConfig(**common, intermediate_size=4 * WIDTH))
    model.save_pretrained(place)
    tokenizer.save_pretrained(place)
    return sum(row["tokens"] for row in rows), sum(parameter.numel() for parameter in model.parameters())
