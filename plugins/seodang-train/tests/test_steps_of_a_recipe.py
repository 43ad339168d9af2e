"""Trainings in a recipe: one goes on from another, other weights train anew, and what was interrupted is not forgotten."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import seodang
from safetensors.torch import load_file, save_file
from seodang.testing.recipes import run_in
from seodang.wording import render
from seodang_train import Lora
from small_training import TINY, Stop, begin, no_room_for_files_over, stop_at

RECIPE = """[recipe]
name = "two"
language = "ko"

[[step]]
seeds = "handcrafted"
path = "rows.jsonl"

[[step]]
train = "sft"
name = "first"
shape = "llama"
SMALL

[[step]]
train = "sft"
name = "second"
model = "step:first"
SMALL
""".replace("SMALL", "\n".join(f"{name} = {value}" for name, value in TINY.items()))


def test_one_training_goes_on_from_another_by_name(tmp_path: Path):
    text = "".join(
        json.dumps({"instruction": f"{number} 다음은?", "output": f"{number + 1}입니다."}) + "\n" for number in range(9)
    )
    done = run_in(tmp_path, RECIPE, files={"rows.jsonl": text})
    assert done.ok, done.error
    first, second = (done.manifest(name).figures for name in ("first", "second"))
    assert second["first_loss"] < first["first_loss"] and second["parameters"] == first["parameters"]
    assert second["first_loss"] < first["last_loss"], "it begins where the other one ended"


def test_other_weights_at_the_same_place_train_anew_and_the_same_elsewhere_do_not(tmp_path: Path, whole: dict[str, Path]):
    shutil.copytree(whole["llama"] / "student", tmp_path / "base")
    recipe = RECIPE.partition('[[step]]\ntrain = "sft"\nname = "second"')[0] + 'model = "base"\n'
    files = {"rows.jsonl": '{"instruction": "1 다음은?", "output": "2입니다."}\n' * 9}
    first = run_in(tmp_path, recipe, files=files)
    assert first.ok, first.error
    made = first.manifest("first").fingerprint
    (tmp_path / "base").rename(tmp_path / "moved")
    assert run_in(tmp_path, recipe.replace('"base"', '"moved"'), files=files).manifest("first").fingerprint == made
    shutil.copytree(whole["gpt-neox"] / "student", tmp_path / "base")
    assert run_in(tmp_path, recipe, files=files).manifest("first").fingerprint != made


def test_a_checkpoint_of_adapters_is_not_put_beside_another_base(tmp_path: Path, whole: dict[str, Path]):
    base = shutil.copytree(whole["llama"] / "student", tmp_path / "base")
    with pytest.raises(Stop):
        begin(tmp_path / "out", stop_at(6), model=str(base), lora=Lora(rank=2))
    weights_of_base = load_file(base / "model.safetensors")
    save_file({name: tensor + 0.1 for name, tensor in weights_of_base.items()}, base / "model.safetensors", {"format": "pt"})
    with pytest.raises(seodang.DataError) as told:
        begin(tmp_path / "out", lambda done: None, model=str(base), lora=Lora(rank=2))
    assert "belongs to a training that differs in base." in render(told.value.code, told.value.facts, "en")


def test_a_changed_recipe_begins_anew_and_says_where_the_interrupted_training_lies(tmp_path: Path):
    """A disk that is full stops the first one; then somebody changes the rate, and then takes that back."""
    text = "".join(
        json.dumps({"instruction": f"{number} 다음은?", "output": f"{number + 1}입니다."}) + "\n" for number in range(9)
    )
    recipe = RECIPE.partition('[[step]]\ntrain = "sft"\nname = "second"')[0] + "checkpoint_steps = 1\n"
    files = {"rows.jsonl": text}
    with no_room_for_files_over(250_000):
        stopped = run_in(tmp_path, recipe, files=files)
    assert stopped.error is not None and stopped.error.code == "seodang_train:not-saved"
    (left,) = stopped.run.glob("*.partial-*")
    changed = run_in(tmp_path, recipe.replace("max_steps = 2", "max_steps = 3"), files=files)
    assert changed.ok and changed.manifest("first").figures["steps"] == 3 and left.is_dir()
    said = (changed.run / "log.jsonl").read_text(encoding="utf-8")
    assert "first: an interrupted training lies in" in said or "first: 중단된 학습이" in said
    assert left.name in said and "max_steps (2 → 3)" in said
    again = run_in(tmp_path, recipe, files=files)
    assert again.ok and again.manifest("first").figures["steps"] == 2 and not left.exists()
