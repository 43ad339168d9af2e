"""A share that is not trained on: whole groups, the same ones whenever it is asked, and a loss that changes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import seodang
from seodang.wording import render
from seodang_train.validating import parted
from small_training import rows, train, weights


def record(question: str, **more: Any) -> seodang.Record:
    return msgspec.structs.replace(seodang.single_turn(question, "답"), id=question, **more)


def thread(number: int, turn: int) -> seodang.Record:
    return record(f"질문 {number}-{turn}", tags={"dialogue": str(number)})


def test_what_belongs_together_stays_together():
    records = [thread(number, turn) for number in range(30) for turn in range(3)]
    again = msgspec.structs.replace(record("질문 0-0"), id="again")
    kin = [record(f"새 질문 {number}", parents=(f"parent {number % 5}",)) for number in range(20)]
    for seed in range(5):
        parts = parted([*records, again, *kin], 0.3, seed)
        trained, apart = ({each.id for each in side} for side in parts)
        assert len(trained) + len(apart) == 111 and not trained & apart and 28 <= len(apart) <= 38
        groups = [[each.id for each in records if each.tags["dialogue"] == str(number)] for number in range(30)]
        groups += [[each.id for each in kin if each.parents == (f"parent {number}",)] for number in range(5)]
        groups.append(["again", "질문 0-0"])
        assert all(len({each in apart for each in group}) == 1 for group in groups)


def test_a_row_that_comes_in_moves_no_other_and_another_seed_draws_others():
    records = [record(f"질문 {number}") for number in range(200)]

    def apart(given: list[seodang.Record], seed: int) -> set[str]:
        return {each.id for each in parted(given, 0.1, seed).validation}

    first = apart(records, 1)
    assert len(first) == 20 and apart(list(reversed(records)), 1) == first != apart(records, 2)
    more = apart([*records[:50], record("새 질문"), *records[50:]], 1)
    assert len(first ^ more) <= 2, "at most the place of the last one chosen"


def test_where_all_is_tied_together_it_is_told():
    with pytest.raises(seodang.DataError) as told:
        parted([thread(1, turn) for turn in range(5)], 0.2, 1)
    assert "a share of 5 rows that are all tied together" in render(told.value.code, told.value.facts, "en")
    assert "나눌 5행이 모두 하나로 이어져 있습니다" in render(told.value.code, told.value.facts, "ko")


def test_its_loss_stands_in_the_log_and_the_result_and_changes_no_weight(tmp_path: Path):
    often = train(tmp_path / "often", "llama", validation=0.2, validation_steps=2)
    seldom = train(tmp_path / "seldom", "llama", validation=0.2, validation_steps=12)
    assert weights(tmp_path / "often") == weights(tmp_path / "seldom")
    lines = [json.loads(line) for line in (tmp_path / "often" / "log.jsonl").read_bytes().splitlines()]
    assert [line["step"] for line in lines if "validation" in line] == [2, 4, 6, 8, 10, 12]
    figures = often.figures
    assert figures["validation_loss"] == lines[-1]["validation"] == seldom.figures["validation_loss"]
    assert figures["rows"] + figures["validation_rows"] == len(rows(40)) and figures["validation_rows"] >= 5
    assert 0 < figures["validation_best"] <= figures["validation_loss"] < lines[1]["validation"]
