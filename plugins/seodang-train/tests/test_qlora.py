"""QLoRA: adapters beside a base in 4 or 8 bits; the student is made of the base as it was."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import seodang
from safetensors.torch import load_file
from seodang.testing import make_context
from seodang.wording import render
from seodang_train import Lora, Sft
from small_training import TINY, rows, train, weights

needs_bitsandbytes = pytest.mark.skipif(
    importlib.util.find_spec("bitsandbytes") is None, reason="bitsandbytes (seodang-train[qlora]) is not installed"
)
# bitsandbytes and peft say so at every step of a CPU; nobody who trains can do anything about it.
quiet = pytest.mark.filterwarnings("ignore:MatMul8bitLt", "ignore:Merge lora module to", "ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("bases")
    for shape in ("gpt-neox", "llama"):
        train(place / shape, shape, steps=3, width=64, dropout=0.0, learning_rate=1e-2)
    return {shape: place / shape / "student" for shape in ("gpt-neox", "llama")}


def adapt(base: Path, output: Path, quantize: str, *, stop_at: int = 0, **changes: object) -> seodang.Trained:
    options = {"model": str(base), "max_steps": 3, "checkpoint_steps": 1, "learning_rate": 1e-2, "packing": True, **changes}
    chosen = Sft.Options(**{**TINY, **options, "lora": Lora(rank=4, quantize=quantize)})  # type: ignore[arg-type]
    output.mkdir(exist_ok=True)
    context = make_context(output, options=chosen)

    def progress(done: int, total: int | None = None, **facts: object) -> None:
        if done == stop_at:
            raise KeyboardInterrupt

    context.progress = progress
    return Sft(chosen).train(rows(40), None, output, context)


@needs_bitsandbytes
@quiet
@pytest.mark.parametrize(
    ("shape", "quantize"), [("gpt-neox", "nf4"), pytest.param("llama", "nf4", marks=pytest.mark.nightly), ("llama", "int8")]
)
def test_the_student_is_the_whole_base_with_what_the_adapters_learned(
    tmp_path: Path, bases: dict[str, Path], shape: str, quantize: str
):
    trained = adapt(bases[shape], tmp_path / "whole", quantize)
    assert trained.figures["trained_parameters"] < trained.figures["parameters"]
    before, after = load_file(bases[shape] / "model.safetensors"), load_file(tmp_path / "whole" / "student" / "model.safetensors")
    assert before.keys() == after.keys()
    assert trained.figures["parameters"] == sum(tensor.numel() for tensor in before.values())
    assert {tensor.dtype for tensor in after.values()} == {tensor.dtype for tensor in before.values()}
    changed = [name for name in before if not bool((before[name] == after[name]).all())]
    assert changed and not any("embed" in name or "norm" in name for name in changed)
    adapters = load_file(tmp_path / "whole" / "adapter" / "adapter_model.safetensors")
    for name in changed:
        stem = name.removesuffix(".weight")
        first, second = (next(t for key, t in adapters.items() if f"{stem}.lora_{side}" in key) for side in "AB")
        learned = after[name] - before[name]
        assert float((learned - 2 * second @ first).abs().max()) < 1e-5, (
            "what changed is what the adapters hold, without any rounding"
        )

    with pytest.raises(KeyboardInterrupt):
        adapt(bases[shape], tmp_path / "again", quantize, stop_at=2)
    adapt(bases[shape], tmp_path / "again", quantize)
    assert weights(tmp_path / "again") == weights(tmp_path / "whole")


@needs_bitsandbytes
@quiet
def test_the_room_that_is_asked_for_is_that_of_the_whole_student(bases: dict[str, Path]):
    """In 4 bits two weights lie in one number of the model, and the student is written with each of them."""
    from seodang_train.checkpoints import ROOM_FOR
    from seodang_train.room import bytes_to_write
    from seodang_train.saving import loaded

    (_, whole), (_, small) = (loaded(bases["gpt-neox"], quantize=numbers) for numbers in ("", "nf4"))
    for model in (whole, small):
        model.requires_grad_(False)
    assert bytes_to_write(small) == bytes_to_write(whole) == 4 * whole.num_parameters() and ROOM_FOR == 3


@needs_bitsandbytes
def test_a_model_from_scratch_is_not_quantised(tmp_path: Path):
    chosen = Sft.Options(**{**TINY, "lora": Lora(quantize="nf4")})
    with pytest.raises(seodang.DataError) as told:
        Sft(chosen).train(rows(10), None, tmp_path, make_context(tmp_path, options=chosen))
    assert 'quantize = "nf4" is for a model that has learned something' in render(told.value.code, told.value.facts, "en")
    assert "이미 학습된 모델에 씁니다" in render(told.value.code, told.value.facts, "ko")


def test_what_is_missing_is_told_with_the_command(tmp_path: Path, bases: dict[str, Path], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("seodang_train.quantising.find_spec", lambda name: None)
    with pytest.raises(seodang.DataError) as told:
        adapt(bases["llama"], tmp_path / "out", "int8")
    assert "pip install 'seodang-train[qlora]'" in render(told.value.code, told.value.facts, "en")
    assert "bitsandbytes가 필요한데 설치되어 있지 않습니다" in render(told.value.code, told.value.facts, "ko")


def test_quantised_weights_are_not_shared_out(monkeypatch: pytest.MonkeyPatch):
    for language, said in (("en", "do not go together: quantised weights"), ("ko", "양자화된 가중치는 나눌 수 없습니다")):
        monkeypatch.setenv("SEODANG_LANGUAGE", language)
        with pytest.raises(ValueError, match=said):
            Sft.Options(model="base", devices=2, sharding="full", lora=Lora(quantize="nf4"))
