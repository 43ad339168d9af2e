"""The teacher on this machine beside one `generate` a question: tokens per second, and whether the answers are the same."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import seodang
from seodang.testing import make_context

SHAPES = (("llama", "bytes"), ("gpt-neox", "pieces"))
LONGEST = 160
WORDS = ("서당에서", "아이들이", "글을", "배우고", "마당에서", "놀다가", "저녁이면", "집으로", "돌아간다")


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One model in one dtype. `tokens` are those that were said; `differ` counts answers that `generate` gives otherwise."""

    model: str
    dtype: str
    questions: int
    tokens: int
    together_per_second: float
    alone_per_second: float
    differ: int

    @property
    def ratio(self) -> float:
        return self.together_per_second / self.alone_per_second


def compare(directory: Path, questions: int, rounds: int, model: Path | None) -> list[Measured]:
    """Models made here, or the one that is named; in float32, where answers must be the same, and in bfloat16, where they may differ."""
    try:
        import torch
        from seodang_local.tiny import write_tiny
    except ImportError as error:
        raise seodang.DataError("seodang_bench:no-local") from error
    # One thread each: on a busy machine two of them wait for each other, and rather for the side with the small products.
    torch.set_num_threads(1)
    places = (
        [model]
        if model
        else [
            write_tiny(
                directory / f"{shape}-{tokenizer}", shape=shape, tokenizer=tokenizer, width=128, layers=4, limit=1024, ends=0
            )
            for shape, tokenizer in SHAPES
        ]
    )
    asked = list(asking(questions))
    found = [_measure(directory, place, "float32", asked, rounds) for place in places]
    return [*found, _measure(directory, places[0], "bfloat16", asked, rounds)]


def asking(count: int) -> Sequence[seodang.Request]:
    """Questions of one to six words. Answers may be as long as answers are: many short ones, a few long."""
    chance = random.Random(20240726)
    return [
        seodang.Request(
            messages=(seodang.Message("user", " ".join(chance.choices(WORDS, k=chance.randint(1, 6)))),),
            max_tokens=min(LONGEST, 8 + int(chance.expovariate(1 / 56))),
            sample=number,
        )
        for number in range(count)
    ]


def _measure(directory: Path, place: Path, dtype: str, asked: Sequence[seodang.Request], rounds: int) -> Measured:
    from seodang_local import LocalTeacher

    options = LocalTeacher.Options(model=str(place.absolute()), dtype=dtype, threads=1)
    teacher = LocalTeacher(options)
    context = make_context(directory, options=options)
    teacher.answer_many(asked[:2], context)
    together, alone = [], []
    texts: list[str] = []
    answers: Sequence[Any] = ()
    for _ in range(rounds):
        begun = time.perf_counter()
        answers = [
            one
            for start in range(0, len(asked), teacher.group)
            for one in teacher.answer_many(asked[start:][: teacher.group], context)
        ]
        together.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        texts = _one_by_one(teacher, asked)
        alone.append(time.perf_counter() - begun)
    tokens = sum(answer.usage.output_tokens for answer in answers)
    return Measured(
        model=place.name,
        dtype=dtype,
        questions=len(asked),
        tokens=tokens,
        together_per_second=tokens / min(together),
        alone_per_second=tokens / min(alone),
        differ=sum(answer.message.text != text for answer, text in zip(answers, texts, strict=True)),
    )


def _one_by_one(teacher: Any, asked: Sequence[seodang.Request]) -> list[str]:
    """What a script does: the template, `generate`, and cutting off the question."""
    import torch

    # The very model that the teacher has loaded, and what ends its answers.
    loaded, ends = teacher._answers.loaded, teacher._answers.ends
    texts = []
    for request in asked:
        chat = [{"role": message.role, "content": message.text} for message in request.messages]
        written = loaded.tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
        ids = loaded.tokenizer(written, return_tensors="pt", add_special_tokens=False, return_token_type_ids=False).to(
            loaded.model.device
        )
        with torch.inference_mode():
            made = loaded.model.generate(
                **ids, max_new_tokens=request.max_tokens, do_sample=False, pad_token_id=loaded.pad, eos_token_id=[*ends]
            )
        texts.append(_as_told(loaded, made[0, ids["input_ids"].shape[1] :].tolist(), ends))
    return texts


def _as_told(loaded: Any, said: list[int], ends: frozenset[int]) -> str:
    """As the teacher tells it: without the end token, and without a character that was cut."""
    if said and said[-1] in ends:
        return str(seodang.nfc(loaded.text(said[:-1])))
    return seodang.nfc(loaded.text(said).rstrip("\N{REPLACEMENT CHARACTER}"))
