"""Adapters: small, trained alone, resumed to the bit, merged into a student that says the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import seodang
from safetensors.torch import load_file
from seodang.testing import make_context
from seodang_train import Lora, Sft
from small_training import TINY, rows, train, weights


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("bases")
    for shape in ("gpt-neox", "llama"):
        train(place / shape, shape, steps=2)
    return {shape: place / shape / "student" for shape in ("gpt-neox", "llama")}


def adapt(base: Path, output: Path, *, stop_at: int = 0, **changes: Any) -> seodang.Trained:
    chosen = Sft.Options(
        **{
            **TINY,
            "model": str(base),
            "max_steps": 8,
            "checkpoint_steps": 3,
            "learning_rate": 1e-2,
            "lora": Lora(dropout=0.1),
            **changes,
        }
    )
    output.mkdir(exist_ok=True)
    context = make_context(output, options=chosen)
    if stop_at:
        tell = context.progress

        def progress(done: int, total: int | None = None, **facts: object) -> None:
            tell(done, total, **facts)
            if done == stop_at:
                raise KeyboardInterrupt

        context.progress = progress
    return Sft(chosen).train(rows(40), None, output, context)


@pytest.mark.parametrize("shape", ["gpt-neox", "llama"])
def test_only_the_adapters_learn_and_the_student_holds_them(tmp_path: Path, bases: dict[str, Path], shape: str):
    trained = adapt(bases[shape], tmp_path / "out")
    assert trained.figures["trained_parameters"] < trained.figures["parameters"]
    before, after = load_file(bases[shape] / "model.safetensors"), load_file(tmp_path / "out" / "student" / "model.safetensors")
    changed = {name for name in before if not bool((before[name] == after[name]).all())}
    assert before.keys() == after.keys() and changed
    assert not any("embed" in name or "norm" in name for name in changed)
    adapters = load_file(tmp_path / "out" / "adapter" / "adapter_model.safetensors")
    assert len(adapters) == 2 * len(changed), "two small matrices for each large one that changed"


@pytest.mark.parametrize("shape", ["gpt-neox", "llama"])
def test_an_interrupted_training_of_adapters_ends_in_the_same_weights(tmp_path: Path, bases: dict[str, Path], shape: str):
    adapt(bases[shape], tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        adapt(bases[shape], tmp_path / "again", stop_at=5)
    saved = load_file(tmp_path / "again" / "checkpoints" / "step-00000003" / "model.safetensors")
    assert saved and all("lora" in name for name in saved), "the frozen base is not copied into every checkpoint"
    adapt(bases[shape], tmp_path / "again")
    assert weights(tmp_path / "again") == weights(tmp_path / "whole")


@pytest.mark.parametrize(
    ("lora", "said"),
    [
        (Lora(targets=("nowhere",)), "has no layers named nowhere"),
        (Lora(rank=4, targets=("dense",)), ""),
    ],
)
def test_the_layers_can_be_named(tmp_path: Path, bases: dict[str, Path], lora: Lora, said: str):
    if said:
        with pytest.raises(seodang.DataError, match=said):
            adapt(bases["gpt-neox"], tmp_path / "out", lora=lora)
    else:
        adapters = adapt(bases["gpt-neox"], tmp_path / "out", lora=lora) and load_file(
            tmp_path / "out" / "adapter" / "adapter_model.safetensors"
        )
        assert all(".dense." in name for name in adapters)


def test_adapters_that_learnt_nothing_are_not_shipped(tmp_path: Path, bases: dict[str, Path]):
    with pytest.raises(seodang.DataError, match="hold nothing but zeros"):
        adapt(bases["llama"], tmp_path / "out", learning_rate=1e-60)


def test_an_unknown_architecture_is_told():
    from seodang_train.profiles import profile_of

    with pytest.raises(seodang.DataError, match="type 'abacus'"):
        profile_of("abacus")
