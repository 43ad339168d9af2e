"""What plugins of strangers name, their carriers bring: core knows neither, and checks both."""

import sys
import tomllib
from pathlib import Path
from typing import Annotated

import msgspec
import pytest
import seodang
from seodang.errors import DataError, PluginError
from seodang.fetching.bringing import bring, prepared
from seodang.plugins.offers import offers_of

SHELF = {
    "tiny": {"weights": b"weights", "config": b"{}", "notes.txt": b"not read"},
    "bare": {"config": b"{}"},
    "escaping": {"../out": b"x"},
}


class Shelf(seodang.Carrier):
    """Brings from a table of this test."""

    name = "shelf"
    offline = {"SHELF_OFFLINE": "1"}
    brought: list = []

    def listing(self, piece):
        if piece.name not in SHELF:
            raise DataError("fetching.not-here", step="", option=piece.option, name=piece.name, place="the shelf")
        wanted = {name: len(content) for name, content in SHELF[piece.name].items() if not piece.files or name in piece.files}
        return seodang.Listing(revision=piece.revision or "newest", files=wanted, terms=("CC0-1.0",))

    def bring(self, piece, listing, place):
        self.brought.append(piece.name)
        for name in listing.files:
            (place / name).write_bytes(SHELF[piece.name][name])


class Reading(seodang.Seeds):
    """Reads files, or what lies elsewhere."""

    name = "reading"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        path: Annotated[tuple[str, ...], msgspec.Meta(description="Files.", extra=seodang.FILES)] = ()
        elsewhere: Annotated[str, msgspec.Meta(description="A name.", extra={**seodang.FILES, "elsewhere": True})] = ""

    def read(self, context):
        yield seodang.single_turn("하나?", "하나입니다.", terms=("CC0-1.0",))


class Model(seodang.Student):
    """A model that lies on the shelf, or in a folder."""

    name = "model"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        place: Annotated[str, msgspec.Meta(description="A folder that begins with ./, or a name on the shelf.")]
        version: Annotated[str, msgspec.Meta(description="Of the shelf.")] = ""
        stubborn: Annotated[bool, msgspec.Meta(description="Names the shelf whatever it is told.")] = False

    def pieces(self):
        options = self.options
        if options.place.startswith("./") and not options.stubborn:
            return [seodang.Piece(option="place", name=options.place, needs=("weights",))]
        return [
            seodang.Piece(
                option="place", name=options.place, carrier="shelf", revision=options.version, files=("weights", "config"),
                needs=("weights",), settings={"version": ""},
            )
        ]  # fmt: skip

    def generate(self, conversations, max_tokens):
        return ["" for _ in conversations]


class Asking(seodang.Evaluation):
    """Asks a student."""

    name = "asking"

    def evaluate(self, student, context):
        return ()


@seodang.hookimpl
def register_carriers(register):
    register(Shelf)


@seodang.hookimpl
def register_seeds(register):
    register(Reading)


@seodang.hookimpl
def register_students(register):
    register(Model)


@seodang.hookimpl
def register_evaluations(register):
    register(Asking)


RECIPE = """
[recipe]
name = "inside"
language = "ko"

[students.ours]
use = "model"
place = "tiny"     # on the shelf
version = "3"

[[step]]
seeds = "reading"
path = ["rows/*.txt", "../beside/a.txt"]

[[step]]
evaluate = "asking"
students = ["ours"]

[scales.small]
students.ours.place = "./here"
students.ours.version = ""
"""


@pytest.fixture
def fetch(tmp_path, monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    monkeypatch.setattr(Shelf, "brought", [])
    place = tmp_path / "recipe"
    for name in ("rows/a.txt", "rows/b.txt", "../beside/a.txt", "here/weights", "here/config"):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(name)
    offers = offers_of(sys.modules[__name__])

    def fetched(text=RECIPE, *settings):
        (place / "recipe.toml").write_text(text, encoding="utf-8")
        work = prepared(place / "recipe.toml", settings, tmp_path / "inside", offers)
        bring(work, tmp_path / "inside", offers, lambda name, there, whole: None, wheels=False)
        return work, tmp_path / "inside"

    return fetched


def names_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_strangers_carrier_brings_what_a_strangers_student_names(fetch):
    work, folder = fetch()
    written = tomllib.loads((folder / "recipe.toml").read_text(encoding="utf-8"))
    assert written["students"]["ours"] == {"use": "model", "place": "./models/tiny", "version": ""}
    assert written["step"][0]["path"] == ["rows/*.txt", "files/reading-path1/a.txt"]
    assert names_in(folder) >= {
        "models/tiny/weights",
        "models/tiny/config",
        "rows/a.txt",
        "rows/b.txt",
        "files/reading-path1/a.txt",
    }
    assert "models/tiny/notes.txt" not in names_in(folder)
    page = (folder / "README.md").read_text(encoding="utf-8")
    assert "| tiny | 3 | models/tiny | 9 | CC0-1.0 | asking |" in page
    assert "SEODANG_OFFLINE=1 SHELF_OFFLINE=1 seodang run recipe.toml" in page
    assert Shelf.brought == ["tiny"] and not work.needs.unsaid


def test_a_size_of_the_recipe_brings_what_that_size_names(fetch):
    work, folder = fetch(RECIPE, "scale=small")
    assert Shelf.brought == [] and [source.folder for source in work.plan.sources] == ["here"]
    assert (folder / "here" / "weights").read_text() == "here/weights"
    changed = RECIPE.replace("../beside/a.txt", "files/reading-path1/a.txt")
    assert (folder / "recipe.toml").read_text(encoding="utf-8") == changed, "nothing else had to change"


def test_a_setting_of_the_command_line_is_written_down(fetch):
    _, folder = fetch(RECIPE, "students.ours.version=four")
    assert "| tiny | four |" in (folder / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (RECIPE.replace('"tiny"', '"bare"'), "fetching.lacks"),
        (RECIPE.replace('"tiny"', '"none"'), "fetching.not-here"),
        (RECIPE.replace('"tiny"', '"./gone"'), "fetching.not-here"),
        (RECIPE.replace('version = "3"', "stubborn = true"), "fetching.still-elsewhere"),
    ],
)
def test_what_would_be_missing_there_is_told_here(fetch, text, code):
    with pytest.raises(DataError) as told:
        fetch(text)
    assert told.value.code == code


def test_no_file_leaves_the_folder(fetch, monkeypatch):
    monkeypatch.setitem(SHELF, "escaping", {"../weights": b"x", "weights": b"x"})
    monkeypatch.setattr(Model, "pieces", lambda self: [seodang.Piece(option="place", name="escaping", carrier="shelf")])
    with pytest.raises(DataError) as told:
        fetch(RECIPE.replace('"tiny"', '"escaping"'))
    assert told.value.code == "fetching.outside"


def test_what_nobody_says_how_to_bring_is_named(fetch):
    work, folder = fetch(RECIPE.replace('path = ["rows/*.txt", "../beside/a.txt"]', 'elsewhere = "owner/rows"'))
    said = "reading: elsewhere names owner/rows, which lies elsewhere, and its plugin does not say how to bring it."
    assert [str(one) for one in work.needs.unsaid] == [said]
    assert said in (folder / "README.md").read_text(encoding="utf-8")


def test_a_carrier_that_is_not_installed_is_named(fetch, monkeypatch):
    monkeypatch.setattr(Model, "pieces", lambda self: [seodang.Piece(option="place", name="tiny", carrier="cellar")])
    with pytest.raises(PluginError, match=r"^No installed plugin offers carrier 'cellar'\. Installed: shelf\."):
        fetch()


def test_a_file_that_would_take_the_place_of_ours_is_told(fetch, tmp_path):
    (tmp_path / "recipe").mkdir(exist_ok=True)
    (tmp_path / "recipe" / "README.md").write_text("mine")
    with pytest.raises(DataError) as told:
        fetch(RECIPE.replace('"rows/*.txt"', '"README.md"'))
    assert told.value.code == "fetching.name-taken"


def test_a_folder_beside_the_recipe_is_not_brought_into_itself(fetch, tmp_path):
    """A pattern that finds everything below the recipe finds the folder of the attempt before as well."""
    text = RECIPE.replace('"rows/*.txt", "../beside/a.txt"', '"**/*.txt"')
    offers = offers_of(sys.modules[__name__])
    place = tmp_path / "recipe"
    (place / "recipe.toml").write_text(text, encoding="utf-8")
    for _ in range(2):
        work = prepared(place / "recipe.toml", (), place / "inside", offers)
        bring(work, place / "inside", offers, lambda name, there, whole: None, wheels=False)
        assert [copy.target for copy in work.plan.copies] == ["rows/a.txt", "rows/b.txt"]
