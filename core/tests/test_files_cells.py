"""Files of cells: what spreadsheets and data sets really hold is read, what is broken is told, and one bad line spoils no other."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seodang.errors import DataError
from seodang.files.lines import BadLine, Row
from seodang.files.reading import read_rows
from seodang.testing import make_context


@pytest.fixture
def read(tmp_path):
    def read_content(content, name="rows.csv", **options):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return list(read_rows(path, **options))

    return read_content


def values(found):
    assert all(isinstance(one, Row) for one in found), found
    return [row.values for row in found]


def test_the_first_line_names_the_columns_and_every_value_is_a_text(read):
    found = read("질문,답,수\n서당은?,마을 학교,1\n집현전은?,,\n")
    assert values(found) == [{"질문": "서당은?", "답": "마을 학교", "수": "1"}, {"질문": "집현전은?", "답": "", "수": ""}]
    assert [row.where for row in found] == ["rows.csv:2", "rows.csv:3"]


def test_a_quoted_cell_holds_commas_marks_and_lines(read):
    found = read('a,b\r\n"하나, 둘","그는 ""가자""라고\r\n말했다"\r\n셋,넷\r\n')
    assert values(found) == [{"a": "하나, 둘", "b": '그는 "가자"라고\r\n말했다'}, {"a": "셋", "b": "넷"}]
    assert found[1].where == "rows.csv:4", "the line where the row begins, not its number among the rows"


def test_excel_writes_a_mark_of_byte_order_and_korean_in_cp949(read):
    assert values(read("\ufeff질문,답\n하나,둘\n")) == [{"질문": "하나", "답": "둘"}]
    content = "질문,답\n안녕하세요,네\n".encode("cp949")
    assert values(read(content, encoding="cp949")) == [{"질문": "안녕하세요", "답": "네"}]
    with pytest.raises(DataError) as refused:
        read(content)
    assert refused.value.code == "files.wrong-encoding" and refused.value.facts["found"] == "cp949"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_header_tells_the_delimiter(read, delimiter):
    assert values(read(delimiter.join("ab") + "\n" + delimiter.join("12") + "\n")) == [{"a": "1", "b": "2"}]


def test_a_line_with_too_few_or_too_many_cells_is_set_aside_with_its_place(read):
    found = read("a,b\n1\n1,2,3\n1,2\n\n")
    assert [(one.where, one.code, one.detail) for one in found[:2]] == [
        ("rows.csv:2", "cells", "1/2"),
        ("rows.csv:3", "cells", "3/2"),
    ]
    assert values(found[2:]) == [{"a": "1", "b": "2"}]


def test_an_open_quotation_spoils_its_own_line_only(read):
    found = read('a,b\n"never closed,1\n' + "x,2\n" * 3)
    assert (found[0].where, found[0].code) == ("rows.csv:2", "open-quotation")
    assert values(found[1:]) == [{"a": "x", "b": "2"}] * 3


def test_a_thousand_open_quotations_in_a_large_file_are_read_in_step(read):
    """Each is looked at for a thousand lines at most, so that such a file cannot hold up a run."""
    found = read("a,b\n" + ('"open,1\n' + "x,2\n" * 2000) * 2 + '"\n')
    assert [one.code for one in found if isinstance(one, BadLine)] == ["open-quotation"] * 3
    assert sum(isinstance(one, Row) for one in found) == 4000


def test_nul_bad_bytes_and_endless_lines_are_set_aside(read):
    found = read(b"a,b\n1,\x00\n1,\xff\n1," + b"x" * 5000 + b"\n1,2\n", max_line_bytes=2000)
    assert [one.code for one in found[:3]] == ["nul", "encoding", "too-long"]
    assert values(found[3:]) == [{"a": "1", "b": "2"}]


def test_a_file_whose_header_cannot_be_used_is_refused(read):
    with pytest.raises(DataError) as refused:
        read("a,b,a\n1,2,3\n")
    assert refused.value.code == "files.column-twice" and refused.value.facts["column"] == "a"
    with pytest.raises(DataError) as refused:
        read('"a,b\n1,2\n')
    assert refused.value.code == "files.no-header"


def test_marks_in_published_tsv_are_speech_and_not_quoting(read):
    found = read('ID\tText\n1\t"가자." 그가 말했다\n2\t"아니\n3\t"그래"\n', name="rows.tsv")
    assert [row["Text"] for row in values(found)] == ['"가자." 그가 말했다', '"아니', '"그래"']


def test_tsv_of_a_spreadsheet_is_unquoted_where_it_had_to_quote(read):
    found = read('ID\tText\tEnd\n1\t"tab\there"\tx\n2\t"two\nlines"\ty\n3\t"a ""b"""\tz\n4\tplain\tw\n', name="rows.tsv")
    assert [row["Text"] for row in values(found)] == ["tab\there", "two\nlines", 'a "b"', "plain"]
    assert values(read('"ID"\t"Text"\n"1"\t"plain"\n', name="rows.tsv")) == [{"ID": "1", "Text": "plain"}]


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=("Cs",)), max_size=12)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3).filter(lambda row: any(row)), max_size=6))
def test_what_pythons_own_writer_writes_is_read_as_it_was(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("cells") / "rows.csv"
    written = io.StringIO()
    csv.writer(written).writerows([["a", "b", "c"], *rows])
    path.write_bytes(written.getvalue().encode())
    assert [list(row.values()) for row in values(list(read_rows(path)))] == rows


def test_a_list_in_a_cell_is_one_again_where_it_was_asked_for(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text('a,b\n"[""둘"", null]","[1]"\n"[1, 2]",나\n"{""x"": 1}",다\n[깨진,라\n', encoding="utf-8")
    rows = list(make_context(tmp_path).rows(path, lists=("a",)))
    assert [row.values["a"] for row in rows] == [["둘", None], "[1, 2]", {"x": 1}, "[깨진"]
    assert [row.values["b"] for row in rows] == ["[1]", "나", "다", "라"], "nobody asked for lists there"
