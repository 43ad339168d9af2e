"""Before the first step: what a person is shown, what is refused, and that nothing is trained by looking."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import seodang
import torch
from seodang.testing import make_context
from seodang.wording import render
from seodang_train import Lora, Sft
from small_training import TINY, rows, train, weights

UNANSWERED = seodang.single_turn("질문만")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("base")
    train(place / "first", "llama", steps=2, dropout=0.0)
    return place / "first" / "student"


def rehearse(output: Path, records: Sequence[seodang.Record] = (), **changes: Any) -> seodang.Rehearsal:
    output.mkdir(exist_ok=True)
    chosen = Sft.Options(**{**TINY, **changes})
    return Sft(chosen).rehearse(records or rows(40), None, output, make_context(output, options=chosen))


def facts(found: seodang.Rehearsal) -> dict[str, Any]:
    return {finding.code.partition(":")[2]: dict(finding.facts) for finding in found.findings}


def said(error: seodang.SeodangError) -> tuple[str, str]:
    return render(error.code, error.facts, "en"), render(error.code, error.facts, "ko")


@pytest.mark.parametrize("shape", ["gpt-neox", "llama"])
def test_everything_that_can_be_known_is_told_in_both_languages(tmp_path: Path, shape: str):
    found = rehearse(tmp_path / "out", shape=shape, max_steps=0, epochs=2)
    told = facts(found)
    assert (told["found-rows"]["rows"], told["found-rows"]["trained"]) == (40, 40 * 3), "a digit, 입니다. and the end"
    assert told["found-batches"]["steps"] == 2 * told["found-batches"]["per_epoch"]
    assert 90 < told["found-batches"]["real"] <= 100
    assert told["found-memory-kept"]["bytes"] < told["found-memory-kept"]["device_bytes"]
    assert told["found-step"]["loss"] > 0 and told["found-time"]["steps"] == told["found-batches"]["steps"]
    assert told["found-reload"]["bytes"] > 1000 and told["found-disk"]["free_bytes"] > told["found-disk"]["bytes"]
    assert told["found-template"] == {"template": "koalpaca", "asked": 32, "stop": "<eos>"}
    for finding in found.findings:
        english, korean = (render(finding.code, finding.facts, language) for language in ("en", "ko"))
        assert english != korean and "seodang_train" not in english + korean
    assert not list((tmp_path / "out").iterdir()), "nothing is left of it"


def test_the_examples_show_what_is_fed_and_which_part_is_trained(tmp_path: Path):
    long = seodang.single_turn("길게 말해 줘", "네, " * 20)
    first, middle, longest = rehearse(tmp_path, [*rows(6), long]).examples
    assert [(piece.text, piece.trained) for piece in first] == [
        ("### 질문: 0 다음은?\n\n### 답변: ", False),
        ("1입니다.<eos>", True),
    ]
    assert middle != first and longest[-1].text == "네, " * 20 + "<eos>"


def test_looking_changes_nothing_of_the_training(tmp_path: Path):
    """The checks at the start draw no chance and leave the weights alone: two trainings are equal with and without them."""
    train(tmp_path / "checked", "gpt-neox", steps=3)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("seodang_train.loop.check", lambda ready, context: None)
        train(tmp_path / "unchecked", "gpt-neox", steps=3)
    assert weights(tmp_path / "checked") == weights(tmp_path / "unchecked")


def test_a_base_and_adapters_are_rehearsed(tmp_path: Path, base: Path):
    before = (base / "model.safetensors").read_bytes()
    told = facts(rehearse(tmp_path / "full", model=str(base)))
    adapted = facts(rehearse(tmp_path / "lora", model=str(base), lora=Lora(rank=2)))
    assert told["found-base"]["learning"] == told["found-base"]["parameters"]
    assert adapted["found-base"]["learning"] < told["found-base"]["parameters"] / 3
    assert adapted["found-memory-kept"]["optimizer"] != told["found-memory-kept"]["optimizer"]
    assert adapted["found-reload"]["bytes"] < told["found-reload"]["bytes"]
    assert (base / "model.safetensors").read_bytes() == before


@pytest.mark.parametrize("recomputed", [False, True])
def test_the_estimate_is_what_a_step_takes(tmp_path: Path, recomputed: bool):
    """Against a count of all tensors that live at the end of a forward pass over other lengths than it was estimated with."""
    from seodang_train.memory import _kept, estimate
    from seodang_train.recomputing import recompute
    from seodang_train.saving import made

    torch.manual_seed(0)
    options = Sft.Options(**{**TINY, "width": 64, "layers": 4, "max_length": 512, "template": "koalpaca"})
    _, model = made(options, rows(10), make_context(tmp_path).get("template", "koalpaca"))
    found = estimate(model, 400, short=False)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    assert (found.weights, found.gradients, found.optimizer) == (4 * parameters, 4 * parameters, 8 * parameters)
    assert found.again < found.kept / 2
    if recomputed:
        recompute(model)
        assert _kept(model, 400, short=False) <= found.again
    else:
        assert _kept(model, 400, short=False) == pytest.approx(found.kept, rel=0.05)


def test_gradient_checkpointing_is_decided_by_the_estimate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("seodang_train.memory.machine_bytes", lambda: 3_000_000)
    assert "found-memory-again" in facts(rehearse(tmp_path / "auto"))
    by_hand = rehearse(tmp_path / "off", gradient_checkpointing=False)
    assert [finding.code for finding in by_hand.findings if finding.warning] == ["seodang_train:memory-short"]
    monkeypatch.setattr("seodang_train.memory.machine_bytes", lambda: 100_000)
    with pytest.raises(seodang.DataError) as told:
        rehearse(tmp_path / "small")
    english, korean = said(told.value)
    assert english.startswith("Weights, gradients and the optimizer alone take") and "97.7 KiB" in english
    assert "더 작은 베이스를 쓰세요" in korean


def test_rows_without_anything_trained_are_told_and_above_a_share_refused(tmp_path: Path):
    one = facts(rehearse(tmp_path / "one", [*rows(20), UNANSWERED]))
    assert one["found-untrained"] == {"count": 1, "share": 4.76, "most": 0.1}
    allowed = facts(rehearse(tmp_path / "two", [*rows(20), UNANSWERED, UNANSWERED], untrained_share=0.2))
    assert allowed["found-untrained"]["count"] == 2
    for verb in (rehearse, lambda output, records: train(output, "llama", records=records)):
        with pytest.raises(seodang.DataError) as told:
            verb(tmp_path / "refused", [*rows(20), UNANSWERED, UNANSWERED])
        english, korean = said(told.value)
        assert english.startswith("2 rows (9.09 %) have nothing that carries loss; untrained_share allows 0.1 %.")
        assert korean.startswith("2행(9.09 %)에 손실이 걸리는 부분이 없습니다. untrained_share는 0.1 %까지 허용합니다.")


@pytest.mark.parametrize("over_long", ["drop", "cut", "split"])
def test_rows_that_are_too_long_are_told_with_what_is_done_to_them(tmp_path: Path, over_long: str):
    turns = [seodang.Message("user" if place % 2 == 0 else "assistant", f"{place} " + "가나다라" * 3) for place in range(8)]
    told = rehearse(tmp_path, [*rows(9), seodang.Record(messages=tuple(turns))], over_long=over_long, max_length=24)
    finding = next(each for each in told.findings if each.code == f"seodang_train:found-long-{over_long}")
    assert finding.warning and finding.facts["count"] == 1


class Asking(seodang.Template):
    """Asks with a colon and trains with none: what no template may do."""

    name = "asking"

    def segments(self, record: seodang.Record) -> list[seodang.Segment]:
        asked = seodang.Segment(f"{record.question}{'' if record.answered else ':'}\n")
        answered = [seodang.Segment(record.answer, trained=True), seodang.Segment("eos", trained=True, special=True)]
        return [asked, *answered] if record.answered else [asked]


class Endless(seodang.Template):
    """Trains no end."""

    name = "endless"

    def segments(self, record: seodang.Record) -> list[seodang.Segment]:
        answered = [seodang.Segment(record.answer, trained=True)] if record.answered else []
        return [seodang.Segment(f"{record.question}\n"), *answered]


@pytest.mark.parametrize(
    ("template", "english", "korean"),
    [
        (Asking(), "The template koalpaca asks in another way than it trains", "템플릿 koalpaca는 학습할 때와 다르게 묻습니다"),
        (Endless(), "A row's last trained token is '입니다.', not what stops an answer (<eos>)", "답을 끝내는 토큰(<eos>)이 아니라 '입니다.'입니다"),
    ],
)  # fmt: skip
def test_a_template_that_would_spoil_the_student_is_refused(
    tmp_path: Path, template: seodang.Template, english: str, korean: str
):
    chosen = Sft.Options(**TINY)
    for verb in ("rehearse", "train"):
        context = make_context(tmp_path, options=chosen)
        context.get = lambda *_, **__: template
        with pytest.raises(seodang.DataError) as told:
            getattr(Sft(chosen), verb)(rows(20), None, tmp_path, context)
        assert english in said(told.value)[0] and korean in said(told.value)[1]


def test_a_model_that_cannot_be_kept_is_refused(tmp_path: Path, base: Path, monkeypatch: pytest.MonkeyPatch):
    """As a framework does that forgets the head when it saves."""
    from seodang_train import rehearsal

    save = rehearsal.save

    def forgetful(model: Any, tokenizer: Any, template: Any, place: Path) -> None:
        head = model.get_output_embeddings().weight
        kept = head.clone()
        head.zero_()
        save(model, tokenizer, template, place)
        head.copy_(kept)

    monkeypatch.setattr(rehearsal, "save", forgetful)
    with pytest.raises(seodang.DataError) as told:
        rehearse(tmp_path, model=str(base))
    assert "says something else after it was saved and loaded again" in said(told.value)[0]
    assert "저장하고 다시 불러오니 출력이 다릅니다" in said(told.value)[1]
