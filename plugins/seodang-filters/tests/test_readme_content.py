"""The sections on filters of content: every code and every option is explained, and the steps can be read."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest
from seodang_filters import FILTERS
from seodang_filters.format import CODES as DAMAGES
from seodang_filters.refusals import CODES as REFUSALS

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
SOURCES = Path(__file__).parents[1] / "src" / "seodang_filters"
CONTENT = {
    "answer-fit": ("answer_fit.py", "fitting.py"),
    "format": ("format.py",),
    "keywords": ("keywords.py",),
    "language": ("language.py",),
    "length": ("length.py",),
    "prompt-injection": ("marks.py",),
    "refusals": ("refusals.py",),
    "repetition": ("repetition.py",),
    "unsafe": ("marks.py",),
}
RESERVED = {"filter", "judge"}


def section(name):
    (found,) = [part for part in README.split("\n## ")[1:] if name in part.splitlines()[0].split(", ")]
    return found


@pytest.mark.parametrize("name", CONTENT)
def test_every_option_and_every_code_is_explained(name):
    (offered,) = [known for known in FILTERS if known.name == name]
    text = section(name)
    assert not [option for option in offered.Options.__struct_fields__ if f"{option} =" not in text and f"`{option}" not in text]
    source = "".join((SOURCES / file).read_text(encoding="utf-8") for file in CONTENT[name])
    codes = {*re.findall(r'(?:Drop|Misfit)\(\s*"([a-z-]+)"', source)}
    codes |= {*DAMAGES} if name == "format" else {*REFUSALS} if name == "refusals" else set()
    if name == "length":
        codes = {f"{what}-too-{how}" for what in ("instruction", "answer") for how in ("short", "long")} | codes
    assert codes or name in ("prompt-injection", "unsafe")
    assert not [code for code in sorted(codes) if f"`{code}`" not in text]


@pytest.mark.parametrize("name", CONTENT)
def test_the_steps_of_the_readme_can_be_read(name):
    (offered,) = [known for known in FILTERS if known.name == name]
    steps = [
        step for block in re.findall(r"```toml\n(.*?)```", section(name), re.DOTALL) for step in tomllib.loads(block)["step"]
    ]
    (step,) = [step for step in steps if step["filter"] == name]
    msgspec.convert({key: value for key, value in step.items() if key not in RESERVED}, offered.Options)
