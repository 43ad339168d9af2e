"""A student from scratch: what is trained, that it stops, and that a killed training ends in the same weights."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest
import seodang
from seodang.testing import StudentContract, TrainerContract, make_context
from seodang_local import Local
from seodang_templates import KoAlpaca
from seodang_train import Sft
from small_training import TINY, rows, train, weights


class TestSft(TrainerContract):
    trainer = Sft
    options = TINY
    student = Local


def test_loss_falls_on_the_answer_and_its_end_and_on_nothing_else():
    from seodang import encode
    from seodang_train.shapes import new_tokenizer

    record = seodang.single_turn("하나", "둘")
    tokenizer = new_tokenizer(["### 질문: 하나\n\n### 답변: 둘"], 128)
    row = encode(KoAlpaca().segments(record), tokenizer)
    assert [tokenizer.decode([token]) for token, trained in zip(row.ids, row.trained, strict=True) if trained] == ["둘", "<eos>"]
    unseen = tokenizer.encode("뷁 é", add_special_tokens=False)
    assert tokenizer.decode(unseen) == "뷁 é", "what never occurred is spelt in bytes"


def test_the_batches_are_a_pure_function_of_the_seed_and_hold_every_row_once():
    from seodang_train.batches import epoch_batches

    lengths = [7 + place * 13 % 90 for place in range(500)]
    batches = epoch_batches(lengths, 512, 3, 0)
    assert sorted(place for batch in batches for place in batch) == list(range(500))
    assert batches == epoch_batches(lengths, 512, 3, 0) != epoch_batches(lengths, 512, 3, 1)
    assert all(len(batch) * max(lengths[place] for place in batch) <= 512 for batch in batches)
    fed = sum(len(batch) * max(lengths[place] for place in batch) for batch in batches)
    assert sum(lengths) / fed > 0.9, "sorted batches carry little padding"


def test_it_goes_on_from_a_directory_and_counts_what_it_leaves_out(tmp_path: Path):
    train(tmp_path / "first", "llama", steps=2)
    chosen = Sft.Options(**{**TINY, "model": str(tmp_path / "first" / "student"), "template": "koalpaca", "max_length": 40})
    (tmp_path / "second").mkdir()
    long, unanswered = seodang.single_turn("가" * 50, "나"), seodang.single_turn("질문만")
    trained = Sft(chosen).train([*rows(10), long, unanswered], None, tmp_path / "second", make_context(tmp_path, options=chosen))
    assert (trained.figures["rows"], trained.figures["too_long"], trained.figures["nothing_trained"]) == (10, 1, 1)
    assert weights(tmp_path / "second") != weights(tmp_path / "first")


@pytest.mark.parametrize(
    ("changes", "english", "korean"),
    [
        ({"heads": 5}, "width = 32 cannot be shared among heads = 5.", "width = 32를 heads = 5로 나눌 수 없습니다."),
        ({"model": "nowhere"}, "nowhere is no directory.", "nowhere는 디렉터리가 아닙니다."),
        ({"max_length": 8}, "No row can be trained on: 3 are longer than max_length = 8 tokens", "학습할 수 있는 행이 없습니다. 3행은 max_length = 8"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_both_languages(tmp_path: Path, changes: dict, english: str, korean: str):
    from seodang.wording import render

    chosen = Sft.Options(**{**TINY, **changes})
    with pytest.raises(seodang.DataError) as told:
        long = [seodang.single_turn("1234" * 10, "마바사")] * 3
        Sft(chosen).train(long, None, tmp_path, make_context(tmp_path, options=chosen))
    assert english in render(told.value.code, told.value.facts, "en")
    assert korean in render(told.value.code, told.value.facts, "ko")


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A student that knows seven answers by heart, and to stop."""
    place = tmp_path_factory.mktemp("learned") / "out"
    train(place, "gpt-neox", steps=60, dropout=0.0, learning_rate=1e-2)
    return place


class TestLocal(StudentContract):
    student = Local
    options = {"path": "model/student", "template": "koalpaca"}

    @pytest.fixture(autouse=True)
    def _model(self, place: Path, learned: Path) -> None:
        shutil.copytree(learned, place / "model", dirs_exist_ok=True)


def test_batched_answers_are_those_of_one_by_one_and_stop(tmp_path: Path, learned: Path):
    options = Local.Options(path=str(learned / "student"), template="koalpaca")
    student = Local(options)
    student.open(make_context(tmp_path, options=options))
    questions = [seodang.single_turn(f"{number} 다음은?") for number in range(7)]
    together = student.generate(questions, 16)
    assert together == [student.generate([question], 16)[0] for question in questions]
    assert together == [f"{number + 1}입니다." for number in range(7)], "it learned seven answers by heart, and to stop"
    likely, unlikely = student.loglikelihoods(
        [("### 질문: 3 다음은?\n\n### 답변: ", "4입니다."), ("### 질문: 3 다음은?\n\n### 답변: ", "7입니다.")]
    )
    assert 0 >= likely > unlikely
    asyncio.run(student.close())


def test_the_log_holds_every_step_in_full_precision(tmp_path: Path):
    train(tmp_path / "out", "llama", steps=5)
    lines = [json.loads(line) for line in (tmp_path / "out" / "log.jsonl").read_bytes().splitlines()]
    assert [line["step"] for line in lines] == [1, 2, 3, 4, 5] and all(line["loss"] > 0 for line in lines)
