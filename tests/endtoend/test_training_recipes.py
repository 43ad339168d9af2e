"""The recipes with published hyperparameters: each parses, plans and trains, on a tiny model of the right architecture."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
import seodang
from seodang.testing import make_context

RECIPES = Path(__file__).parents[2] / "plugins" / "seodang-train" / "src" / "seodang_train" / "recipes"
PUBLISHED = {
    "alpaca-7b": {"epochs": 3, "batch_rows": 128, "learning_rate": 2e-5, "warmup": 0.03, "max_length": 512, "schedule": "cosine"},
    "vicuna-7b": {"epochs": 3, "batch_rows": 128, "learning_rate": 2e-5, "warmup": 0.04, "max_length": 2048, "schedule": "cosine"},
    "kovicuna-7b": {"epochs": 3, "batch_rows": 128, "learning_rate": 2e-5, "warmup": 0.04, "max_length": 2048},
    "koalpaca-llama-7b": {"epochs": 3, "batch_rows": 128, "learning_rate": 2e-5, "warmup": 0.03, "max_length": 512},
    "koalpaca-polyglot-12.8b": {"epochs": 2, "batch_tokens": 256 * 1024, "learning_rate": 5e-5, "max_length": 1024, "loss": "everything"},
    "koalpaca-polyglot-5.8b": {"epochs": 3, "batch_tokens": 128 * 2048, "learning_rate": 2e-5, "max_length": 2048, "loss": "everything"},
}  # fmt: skip


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    from seodang_train import Sft

    place = tmp_path_factory.mktemp("bases")
    for shape in ("llama", "gpt-neox"):
        (place / shape).mkdir()
        given = {"width": 32, "layers": 2, "heads": 2, "max_steps": 1, "threads": 1, "max_length": 2048, "shape": shape}
        options = Sft.Options(**given)
        Sft(options).train([seodang.single_turn("하나", "둘")] * 3, None, place / shape, make_context(place, options=options))
    return {shape: place / shape / "student" for shape in ("llama", "gpt-neox")}


def test_every_recipe_is_here():
    assert {path.stem for path in RECIPES.glob("*.toml")} == set(PUBLISHED)


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_a_published_training_is_planned_and_trained(shell, bases: dict[str, Path], name: str):
    text = (RECIPES / f"{name}.toml").read_text(encoding="utf-8")
    train = tomllib.loads(text)["step"][1]
    assert {option: train[option] for option in PUBLISHED[name]} == PUBLISHED[name]
    for option in PUBLISHED[name]:
        line = re.search(rf"^{option} = .*$", text, re.MULTILINE)[0]
        assert re.search(r"# .*(:|default|Vicuna's|not published)", line), f"{line}: where does the number come from?"
    assert shell("init", "begun", "--recipe", name).code == 0
    recipe = "begun/recipe.toml"
    planned = shell.json("plan", recipe)
    assert [step["verb"] for step in planned["steps"]] == ["seeds", "train"] and not planned["problems"]
    licence = "Apache-2.0" if "polyglot" in name else "LicenseRef-LLaMA-1-research"
    assert licence in planned["plan"]["stages"][1]["terms"]
    base = bases["gpt-neox" if "polyglot" in name else "llama"]
    small = ("--run-dir", "run", "--set", f"sft.model='{base}'", "--set", "sft.threads=1")
    ran = shell("run", recipe, *small, "--quiet")
    assert ran.code == 0, ran.err
    log = [json.loads(line) for line in next((shell.folder / "run").glob("02-*/log.jsonl")).read_text().splitlines()]
    assert len(log) == train["epochs"], "the few rows are one step"
    assert max(line["rate"] for line in log) == pytest.approx(train["learning_rate"])
    assert seodang.open_run(shell.folder / "run").manifest("sft").trained.options["template"] == train["template"]
