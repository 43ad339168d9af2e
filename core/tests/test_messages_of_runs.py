"""Every message of the rooms around a run, quoted as people read it, in English and in Korean."""

import tomllib
from pathlib import Path

import pytest
import seodang
from seodang.wording import render

QUOTED = tomllib.loads((Path(__file__).parent / "messages_as_people_read_them.toml").read_text(encoding="utf-8"))
ROOMS = sorted({code.partition(".")[0] for code in QUOTED})


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("code", QUOTED)
def test_a_message_reads_as_it_is_quoted(code: str, language: str):
    assert render(code, QUOTED[code].get("facts", {}), language) == QUOTED[code][language]


@pytest.mark.parametrize("room", ROOMS)
def test_no_message_of_the_room_is_left_unquoted(room: str):
    catalogue = Path(seodang.__file__).parent / "wording" / "en" / f"{room}.toml"
    codes = {f"{room}.{name}" for name in tomllib.loads(catalogue.read_text(encoding="utf-8"))}
    assert codes == {code for code in QUOTED if code.startswith(f"{room}.")}


def test_no_message_leaves_a_place_unfilled():
    assert not [code for code, quoted in QUOTED.items() if "{" in quoted["en"] + quoted["ko"]]
