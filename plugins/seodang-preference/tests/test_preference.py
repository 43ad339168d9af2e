"""Preference training: pairs from ranked candidates, DPO and a reward model over TRL, and a killed training that ends the same."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import seodang
from seodang.testing import TrainerContract, make_context
from seodang.wording import render
from seodang_local import Local
from seodang_local.tiny import write_tiny
from seodang_preference import Dpo, Reward, RewardModel
from seodang_preference.pairs import pairs_of, ranked_pairs
from seodang_templates import KoAlpaca

has_trl = importlib.util.find_spec("trl") is not None
needs_trl = pytest.mark.skipif(not has_trl, reason="TRL (seodang-preference[trl]) is not installed")
TINY = {"model": "base", "batch_pairs": 4, "micro_pairs": 2, "max_steps": 1, "threads": 1, "learning_rate": 1e-3}


def ranked(question: str, *answers: tuple[str, int], **fields: Any) -> seodang.Record:
    candidates = tuple(seodang.Candidate(seodang.Message("assistant", text), rank=rank) for text, rank in answers)
    return seodang.Record(messages=(seodang.Message("user", question),), candidates=candidates, **fields)


def preferences(count: int = 16) -> list[seodang.Record]:
    return [ranked(f"{number % 5} 다음은?", (f"{number % 5 + 1}입니다.", 1), ("몰라.", 2)) for number in range(count)]


@pytest.fixture(scope="module", params=["gpt-neox", pytest.param("llama", marks=pytest.mark.nightly)])
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("base"), shape=request.param, width=16)


def train(trainer: type, base: Path, output: Path, *, stop_at: int = 0, kill_at: int = 0, **changes: Any) -> seodang.Trained:
    chosen = trainer.Options(**{**TINY, "model": str(base), **changes})
    output.mkdir(exist_ok=True)
    reached = []

    def progress(done: int, total: int | None = None, **facts: object) -> None:
        reached.append(done)
        if kill_at and done == kill_at:
            raise KeyboardInterrupt

    context = make_context(output, options=chosen, stopping=lambda: bool(stop_at) and len(reached) + 1 >= stop_at)
    context.progress = progress
    return trainer(chosen).train(preferences(), None, output, context)


def test_records_become_pairs_of_what_the_template_writes(tmp_path: Path):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(write_tiny(tmp_path))
    best_of_three = ranked("하늘은 왜 파란가요?", ("그냥.", 2), ("빛이 흩어져서요.", 1), ("몰라요.", 3))
    already_answered = seodang.Record(
        messages=(seodang.Message("user", "물음"), seodang.Message("assistant", "좋은 답")),
        candidates=ranked("물음", ("좋은 답", 1), ("나쁜 답", 2)).candidates,
    )
    of_no_use = [
        ranked("물음", ("하나", 1)),
        ranked("물음", ("하나", 1), ("둘", 1)),
        ranked("물음", ("하나", 0), ("둘", 0)),
        ranked("물음", ("같다", 1), ("같다", 2)),
        ranked("물음" * 100, ("하나", 1), ("둘", 2)),
    ]
    found = pairs_of([best_of_three, already_answered, *of_no_use], KoAlpaca(), tokenizer, 300)
    assert found.counts == {"no_pair": 3, "too_long": 1, "equal": 1}
    said = [[tokenizer.decode(part) for part in pair] for pair in found.pairs]
    assert said == [
        ["### 질문: 하늘은 왜 파란가요?\n\n### 답변: ", "빛이 흩어져서요.</s>", "그냥.</s>"],
        ["### 질문: 하늘은 왜 파란가요?\n\n### 답변: ", "빛이 흩어져서요.</s>", "몰라요.</s>"],
        ["### 질문: 물음\n\n### 답변: ", "좋은 답</s>", "나쁜 답</s>"],
    ]
    assert found.columns()["chosen_ids"][0][-1] == tokenizer.eos_token_id
    assert found.conversations()["rejected_ids"][2] == found.pairs[2].prompt + found.pairs[2].rejected
    assert found.fingerprint() != pairs_of([already_answered], KoAlpaca(), tokenizer, 300).fingerprint()


def test_the_pairs_are_those_that_the_format_preference_writes():
    """What one exports to train elsewhere is what is trained here."""
    from seodang_instruct_data.preference import Preference

    records = [*preferences(3), ranked("셋", ("가", 2), ("나", 1), ("다", 2)), ranked("하나", ("가", 1))]
    ours = [
        (question.question, chosen.text, rejected.text)
        for record in records
        for question, chosen, rejected in ranked_pairs(record)
    ]
    written = [row for row in Preference().write(iter(records), frozenset()) if isinstance(row, dict)]
    assert ours == [(row["prompt"], row["chosen"], row["rejected"]) for row in written]


class Asks(seodang.Template):
    """Writes a question in another way when it is answered."""

    name = "asks"

    def segments(self, record: seodang.Record) -> list[seodang.Segment]:
        return [seodang.Segment(f"{len(record.messages)}: {record.question}")]


def test_a_template_that_asks_otherwise_is_refused(tmp_path: Path):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(write_tiny(tmp_path))
    with pytest.raises(seodang.DataError) as told:
        pairs_of(preferences(1), Asks(), tokenizer, 300)
    assert "writes a question in another way when it is answered" in render(told.value.code, told.value.facts, "en")
    assert "답이 있을 때 질문을 다르게 씁니다" in render(told.value.code, told.value.facts, "ko")


def test_without_trl_it_says_what_to_install(tmp_path: Path, base: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("seodang_preference.training.find_spec", lambda name: None)
    for trainer in (Dpo, Reward):
        with pytest.raises(seodang.DataError) as told:
            train(trainer, base, tmp_path / "out")
        assert "pip install 'seodang-preference[trl]'" in render(told.value.code, told.value.facts, "en")
        assert "TRL이 설치되어 있지 않습니다" in render(told.value.code, told.value.facts, "ko")


def test_what_cannot_be_divided_is_told(monkeypatch: pytest.MonkeyPatch):
    for language, said in (("en", "micro_pairs = 3 does not divide"), ("ko", "batch_pairs = 16을 micro_pairs = 3으로 나눌")):
        monkeypatch.setenv("SEODANG_LANGUAGE", language)
        with pytest.raises(ValueError, match=said):
            Dpo.Options(micro_pairs=3)


def test_a_reward_model_says_that_it_does_not_talk(tmp_path: Path):
    student = RewardModel(RewardModel.Options(path="student"))
    for ask in (
        lambda: student.open(make_context(tmp_path)),
        lambda: student.generate([], 1),
        lambda: student.loglikelihoods([]),
    ):
        with pytest.raises(seodang.DataError) as told:
            ask()
        assert "it gives marks and writes no answers" in render(told.value.code, told.value.facts, "en")
        assert "점수만 매기고 답은 쓰지 않습니다" in render(told.value.code, told.value.facts, "ko")


def weights(output: Path) -> bytes:
    return (output / "student" / "model.safetensors").read_bytes()


@needs_trl
def test_the_chosen_answer_becomes_likelier_than_the_rejected_one(tmp_path: Path, base: Path):
    trained = train(Dpo, base, tmp_path / "out", max_steps=20)
    assert trained.figures["pairs"] == 16 and trained.figures["steps"] == 20
    assert trained.figures["first_loss"] == pytest.approx(0.6931, abs=1e-3), "at the start it is its own reference"
    assert trained.figures["last_loss"] < 0.5 and trained.figures["chosen_preferred"] > 0.8
    margins = [_margin(tmp_path, place) for place in (base, tmp_path / "out" / "student")]
    assert margins[1] > margins[0] + 1
    assert not (tmp_path / "out" / "checkpoints").exists()
    config = json.loads((tmp_path / "out" / "student" / "generation_config.json").read_bytes())
    assert config["eos_token_id"] == 1


def _margin(tmp_path: Path, place: Path) -> float:
    import asyncio

    options = Local.Options(path=str(place), template="koalpaca")
    student = Local(options)
    student.open(make_context(tmp_path, options=options))
    prompt = "### 질문: 3 다음은?\n\n### 답변: "
    chosen, rejected = student.loglikelihoods([(prompt, "4입니다."), (prompt, "몰라.")])
    asyncio.run(student.close())
    return chosen - rejected


@needs_trl
@pytest.mark.parametrize("trainer", [Dpo, pytest.param(Reward, marks=pytest.mark.nightly)])
def test_an_interrupted_training_ends_in_the_same_weights(tmp_path: Path, base: Path, trainer: type):
    """Stopped by a signal, which saves first; killed behind a checkpoint, and with a half of one beside it."""
    options = {"max_steps": 6, "checkpoint_steps": 2}
    whole = train(trainer, base, tmp_path / "whole", **options)
    with pytest.raises(seodang.Interrupted):
        train(trainer, base, tmp_path / "again", stop_at=3, **options)
    with pytest.raises(KeyboardInterrupt):
        train(trainer, base, tmp_path / "again", kill_at=5, **options)
    checkpoints = sorted((tmp_path / "again" / "checkpoints").glob("checkpoint-*"))
    shutil.copytree(checkpoints[-1], checkpoints[-1].with_name("checkpoint-5"))
    (checkpoints[-1].with_name("checkpoint-5") / "optimizer.pt").unlink()
    resumed = train(trainer, base, tmp_path / "again", **options)
    assert weights(tmp_path / "again") == weights(tmp_path / "whole")
    assert resumed.figures == whole.figures and len(_losses(tmp_path / "again")) == 6
    assert _losses(tmp_path / "again") == _losses(tmp_path / "whole")


def _losses(output: Path) -> list[float]:
    return [json.loads(line)["loss"] for line in (output / "log.jsonl").read_text().splitlines()]


@needs_trl
def test_another_training_is_not_gone_on_from(tmp_path: Path, base: Path):
    with pytest.raises(KeyboardInterrupt):
        train(Dpo, base, tmp_path / "out", max_steps=6, checkpoint_steps=2, kill_at=3)
    with pytest.raises(seodang.DataError) as told:
        train(Dpo, base, tmp_path / "out", max_steps=6, checkpoint_steps=2, beta=0.3)
    assert "belongs to a training that differs in beta" in render(told.value.code, told.value.facts, "en")
    assert "beta가 다른 학습의 체크포인트입니다" in render(told.value.code, told.value.facts, "ko")


@needs_trl
def test_a_reward_model_tells_the_better_answer(tmp_path: Path, base: Path):
    trained = train(Reward, base, tmp_path / "out", max_steps=15)
    assert trained.student == "reward" and trained.figures["chosen_preferred"] > 0.7
    assert trained.figures["last_loss"] < trained.figures["first_loss"]
    with pytest.raises(seodang.DataError) as told:
        train(Dpo, tmp_path / "out" / "student", tmp_path / "other")
    assert "Name the student before it" in render(told.value.code, told.value.facts, "en")
    assert "그 앞의 학생을 지정하세요" in render(told.value.code, told.value.facts, "ko")


@needs_trl
@pytest.mark.parametrize(
    ("changes", "english", "korean"),
    [
        ({"model": ""}, "needs a model to go on from", "이어서 학습할 모델이 필요합니다"),
        ({"max_length": 8}, "longer than max_length = 8 tokens: 16", "max_length = 8 토큰보다 긴 쌍 16개"),
        ({"model": "nowhere"}, "nowhere holds no *.safetensors file", "nowhere에 *.safetensors 파일이 없습니다"),
    ],
)
def test_a_mistake_is_told_in_both_languages(tmp_path: Path, base: Path, changes: dict, english: str, korean: str):
    with pytest.raises(seodang.DataError) as told:
        train(Dpo, base, tmp_path / "out", **changes)
    assert english in render(told.value.code, told.value.facts, "en")
    assert korean in render(told.value.code, told.value.facts, "ko")


@needs_trl
@pytest.mark.parametrize("trainer", [Dpo, Reward])
def test_a_base_that_lacks_weights_is_refused(tmp_path: Path, base: Path, trainer: type):
    """But for the head of a reward model, which no base has."""
    from safetensors.torch import load_file, save_file

    torn = shutil.copytree(base, tmp_path / "torn")
    tensors = load_file(torn / "model.safetensors")
    lost = next(name for name in tensors if "layers.0" in name)
    save_file({name: tensor for name, tensor in tensors.items() if name != lost}, torn / "model.safetensors", {"format": "pt"})
    with pytest.raises(seodang.DataError) as told:
        train(trainer, torn, tmp_path / "out")
    assert f"torn lacks 1 weight that its config.json asks for, such as {lost}." in render(
        told.value.code, told.value.facts, "en"
    )
    assert "무작위 값으로 시작합니다" in render(told.value.code, told.value.facts, "ko")


def test_the_example_of_the_page_is_accepted():
    import re
    import tomllib

    import msgspec

    page = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```toml\n(.*?)```", page, re.S)
    step = next(step for step in tomllib.loads(block)["step"] if step.get("train") == "dpo")
    del step["train"]
    assert msgspec.convert(step, Dpo.Options).batch_pairs == 16


class PreferenceContract(TrainerContract):
    __test__ = False
    records = preferences(4)
    options = TINY

    @pytest.fixture(autouse=True)
    def _base(self, place: Path, request: pytest.FixtureRequest) -> None:
        if "train" in request.fixturenames and not has_trl:
            pytest.skip("TRL (seodang-preference[trl]) is not installed")
        place.mkdir(parents=True, exist_ok=True)
        write_tiny(place / "base", width=16)


class TestDpo(PreferenceContract):
    __test__ = True
    trainer = Dpo
    student = Local


@pytest.mark.nightly
class TestReward(PreferenceContract):
    __test__ = True
    trainer = Reward
