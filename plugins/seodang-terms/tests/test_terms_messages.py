"""Every message of the plugin, quoted as people read it, in English and in Korean."""

import tomllib
from pathlib import Path

import pytest
import seodang_terms
from seodang.wording import render

QUOTED = tomllib.loads((Path(__file__).parent / "quoted.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("code", QUOTED)
def test_a_message_reads_as_it_is_quoted(code: str, language: str):
    said = render(f"seodang_terms:{code}", QUOTED[code].get("facts", {}), language)
    assert said == QUOTED[code][language] and "{" not in said


@pytest.mark.parametrize("language", ["en", "ko"])
def test_no_message_is_left_unquoted(language: str):
    catalogue = Path(seodang_terms.__file__).parent / f"messages.{language}.toml"
    assert tomllib.loads(catalogue.read_text(encoding="utf-8")).keys() == QUOTED.keys()
