"""The name of a file says what is written: JSON Lines, JSON, CSV, TSV, packed or not, or what a plugin writes."""

import csv
import gzip
import sys

import pytest
from seodang.capabilities import Table
from seodang.errors import DataError
from seodang.exports.tables import CHUNKS, PACKINGS, reason_phrase, target_of
from seodang.testing import make_context

ROWS = [
    {"질문": "서당이란?\n둘째 줄", "답": " 앞뒤 칸 ", "n": 1, "turns": [{"role": "user", "content": "안녕 😀"}], "none": None},
    {"질문": 'Two "quoted", and\ttabs', "답": "", "n": -0.5, "turns": [], "none": None},
    {"질문": "\r\n", "답": "=SUM(A1)", "n": 2**60, "turns": [], "none": None},
]
TEXTS = [
    {"질문": "서당이란?\n둘째 줄", "답": " 앞뒤 칸 ", "n": "1", "turns": '[{"role":"user","content":"안녕 😀"}]', "none": ""},
    {"질문": 'Two "quoted", and\ttabs', "답": "", "n": "-0.5", "turns": "[]", "none": ""},
    {"질문": "\r\n", "답": "=SUM(A1)", "n": str(2**60), "turns": "[]", "none": ""},
]


def no_table(name):
    raise AssertionError(f"nobody asked for {name}")


def write(path, rows, find=no_table, **options):
    target = target_of(path, find, **options)
    target.write(row for row in rows if not target.refuses(row))


@pytest.mark.parametrize("packing", ["", *PACKINGS])
@pytest.mark.parametrize("kind", CHUNKS)
def test_what_is_written_is_read_again(tmp_path, kind, packing):
    if packing == "zst":
        pytest.importorskip("zstandard", reason="zstandard is not a dependency of core")
    path = tmp_path / ".".join(filter(None, ("rows", kind, packing)))
    write(path, ROWS)
    context = make_context(tmp_path)
    assert [row.values for row in context.rows(path)] == (ROWS if kind in ("jsonl", "json") else TEXTS)
    assert not context.quarantined and path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    write(path, ROWS)
    assert path.read_bytes() == before, "no time stands in it"


@pytest.mark.parametrize("kind", CHUNKS)
def test_no_rows_are_a_file_without_rows(tmp_path, kind):
    path = tmp_path / f"rows.{kind}"
    write(path, [])
    assert path.is_file() and list(make_context(tmp_path).rows(path)) == []


def test_capital_letters_in_a_suffix_and_dots_in_a_name_mean_nothing(tmp_path):
    write(tmp_path / "koalpaca-v1.1.JSONL.GZ", ROWS)
    assert gzip.decompress((tmp_path / "koalpaca-v1.1.JSONL.GZ").read_bytes()).count(b"\n") == 3


def test_csv_is_what_python_and_spreadsheets_read(tmp_path):
    write(tmp_path / "rows.csv", ROWS)
    content = (tmp_path / "rows.csv").read_bytes()
    assert content.startswith("질문,답,n,turns,none\r\n".encode())
    with open(tmp_path / "rows.csv", encoding="utf-8", newline="") as file:
        assert list(csv.DictReader(file)) == TEXTS
    write(tmp_path / "rows.csv", ROWS, for_people=True)
    assert (tmp_path / "rows.csv").read_bytes() == b"\xef\xbb\xbf" + content, "without the mark Excel reads Korean as CP949"


def test_rows_that_differ_in_their_columns_fit_into_lines_and_no_table(tmp_path):
    write(tmp_path / "rows.jsonl", [{"a": 1}, {"b": 2}])
    with pytest.raises(DataError) as told:
        write(tmp_path / "rows.csv", [{"a": 1}, {"b": 2}])
    assert told.value.code == "exports.uneven-rows" and not (tmp_path / "rows.csv").exists()


@pytest.mark.parametrize("name", ["rows", "rows.gz", ".hidden"])
def test_a_name_without_a_type_is_told(tmp_path, name):
    with pytest.raises(DataError) as told:
        write(tmp_path / name, ROWS)
    assert told.value.code == "exports.no-type" and ".jsonl, .json, .csv, .tsv" in str(told.value)


def test_zstandard_is_asked_for_by_name_where_it_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(DataError) as told:
        write(tmp_path / "rows.jsonl.zst", ROWS)
    assert told.value.code == "exports.no-zstandard" and not list(tmp_path.iterdir())


class Counted(Table):
    """Writes how many rows there were."""

    name = "counted"

    def write(self, rows, path):
        assert path.suffix == ".counted", "a writer may look at the end of the name"
        path.write_text(str(sum(1 for _ in rows)))

    def refuses(self, row):
        return "sums" if row["답"].startswith("=") else ""


class Failing(Counted):
    """Fails when it has begun."""

    def write(self, rows, path):
        super().write(rows, path)
        raise DataError("files.missing", path="x")


def test_a_plugin_writes_any_other_type_whole_or_not_at_all(tmp_path):
    asked = []
    path = tmp_path / "rows.counted"
    write(path, ROWS, lambda name: asked.append(name) or Counted())
    assert (asked, path.read_text(), path.stat().st_mode & 0o777) == (["counted"], "2", 0o600)
    with pytest.raises(DataError):
        write(path, ROWS, lambda name: Failing())
    assert path.read_text() == "2" and list(tmp_path.iterdir()) == [path]
    with pytest.raises(DataError) as told:
        write(tmp_path / "rows.counted.gz", ROWS, lambda name: Counted())
    assert told.value.code == "exports.packed-table"
    (tmp_path / "directory.counted").mkdir()
    with pytest.raises(DataError) as told:
        write(tmp_path / "directory.counted", ROWS, lambda name: Counted())
    assert told.value.code == "files.not-a-file"
    long = tmp_path / ("가" * 80 + ".counted")
    write(long, ROWS, lambda name: Counted())
    assert long.read_text() == "2"


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "link.counted").symlink_to(tmp_path / "real.counted")
    (tmp_path / "real.counted").write_text("old")
    write(tmp_path / "link.counted", ROWS, lambda name: Counted())
    assert (tmp_path / "link.counted").is_symlink() and (tmp_path / "real.counted").read_text() == "2"


def test_a_reason_without_a_sentence_is_shown_as_it_is():
    assert str(reason_phrase("unanswered")) in ("no answer", "답이 없음")
    assert reason_phrase("nobody-knows") == "nobody-knows"
    assert reason_phrase("no_such_plugin:x") == "no_such_plugin:x"
