"""A directory for a tool appears whole or not at all, replaces nothing, and is not made of data that nobody may publish."""

import json

import pytest
from seodang.capabilities import Format, Layout
from seodang.errors import DataError, TermsError
from seodang.exports import Choice, lay_out
from seodang.exports.directories import About
from seodang.personal import PERSONAL_DATA
from seodang.records import single_turn

RECORDS = [single_turn(f"{number}?", "답", language="ko", columns={"n": number}) for number in range(5)]


class Plain(Format):
    """Questions and answers."""

    name = "plain"
    needs = columns = ("q", "a")
    example = {"q": "question", "a": "answer"}

    def write(self, records, extras):
        for record in records:
            yield {**record.columns, "q": record.question, "a": record.answer}


class Halves(Layout):
    """Files of two rows, and what the data are."""

    name = "halves"

    def write(self, dataset, place):
        assert not any(place.iterdir())
        counts = []
        while count := dataset.write_rows(place / "rows" / f"{len(counts)}.jsonl", most=2):
            counts.append(count)
        about = [dataset.name, dataset.columns, dataset.language, dataset.terms, dataset.card, dataset.format.name, counts]
        (place / "about.json").write_text(json.dumps(about))


class Published(Halves):
    """The same, to be given to others."""

    publishes = True


class Failing(Halves):
    """Fails when nearly everything is written."""

    def write(self, dataset, place):
        super().write(dataset, place)
        raise DataError("files.missing", path="x")


def laid_out(place, layout=None, terms=("CC-BY-4.0",), records=RECORDS, choice=None, **options):
    about = About(name="data", language="ko", terms=terms, card="# data\n")
    return lay_out(
        records, Plain(), layout or Halves(), place, about=about, find=None, choice=choice or Choice(), **options
    )  # fmt: skip


def test_the_layout_is_handed_the_rows_and_what_they_are(tmp_path):
    report = laid_out(tmp_path / "out", choice=Choice(keep_columns=["n"]))
    assert json.loads((tmp_path / "out" / "about.json").read_text()) == [
        "data", ["q", "a", "n"], "ko", ["CC-BY-4.0"], "# data\n", "plain", [2, 2, 1]
    ]  # fmt: skip
    lines = [line for number in range(3) for line in (tmp_path / "out" / "rows" / f"{number}.jsonl").read_text().splitlines()]
    assert [json.loads(line)["n"] for line in lines] == [0, 1, 2, 3, 4] and report.rows == 5
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "out").rglob("*"))


def test_no_rows_are_one_empty_file(tmp_path):
    assert laid_out(tmp_path / "out", records=[]).rows == 0
    assert (tmp_path / "out" / "rows" / "0.jsonl").read_text() == ""


def test_what_stands_there_is_never_replaced(tmp_path):
    (tmp_path / "file").write_text("old")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("old")
    for name in ("file", "full"):
        with pytest.raises(DataError) as told:
            laid_out(tmp_path / name)
        assert told.value.code == "exports.place-taken"
    assert (tmp_path / "file").read_text() == (tmp_path / "full" / "mine").read_text() == "old"
    (tmp_path / "empty").mkdir()
    assert laid_out(tmp_path / "empty").rows == 5


def test_a_failure_leaves_nothing_and_a_killed_attempt_is_cleared_away(tmp_path):
    with pytest.raises(DataError):
        laid_out(tmp_path / "out", Failing())
    assert list(tmp_path.iterdir()) == []
    (tmp_path / ".out.writing").mkdir()
    (tmp_path / ".out.writing" / "half").write_text("x")
    laid_out(tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"] and not (tmp_path / "out" / "half").exists()


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ((), "exports.unknown-terms"),
        (("unknown",), "exports.unknown-terms"),
        (("CC-BY-4.0", "LicenseRef-unstated"), "exports.unknown-terms"),
        (("CC0-1.0", PERSONAL_DATA), "exports.personal-terms"),
    ],
)
def test_data_that_nobody_may_publish_is_not_laid_out_for_publishing_unless_allowed(tmp_path, terms, code):
    with pytest.raises(TermsError) as told:
        laid_out(tmp_path / "out", Published(), terms)
    assert told.value.code == code and told.value.exit_code == 3 and not list(tmp_path.iterdir())
    assert laid_out(tmp_path / "own", Halves(), terms).rows == 5, "for one's own training it is"
    assert laid_out(tmp_path / "out", Published(), terms, allow_terms=True).rows == 5


def test_known_terms_need_no_leave(tmp_path):
    assert laid_out(tmp_path / "out", Published()).rows == 5
