"""What the README says is so."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from seodang.testing.recipes import run_in
from seodang_openai.mock import mock_openai
from seodang_openai.mock_answers import Answers
from seodang_self_instruct import SelfInstruct

PLUGIN = Path(__file__).parents[1]
README = (PLUGIN / "README.md").read_text(encoding="utf-8")


def test_the_recipe_of_the_readme_runs(tmp_path):
    (recipe,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    with mock_openai(answers=Answers.read("self-instruct-korean")) as server:
        settings = [f"self-instruct.base_url={server.url}/v1", "self-instruct.count=20"]
        run = run_in(tmp_path, recipe, settings=settings)
    assert run.ok, run.error
    made = run.records("self-instruct")
    assert len({record.tags["number"] for record in made}) > 15 and all(record.answered for record in made)


def test_every_reason_and_every_option_is_explained():
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted((PLUGIN / "src").rglob("*.py")))
    codes = set(re.findall(r'(?:Left|leave|Drop)\(\s*(?:instance, )?"([a-z-]+)"', source))
    codes |= set(re.findall(r'(?:return|yield) "([a-z]+-[a-z-]+)"', source)) | set(re.findall(r'yield "([a-z-]+)", ', source))
    assert len(codes) > 20 and not [code for code in sorted(codes) if f"`{code}`" not in README]
    named = set(re.findall(r"[a-z_]+", README))
    assert not [field for field in SelfInstruct.Options.__struct_fields__ if field not in named]


def test_the_shipped_recipe_has_options_that_exist():
    recipe = tomllib.loads((PLUGIN / "src/seodang_self_instruct/recipes/self-instruct-korean.toml").read_text(encoding="utf-8"))
    (step,) = [step for step in recipe["step"] if "teach" in step]
    assert {*step} - {"teach", "teacher"} <= {*SelfInstruct.Options.__struct_fields__}
