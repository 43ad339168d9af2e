"""The sections on the filters that guard something: every option and code is explained, the steps can be read, the figures are those
that the benchmark commands promise."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest
from seodang_filters import Decontaminate, Pii, Score

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
CODES = {Pii: ("personal-data",), Decontaminate: ("contaminated", "too-short"), Score: ("low-score", "no-verdict")}


def section(name):
    return README.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("offered", CODES)
def test_every_option_and_every_code_is_explained(offered):
    text = section(offered.name)
    assert not [option for option in offered.Options.__struct_fields__ if f"{option} =" not in text and f"`{option}" not in text]
    assert not [code for code in CODES[offered] if f"`{code}`" not in text]


@pytest.mark.parametrize("offered", CODES)
def test_the_steps_of_the_readme_can_be_read(offered):
    (block,) = re.findall(r"```toml\n(.*?)```", section(offered.name), re.DOTALL)
    (step,) = tomllib.loads(block)["step"]
    assert step.pop("filter") == offered.name
    assert step.pop("judge", "gpt") in tomllib.loads(block).get("teachers", {"gpt": {}})
    msgspec.convert(step, offered.Options)
