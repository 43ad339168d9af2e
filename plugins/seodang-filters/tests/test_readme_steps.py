"""The steps in the README are such as a recipe may have."""

import re
import tomllib
from pathlib import Path

import pytest
from seodang.recipes.options import build_options
from seodang_filters import FILTERS

BLOCKS = re.findall(r"```toml\n(.*?)```", (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8"), re.DOTALL)
STEPS = [step for block in BLOCKS for step in tomllib.loads(block).get("step", ()) if "filter" in step]
OF_THE_CORE = {"filter", "name", "only", "judge", "model"}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step["filter"])
def test_a_step_of_the_readme_has_options_that_fit(step):
    offered = {cls.name: cls for cls in FILTERS}
    options = {name: value for name, value in step.items() if name not in OF_THE_CORE}
    assert build_options(offered[step["filter"]], options).problems == []


def test_there_are_steps():
    assert {"duplicates", "sample", "balance", "mix"} <= {step["filter"] for step in STEPS}
