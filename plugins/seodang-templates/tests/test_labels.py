"""The labels of every template, with tokenizers of both sorts, against a slow reference that was written apart from it."""

from __future__ import annotations

import itertools
import random
import sys
from collections.abc import Iterator

import pytest
import seodang
import seodang_templates
from slow_reference import labels, pieces
from two_tokenizers import EVERY

WORDS = [
    "수도는", "서울입니다.", "답변:", "### 답변:", "</s>", "<|im_end|>", " 앞뒤 ", "두\n줄", "`len(x)`", "USER:", "GPT:", "①", "뷁", "a", "{input}", "### End",
]  # fmt: skip


def text(chance: random.Random) -> str:
    """Never empty at its ends: the chat template of the test takes blanks away there."""
    return (" ".join(chance.choices(WORDS, k=chance.randint(1, 6)))).strip()


def conversations() -> Iterator[seodang.Record]:
    """One to four rounds; with and without a system turn, an input, answers that are not trained, a last question without an answer."""
    chance = random.Random(7)
    for rounds, system, given, silent, open_ended in itertools.product((1, 2, 3, 4), *[(False, True)] * 4):
        messages = [seodang.Message("system", text(chance))] if system else []
        for number in range(rounds):
            weight = 0.0 if silent and number % 2 == 0 else 1.0
            messages += [seodang.Message("user", text(chance)), seodang.Message("assistant", text(chance), weight=weight)]
        if open_ended:
            messages.append(seodang.Message("user", text(chance)))
        yield seodang.Record(messages=tuple(messages), input=text(chance) if given else "")


@pytest.mark.parametrize("sort", EVERY)
def test_the_labels_of_every_template_are_those_of_the_reference(sort: str, capsys: pytest.CaptureFixture[str]):
    tokenizer = EVERY[sort]
    rows = tokens = trained = 0
    for template in seodang_templates.TEMPLATES:
        made = template().of(tokenizer)
        for record in conversations():
            encoded = seodang.encode(made.segments(record), tokenizer)
            ours = [token if learnt else -100 for token, learnt in zip(encoded.ids, encoded.trained, strict=True)]
            ids, wanted = labels(pieces(template.name, record), tokenizer, continues=sort == "sentencepiece")
            assert encoded.ids == ids, (template.name, record)
            assert ours == wanted, (template.name, record)
            rows, tokens, trained = rows + 1, tokens + len(ids), trained + sum(encoded.trained)
    with capsys.disabled():
        figures = f"{rows} of {rows} rows, {tokens:,} labels ({trained:,} with loss)"
        sys.stdout.write(f"\n{sort}: {figures}, 100 % equal to the reference\n")
    assert rows == 64 * len(seodang_templates.TEMPLATES) and 0.1 < trained / tokens < 0.9
