"""Rows that are too long, in every template: whole rounds, a closed end, or nothing; and every row is counted once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
import seodang
import seodang_templates
from seodang_train import Sft
from seodang_train.rows import encode_rows
from seodang_train.saving import made, stop_ids

TEMPLATES = [
    template for template in seodang_templates.TEMPLATES if template.name != "chat"
]  # of which each tokenizer has its own


def dialogue(*lengths: int, system: str = "") -> seodang.Record:
    turns = [seodang.Message("system", system)] if system else []
    for number, length in enumerate(lengths):
        turns += [seodang.Message("user", f"물음{number}"), seodang.Message("assistant", f"답{number}" + "가1" * length)]
    return seodang.Record(messages=tuple(turns), id=f"{lengths}")


SHORT, LONG, MIDDLE = dialogue(2), dialogue(9, 9, 9, 9, 9, 9, system="짧게"), dialogue(3, 400, 3)
ALONE = dialogue(400)
RECORDS = [SHORT, LONG, MIDDLE, ALONE]


def encoded(template: seodang.Template, over_long: str, records: Sequence[seodang.Record] = RECORDS, **changes: Any) -> Any:
    """The rows, where two rounds of LONG are as long as a row may be; the tokenizer and the options."""
    options = Sft.Options(**{"width": 32, "layers": 1, "heads": 2, "over_long": over_long, **changes})
    tokenizer, _ = made(options, RECORDS, template)
    two = len(seodang.encode(template.segments(dialogue(9, 9, system="짧게")), tokenizer).ids)
    options = msgspec.structs.replace(options, max_length=two)
    return encode_rows(records, template, tokenizer, options), tokenizer, options


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_every_row_ends_by_the_rule_and_is_counted(template: type[seodang.Template]):
    for over_long in ("drop", "cut", "split"):
        found, tokenizer, options = encoded(template(), over_long)
        counts = found.counts
        assert all(len(row.ids) <= options.max_length for row in found.rows)
        stops = stop_ids(tokenizer, template())
        assert all(row.ids[row.trained.rfind(1)] in stops for row in found.rows), "what is learned last is to stop"
        fitting = len(RECORDS) - counts["too_long"] - counts["cut"] - counts["split"]
        if over_long == "drop":
            assert len(found.rows) == fitting and counts["too_long"] >= 2
        elif over_long == "cut":
            assert len(found.rows) == len(RECORDS) and counts["too_long"] == 0 and counts["cut"] >= 2
            assert all(row.ids[-1] == tokenizer.eos_token_id for row in found.rows if len(row.ids) == options.max_length)
        else:
            assert counts["too_long"] == 1, "ALONE is one round that fits nowhere"
            assert counts["rounds_too_long"] == 1, "the middle one of MIDDLE"
            said = [tokenizer.decode(row.ids) for row in found.rows]
            for number in range(6):
                assert sum(f"답{number}{'가1' * 9}" in text for text in said) == 1, "no round of LONG twice, none lost"
            assert not any("물음0" in text and "물음2" in text and "물음1" not in text for text in said), "no gap in a dialogue"


def test_a_separate_input_stays_with_its_question():
    record = seodang.Record(messages=LONG.messages, input="답0")
    found, tokenizer, _ = encoded(seodang_templates.KoAlpaca(), "split", [record])
    said = [tokenizer.decode(row.ids) for row in found.rows]
    assert [text.count("### 맥락: 답0") for text in said] == [0] * (len(said) - 1) + [1] and len(said) > 1


def test_loss_on_everything_holds_for_what_was_split():
    found, *_ = encoded(seodang_templates.KoAlpaca(), "split", loss="everything")
    assert all(sum(row.trained) == len(row.ids) - 1 for row in found.rows)


def test_a_record_of_weight_two_is_trained_twice():
    question, answer = SHORT.messages
    heavy = seodang.Record(messages=(question, seodang.Message("assistant", answer.text, weight=2.0)))
    options = Sft.Options(width=32, layers=1, heads=2)
    tokenizer, _ = made(options, [heavy], seodang_templates.KoAlpaca())
    assert len(encode_rows([SHORT, heavy], seodang_templates.KoAlpaca(), tokenizer, options).rows) == 3
