"""A student as one model in 16 or 32 bits: adapters go into the base's own weights, and it has to say what it said before."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import seodang
import torch

from seodang_train.saving import loaded, save
from seodang_train.student_card import ANSWER, QUESTION

PROMPTS = 8
LENGTH = 32
"""So many texts of so many tokens are read before and after. Tokens drawn at random reach more of a vocabulary than any text."""
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def write(student: seodang.StudentFiles, place: Path, dtype: str, most: float) -> None:
    """Refuses a base that is quantised: what is merged into rounded weights is not what was trained."""
    if student.adapter is not None and student.base is not None:
        from peft import PeftModel

        tokenizer, model = loaded(student.base, student.template)
        with warnings.catch_warnings():
            # peft asks transformers by a name that the latter will drop; nobody who exports can do anything about it.
            warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
            adapted = PeftModel.from_pretrained(model, student.adapter).eval()
        said = _logits(adapted, tokenizer, student.template)
        model = adapted.merge_and_unload()
    else:
        tokenizer, model = loaded(student.path)
        said = _logits(model.eval(), tokenizer, student.template)
    model = model.to(DTYPES[dtype])
    now = _logits(model, tokenizer, student.template)
    difference = float((now - said).abs().max() / said.abs().max().clamp(min=1.0))
    if not difference <= most:
        raise seodang.DataError("seodang_train:says-otherwise", difference=round(difference, 6), most=most, dtype=dtype)
    save(model, tokenizer, student.template.of(tokenizer), place)
    (place / "README.md").write_text(student.card, encoding="utf-8")


@torch.no_grad()
def _logits(model: Any, tokenizer: Any, template: seodang.Template) -> torch.Tensor:
    """What the model says after each token of the prompts, a conversation among them; the same prompts every time."""
    chance = torch.Generator().manual_seed(0)
    rows = [torch.randint(len(tokenizer), (LENGTH,), generator=chance) for _ in range(PROMPTS - 1)]
    asked = seodang.encode(template.of(tokenizer).segments(seodang.single_turn(QUESTION, ANSWER)), tokenizer).ids
    rows.append(torch.tensor(asked))
    return torch.cat([model(input_ids=row[None], use_cache=False).logits[0].float() for row in rows])
