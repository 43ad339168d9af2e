"""Continued pre-training: every token of a text and its end is trained once, and texts do not see each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import seodang
from seodang.testing import TrainerContract, make_context
from seodang_local import Local
from seodang_local.tiny import write_tiny
from seodang_train import Lora, Text
from seodang_train.saving import loaded
from seodang_train.text import Texts
from small_training import TINY, weights

SAYINGS = ("서당 개 삼 년이면 풍월을 읊는다.", "가는 말이 고와야 오는 말이 곱다.", "낮말은 새가 듣고 밤말은 쥐가 듣는다.")


def document(text: str) -> seodang.Record:
    return seodang.Record(messages=(seodang.Message("user", text),))


def texts(count: int = 30) -> list[seodang.Record]:
    return [document(f"{number % 3}. {SAYINGS[number % 3]}") for number in range(count)]


def train(output: Path, records: list[seodang.Record] | None = None, **changes: Any) -> seodang.Trained:
    chosen = Text.Options(**{**TINY, "max_steps": 6, **changes})
    output.mkdir(exist_ok=True)
    return Text(chosen).train(records or texts(), None, output, make_context(output, options=chosen))


class TestText(TrainerContract):
    trainer = Text
    options = TINY
    student = Local


def rows_of(record: seodang.Record, place: Path, length: int, **tiny: Any) -> tuple[Any, Any]:
    tokenizer, _ = loaded(write_tiny(place, **tiny))
    options = Text.Options(max_length=length)
    return tokenizer, Texts(options, place, make_context(place, options=options)).rows([record], None, tokenizer)  # type: ignore[arg-type]


@pytest.mark.parametrize("length", [8, 9, 50, 512])
def test_a_text_is_cut_where_it_has_to_be_and_every_token_is_trained_once(tmp_path: Path, length: int):
    record = document(SAYINGS[0])
    tokenizer, rows = rows_of(record, tmp_path, length)
    whole = [*tokenizer.encode(SAYINGS[0], add_special_tokens=False), tokenizer.eos_token_id]
    said = [token for row in rows.rows for token, trained in zip(row.ids, row.trained, strict=True) if trained]
    assert said == whole[1:], "all but the first, which nothing predicts, and none twice"
    assert all(len(row.ids) <= length for row in rows.rows)
    assert rows.counts["split"] == (len(rows.rows) > 1) == (length < len(whole))
    for before, after in zip(rows.rows, rows.rows[1:], strict=False):
        assert after.ids[0] == before.ids[-1]


def test_a_record_of_several_turns_is_one_text(tmp_path: Path):
    record = seodang.single_turn("물음", "답", input="</s>을 본문에 쓴다")
    tokenizer, rows = rows_of(record, tmp_path, 512)
    (row,) = rows.rows
    assert tokenizer.decode(row.ids[:-1]) == "물음\n\n</s>을 본문에 쓴다\n\n답"
    assert list(row.ids).count(tokenizer.eos_token_id) == 1, "an end that is written into a text ends nothing"


def test_a_text_begins_as_the_tokenizer_begins_one(tmp_path: Path):
    from tokenizers.processors import TemplateProcessing

    tokenizer, _ = loaded(write_tiny(tmp_path))
    begin = tokenizer.bos_token_id
    options = Text.Options()
    for processor, expected in ((None, False), (TemplateProcessing(single="<s> $A", special_tokens=[("<s>", begin)]), True)):
        if processor is not None:
            tokenizer.backend_tokenizer.post_processor = processor
        (row,) = Texts(options, tmp_path, make_context(tmp_path, options=options)).rows([document("글")], None, tokenizer).rows  # type: ignore[arg-type]
        assert (row.ids[0] == begin) is expected


def test_a_model_learns_texts_by_heart_and_what_is_empty_is_counted(tmp_path: Path):
    chosen = {"max_steps": 50, "learning_rate": 2e-2, "max_length": 64}
    trained = train(tmp_path / "out", [*texts(), document("")], **chosen)
    assert (trained.figures["rows"], trained.figures["nothing_trained"], trained.figures["real_share"]) == (30, 1, 1.0)
    assert trained.figures["last_loss"] < trained.figures["first_loss"] / 10
    tokenizer, model = loaded(tmp_path / "out" / "student")
    prompt = tokenizer("1. 가는", return_tensors="pt")
    said = model.generate(**prompt, max_new_tokens=40, do_sample=False)[0]
    assert tokenizer.decode(said, skip_special_tokens=True) == "1. 가는 말이 고와야 오는 말이 곱다."
    assert int(said[-1]) == tokenizer.eos_token_id


def test_packed_texts_are_learned_as_texts_apart(tmp_path: Path):
    """In steps of all rows, where nothing but the packing differs."""
    logs = []
    for packing in (True, False):
        train(tmp_path / str(packing), packing=packing, batch_rows=30, max_steps=2)
        logs.append([json.loads(line) for line in (tmp_path / str(packing) / "log.jsonl").read_bytes().splitlines()])
    for one, other in zip(*logs, strict=True):
        assert (one["loss"], one["gradient"]) == pytest.approx((other["loss"], other["gradient"]), rel=1e-5)


def test_adapters_learn_a_text_too(tmp_path: Path):
    train(tmp_path / "base", max_steps=1)
    train(tmp_path / "out", max_steps=1, model=str(tmp_path / "base" / "student"), lora=Lora(rank=2), learning_rate=1e-2)
    assert weights(tmp_path / "out") != weights(tmp_path / "base")
