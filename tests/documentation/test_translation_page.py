"""The pictures of docs/translation.md are what happens: each is translated by a translator that says what the page says."""

import re
from pathlib import Path

import msgspec
import pytest
import seodang
from seodang.translation import checks
from seodang.translation.settings import KEYS, Settings

PAGE = (Path(__file__).parents[2] / "docs" / "translation.md").read_text(encoding="utf-8")
PICTURE = re.compile(
    r"^````before(?: (?P<marks>\w+))?\n(?P<before>.*?)^````\n\n````sent\n(?P<sent>.*?)^````\n\n"
    r"````came\n(?P<came>.*?)^````\n\n````after\n(?P<after>.*?)^````\n",
    re.DOTALL | re.MULTILINE,
)
PICTURES = [found.groupdict() for found in PICTURE.finditer(PAGE)]
RECIPE = '[recipe]\nname = "p"\nlanguage = "ko"\n[[step]]\nseeds = "text"\n[[step]]\ntranslate = "page"\n'
OFF = 'without_checks = ["length", "literals", "residue", "cut-end", "numbers", "sentences", "structure"]\n'


def test_every_check_is_on_the_page_with_when_it_fails_and_when_it_warns():
    table = PAGE.partition("## The checks")[2].partition("## The keys")[0]
    listed = re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)
    assert sorted(listed) == checks.names()


def texts(block):
    return block.rstrip("\n").split("\n--\n")


class Text(seodang.Seeds):
    """One answer in English."""

    name = "text"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        pass

    def read(self, context):
        text = context.place("text.md").read_text(encoding="utf-8").rstrip("\n")
        yield seodang.Record(messages=(seodang.Message("assistant", text),), language="en")


def offering(translator):
    class Offered:
        @seodang.hookimpl
        def register_seeds(self, register):
            register(Text)

        @seodang.hookimpl
        def register_translators(self, register):
            register(translator)

    return Offered()


def test_the_page_has_its_pictures():
    assert [picture["marks"] for picture in PICTURES] == [None, None, "xml", "none", None]
    assert PAGE.count("````before") == len(PICTURES)


@pytest.mark.parametrize("picture", PICTURES, ids=[picture["before"][:20].strip() for picture in PICTURES])
def test_a_picture_is_what_happens(picture, run_recipe):
    seen = []
    said = dict(zip(texts(picture["sent"]), texts(picture["came"]), strict=True))

    class Page(seodang.Translator):
        """Says what the page says."""

        name = "page"
        marks = picture["marks"] or "brackets"

        def translate(self, texts, context):
            seen.extend(text.text for text in texts)
            return [seodang.Translation(said[text.text]) for text in texts]

    outcome = run_recipe(RECIPE + OFF, plugins=[offering(Page)], files={"text.md": picture["before"]})
    assert outcome.ok, outcome.error or outcome.lines("page", "quarantined.jsonl")
    assert outcome.records("page")[0].messages[0].text == picture["after"].rstrip("\n")
    assert seen == texts(picture["sent"])


def test_the_page_names_every_key_with_its_default():
    rows = dict(re.findall(r"^\| `(\w+)` \| .*? \| (.*?) \|$", PAGE.partition("## The keys")[2], re.MULTILINE))
    assert list(rows) == list(KEYS) == [name for name in Settings.__struct_fields__ if name != "columns"]
    defaults = Settings()
    assert rows["context_characters"] == str(defaults.context_characters)
    assert (rows["language_tasks"], rows["on_failed_check"]) == (f"`{defaults.language_tasks}`", f"`{defaults.on_failed_check}`")
