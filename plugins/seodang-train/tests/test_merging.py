"""A student leaves as one model: adapters merged, weights shortened, and what it says compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import seodang
from safetensors.torch import load_file
from seodang.testing import StudentLayoutContract
from seodang.wording import render
from seodang_templates import KoAlpaca
from seodang_train import Lora, Safetensors
from small_training import train


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("merged")
    train(found / "base", "llama", steps=1, template="koalpaca")
    chosen = {"model": str(found / "base" / "student"), "lora": Lora(rank=4), "template": "koalpaca"}
    train(found / "adapted", "llama", steps=2, learning_rate=1e-2, **chosen)
    return found


def files(place: Path, **changes: object) -> seodang.StudentFiles:
    facts = {
        "name": "village", "path": place / "adapted" / "student", "template": KoAlpaca(), "language": "ko", "terms": (),
        "card": "---\nlicense: mit\n---\n", "adapter": place / "adapted" / "adapter", "base": place / "base" / "student",
    }  # fmt: skip
    return seodang.StudentFiles(**{**facts, **changes})


class TestSafetensors(StudentLayoutContract):
    layout = Safetensors

    @pytest.fixture
    def student(self, trained: Path) -> seodang.StudentFiles:
        return files(trained)


def write(student: seodang.StudentFiles, out: Path, **options: object) -> dict:
    out.mkdir()
    Safetensors(Safetensors.Options(**options)).write_student(student, out)
    return load_file(out / "model.safetensors")


def test_adapters_merged_into_the_base_are_the_student_that_was_trained(trained: Path, tmp_path: Path):
    merged = write(files(trained), tmp_path / "out", dtype="float32")
    kept = load_file(trained / "adapted" / "student" / "model.safetensors")
    assert merged.keys() == kept.keys()
    assert all(merged[name].allclose(kept[name], atol=1e-6) for name in kept)
    base = load_file(trained / "base" / "student" / "model.safetensors")
    assert any(not merged[name].allclose(base[name], atol=1e-4) for name in base), "and not the base"


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_a_shorter_student_is_half_as_large(trained: Path, tmp_path: Path, dtype: str):
    short = write(files(trained, adapter=None, base=None), tmp_path / "out", dtype=dtype)
    assert {str(tensor.dtype) for tensor in short.values()} == {f"torch.{dtype}"}
    assert json.loads((tmp_path / "out" / "config.json").read_bytes())["dtype"] == dtype


def test_one_that_would_say_something_else_is_not_written(trained: Path, tmp_path: Path):
    with pytest.raises(seodang.DataError) as told:
        write(files(trained), tmp_path / "out", most_difference=1e-9)
    assert not list((tmp_path / "out").iterdir())
    english, korean = (render(told.value.code, told.value.facts, language) for language in ("en", "ko"))
    assert english.startswith("In bfloat16 the student says something else than before: a logit differs by 0.0")
    assert korean.startswith("bfloat16으로 바꾼 학생 모델이 전과 다르게 말합니다.")


def test_a_quantised_base_takes_no_adapters(trained: Path, tmp_path: Path):
    import shutil

    shutil.copytree(trained / "base" / "student", tmp_path / "quantised")
    config = json.loads((tmp_path / "quantised" / "config.json").read_bytes())
    (tmp_path / "quantised" / "config.json").write_text(json.dumps({**config, "quantization_config": {"quant_method": "gptq"}}))
    with pytest.raises(seodang.DataError) as told:
        write(files(trained, base=tmp_path / "quantised"), tmp_path / "out")
    assert told.value.code == "seodang_train:base-is-quantised"
