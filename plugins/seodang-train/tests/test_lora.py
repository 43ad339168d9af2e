"""Adapters: small, trained alone, resumed to the bit, merged into a student that says the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import seodang
from safetensors.torch import load_file
from seodang.testing import make_context
from seodang.wording import render
from seodang_train import Lora, Sft
from small_training import TINY, rows, train, weights


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("bases")
    for shape in ("gpt-neox", "llama"):
        train(place / shape, shape, steps=1)
    return {shape: place / shape / "student" for shape in ("gpt-neox", "llama")}


def adapt(base: Path, output: Path, *, stop_at: int = 0, **changes: Any) -> seodang.Trained:
    chosen = Sft.Options(
        **{
            **TINY,
            "model": str(base),
            "max_steps": 4,
            "checkpoint_steps": 2,
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
def test_only_the_adapters_learn_and_after_an_interruption_they_learn_the_same(
    tmp_path: Path, bases: dict[str, Path], shape: str
):
    trained = adapt(bases[shape], tmp_path / "whole")
    assert trained.figures["trained_parameters"] < trained.figures["parameters"]
    before, after = (load_file(place / "model.safetensors") for place in (bases[shape], tmp_path / "whole" / "student"))
    changed = {name for name in before if not bool((before[name] == after[name]).all())}
    assert before.keys() == after.keys() and changed
    assert not any("embed" in name or "norm" in name for name in changed)
    adapters = load_file(tmp_path / "whole" / "adapter" / "adapter_model.safetensors")
    assert len(adapters) == 2 * len(changed), "two small matrices for each large one that changed"

    with pytest.raises(KeyboardInterrupt):
        adapt(bases[shape], tmp_path / "again", stop_at=3)
    saved = load_file(tmp_path / "again" / "checkpoints" / "step-00000002" / "model.safetensors")
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
        adapt(bases["gpt-neox"], tmp_path / "out", lora=lora, max_steps=1)
        adapters = load_file(tmp_path / "out" / "adapter" / "adapter_model.safetensors")
        assert all(".dense." in name for name in adapters)


def test_adapters_that_learnt_nothing_are_not_shipped(tmp_path: Path, bases: dict[str, Path]):
    with pytest.raises(seodang.DataError, match="hold nothing but zeros"):
        adapt(bases["llama"], tmp_path / "out", learning_rate=1e-60, max_steps=1)


def test_tokens_that_adapters_cannot_learn_are_refused(tmp_path: Path, bases: dict[str, Path]):
    """Dolly stops with a token of its own. Beside frozen embeddings it would stay the mean of all others."""
    with pytest.raises(seodang.DataError) as told:
        adapt(bases["llama"], tmp_path / "out", template="dolly")
    english, korean = (render(told.value.code, told.value.facts, language) for language in ("en", "ko"))
    assert "The template dolly has tokens that the model in" in english and "### End" in english
    assert "멈추는 것도 배우지 못합니다" in korean
    assert adapt(bases["llama"], tmp_path / "whole", template="dolly", lora=None, max_steps=1).figures["steps"] == 1


def test_an_unknown_architecture_is_told():
    from seodang_train.profiles import profile_of

    with pytest.raises(seodang.DataError, match="type 'abacus'"):
        profile_of("abacus")
