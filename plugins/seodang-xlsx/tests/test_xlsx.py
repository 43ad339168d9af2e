"""A workbook gives back what it was given; what people and other programs put into one is read, or told with its place."""

import datetime
import resource
import zipfile

import openpyxl
import pytest
import seodang
from seodang.testing import TableContract
from seodang.wording import render
from seodang_xlsx import Xlsx
from seodang_xlsx.cells import day_text, days_of, escaped, letters, place_of, unescaped


class TestXlsx(TableContract):
    table = Xlsx


ROWS = [
    {"질문": "서당이란?\n둘째 줄", "답": " 앞뒤 칸 ", "n": 1, "x": 0.1 + 0.2, "ok": True, "none": None},
    {"질문": "😀 \r\n \t", "답": "", "n": -(2**40), "x": 1e-9, "ok": False, "none": None},
    {"질문": '<b> & "인용"', "답": "=HYPERLINK(1)", "n": 2**60 + 1, "x": -0.5, "ok": None, "none": None},
    {"질문": "_x000D_ 그대로", "답": "\x07 벨", "n": 0, "x": 1e300, "ok": None, "none": None},
]


def read(path, **options):
    return list(Xlsx(Xlsx.Options(**options)).read(path, None))


def values(path, **options):
    found = read(path, **options)
    assert all(isinstance(row, seodang.Row) for row in found), found
    return [row.values for row in found]


def test_values_come_back_as_they_were(tmp_path, context):
    path = tmp_path / "rows.xlsx"
    Xlsx().write(iter(ROWS), path)
    assert values(path) == ROWS
    assert [row.where for row in context.rows(path)] == [f"rows.xlsx:{line}" for line in (2, 3, 4, 5)]


def test_lists_and_objects_are_json_text(tmp_path):
    Xlsx().write([{"messages": [{"role": "user", "content": "안녕"}], "o": {"a": None}}], tmp_path / "rows.xlsx")
    assert values(tmp_path / "rows.xlsx") == [{"messages": '[{"role":"user","content":"안녕"}]', "o": '{"a":null}'}]


def test_the_same_rows_are_the_same_file_and_no_cell_is_a_formula(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        Xlsx().write(iter(ROWS), tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet["B4"].value == "=HYPERLINK(1)" and {cell.data_type for row in sheet for cell in row} == {"s", "n", "b"}


def book(tmp_path, *lines, name="book.xlsx"):
    workbook = openpyxl.Workbook()
    for line in lines:
        workbook.active.append(line)
    return workbook, tmp_path / name


def test_what_people_keep_in_sheets_is_read(tmp_path):
    workbook, path = book(
        tmp_path,
        (),
        ("날짜", "시각", "때", "지속", "값", 2024, None),
        (datetime.date(2026, 11, 3), datetime.time(9, 30), datetime.datetime(2026, 11, 3, 9, 30), datetime.timedelta(hours=30), 3, "열", None),
        (None,) * 7,
    )  # fmt: skip
    workbook.active["A3"].number_format = 'yyyy"년" m"월" d"일"'
    workbook.save(path)
    assert values(path) == [
        {"날짜": "2026-11-03", "시각": "09:30:00", "때": "2026-11-03T09:30:00", "지속": "30:00:00", "값": 3, "2024": "열"}
    ]


def test_shared_texts_with_readings_and_runs_are_whole(tmp_path):
    workbook, path = book(tmp_path, ("q",), ("x",))
    workbook.save(path)
    shared = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>q</t></si>'
        "<si><r><t>漢</t></r><r><t xml:space='preserve'> 字_x000D__x005F_x0041_</t></r><rPh sb='0' eb='1'><t>한</t></rPh></si></sst>"
    )
    replace(path, "xl/sharedStrings.xml", shared)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    related = f'<Relationship Id="rId9" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'
    replace(path, "xl/_rels/workbook.xml.rels", lambda xml: xml.replace("</Relationships>", related))
    rows = '<row><c t="s"><v>0</v></c></row><row><c t="s"><v>1</v></c></row>'
    replace(path, "xl/worksheets/sheet1.xml", SHEET.format(rows))
    assert values(path) == [{"q": "漢 字\r_x0041_"}]


def replace(path, part, content):
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = content.encode() if isinstance(content, str) else content(parts[part].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, whole in parts.items():
            archive.writestr(name, whole)


def test_formulas_count_as_what_they_show_and_are_told_where_they_show_nothing(tmp_path, context):
    workbook, path = book(tmp_path, ("q", "n"), ("하나", "=1+1"), ("둘", "=1+2"), ("셋", 3))
    workbook.save(path)

    def shown(xml):
        """The first formula's value is there, as a spreadsheet writes it; the second's is not."""
        for empty in ("<v></v>", "<v />"):
            xml = xml.replace(f"<f>1+1</f>{empty}", "<f>1+1</f><v>2</v>").replace(f"<f>1+2</f>{empty}", "<f>1+2</f>")
        return xml

    replace(path, "xl/worksheets/sheet1.xml", shown)
    assert [row.values for row in context.rows(path)] == [{"q": "하나", "n": 2}, {"q": "셋", "n": 3}]
    assert [(aside.where, aside.code) for aside in context.quarantined] == [("book.xlsx:3", "not-calculated")]
    assert context.quarantined[0].detail.startswith("B3 holds a formula that was never calculated")


def test_merged_cells_hide_values_and_are_told(tmp_path):
    workbook, path = book(
        tmp_path, ("분류", "q", "a"), ("지리", "가?", "나"), (None, "다?", "라"), ("역사", "마?", None), ("끝", "바?", "사")
    )
    workbook.active.merge_cells("A2:A3")
    workbook.active.merge_cells("B4:C4")
    workbook.save(path)
    found = read(path)
    assert [row.values["q"] for row in found if isinstance(row, seodang.Row)] == ["가?", "바?"]
    assert [(bad.where, bad.code, bad.detail[:5]) for bad in found if isinstance(bad, seodang.BadLine)] == [
        ("book.xlsx:3", "merged", "A2:A3"), ("book.xlsx:4", "merged", "B4:C4")
    ]  # fmt: skip


def test_errors_unnamed_columns_and_other_sheets_are_told(tmp_path):
    workbook, path = book(tmp_path, ("q", None, "a"), ("하나", None, "#REF!"), ("둘", "여분", "b"), ("셋", None, "c"))
    workbook.active["C2"].data_type = "e"
    workbook.create_sheet("빈 시트")
    workbook.create_sheet("둘째")["A1"] = "q"
    workbook.save(path)
    assert [(one.where, one.code) for one in read(path) if isinstance(one, seodang.BadLine)] == [
        ("book.xlsx:2", "cell-error"), ("book.xlsx:3", "no-column-name"), ("book.xlsx[둘째]", "other-sheet"),
    ]  # fmt: skip
    assert read(path, sheet="둘째") == []


def test_a_title_over_the_names_is_an_error_that_says_what_to_do(tmp_path):
    workbook, path = book(tmp_path, ("회원 문답", None), ("q", "a"), ("하나", "둘"))
    workbook.active.merge_cells("A1:B1")
    workbook.save(path)
    assert refused(path).code == "seodang_xlsx:merged-names"


def refused(path, **options):
    with pytest.raises(seodang.DataError) as told:
        read(path, **options)
    assert "\n" not in str(told.value) and path.name in str(told.value)
    return told.value


def test_hostile_files_end_in_one_line(tmp_path):
    path = tmp_path / "whole.xlsx"
    Xlsx().write(iter([{"a": f"글 {number}" * 9} for number in range(300)]), path)
    content = path.read_bytes()
    broken = tmp_path / "broken.xlsx"
    for damaged in (b"", b"PK\x03\x04", content[: len(content) // 2], content[:-30], b"{}", b"a,b\n1,2\n", b"\x00" * 1000):
        broken.write_bytes(damaged)
        assert refused(broken).code == "seodang_xlsx:unreadable"
    broken.write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 600)
    assert refused(broken).code == "seodang_xlsx:old"
    assert refused(tmp_path / "nowhere.xlsx").code == "seodang_xlsx:missing"
    for place in range(0, len(content), 41):  # any byte may be wrong: rows or an error, never a crash
        broken.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        try:
            assert all(isinstance(one, (seodang.Row, seodang.BadLine)) for one in read(broken))
        except seodang.DataError as error:
            assert "\n" not in str(error)


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'


@pytest.mark.parametrize(
    "sheet",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>' + SHEET.format("<row><c><v>&b;</v></c></row>"),
        SHEET.format('<row r="99999999999"><c><v>1</v></c></row>'),
        SHEET.format('<row r="2"><c><v>1</v></c></row><row r="1"/>'),
        SHEET.format('<row r="1"><c r="ZZZZ1"><v>1</v></c></row>'),
        SHEET.format("<row>" + "<c><v>1</v></c>" * 16_385 + "</row>"),
        SHEET.format('<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>'),
        SHEET.format("<row><c><v>1</v></c>"),
        "<worksheet>" + "<row>" * 10,
    ],
    ids=["entities", "far-row", "rows-back", "far-column", "wide", "twice", "cut-row", "cut"],
)  # fmt: skip
def test_hostile_sheets_end_in_one_line(tmp_path, sheet):
    path = tmp_path / "sheet.xlsx"
    Xlsx().write([{"a": 1}], path)
    replace(path, "xl/worksheets/sheet1.xml", sheet)
    assert refused(path).code == "seodang_xlsx:unreadable"


def test_a_cell_that_refers_to_no_text_is_set_aside(tmp_path):
    path = tmp_path / "sheet.xlsx"
    Xlsx().write([{"a": 1}], path)
    rows = '<row><c t="inlineStr"><is><t>q</t></is></c></row><row><c t="s"><v>7</v></c></row><row><c><v>one</v></c></row>'
    replace(path, "xl/worksheets/sheet1.xml", SHEET.format(rows))
    assert [(one.where, one.code) for one in read(path)] == [("sheet.xlsx:2", "bad-cell"), ("sheet.xlsx:3", "bad-cell")]


def test_a_bomb_is_not_unpacked(tmp_path):
    path = tmp_path / "bomb.xlsx"
    Xlsx().write([{"a": 1}], path)
    for part, code in (("xl/worksheets/sheet1.xml", "bomb"), ("xl/sharedStrings.xml", "bomb"), ("xl/workbook.xml", "bomb")):
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        bomb = tmp_path / "packed.xlsx"
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, whole in parts.items():
                if name != part:
                    archive.writestr(name, whole)
            with archive.open(part, "w") as stream:
                for _ in range(110):
                    stream.write(bytes(1 << 20))
        assert bomb.stat().st_size < 1 << 20
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert refused(bomb).code == f"seodang_xlsx:{code}"
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


def test_memory_does_not_grow_with_the_sheet(tmp_path):
    path = tmp_path / "large.xlsx"
    Xlsx().write(({f"c{column}": f"글 {row}" for column in range(10)} for row in range(10_000)), path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert sum(1 for _ in Xlsx().read(path, None)) == 10_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30 * 1024


def test_what_excel_would_cut_is_refused_and_what_a_sheet_cannot_hold_is_an_error(tmp_path, monkeypatch):
    table = Xlsx()
    assert table.refuses({"a": "가" * 32_767, "n": 1, "none": None}) == ""
    assert table.refuses({"a": "가" * 32_768}) == table.refuses({"a": "😀" * 16_384}) == "seodang_xlsx:cell-too-long"
    assert table.refuses({"a": ["가" * 32_768]}) == "seodang_xlsx:cell-too-long"
    for rows, code in (([{"a": 1}, {"b": 1}], "uneven-rows"), ([{f"c{n}": 1 for n in range(16_385)}], "too-many-columns")):
        with pytest.raises(seodang.DataError) as told:
            table.write(rows, tmp_path / "no.xlsx")
        assert told.value.code == f"seodang_xlsx:{code}"
    monkeypatch.setattr("seodang_xlsx.writing.MOST_ROWS", 3)
    with pytest.raises(seodang.DataError) as told:
        table.write([{"a": 1}] * 3, tmp_path / "no.xlsx")
    assert told.value.code == "seodang_xlsx:too-many-rows"


def test_the_small_parts():
    assert [letters(column) for column in (0, 25, 26, 16_383)] == ["A", "Z", "AA", "XFD"]
    assert [place_of(text) for text in ("A1", "XFD1048576", "XFE1", "a1", "A0")] == [
        (1, 0),
        (1_048_576, 16_383),
        None,
        None,
        None,
    ]
    for text in ("_x000D_", "a\r\nb", "_x_x0041_", "\x00\ufffe", "_xD83D_"):
        assert unescaped(escaped(text)) == text.replace("&amp;", "&")
    forms = [
        'yyyy"년" m"월"',
        "General",
        "0.00",
        '"m"0',
        "[$-412]yyyy-mm-dd h:mm",
        "[h]:mm",
        "h:mm AM/PM",
        "mmm",
        "0.0E+00",
        "#,##0_);[Red]",
    ]
    assert [days_of(170, form) for form in forms] == ["day", "", "", "", "moment", "duration", "time", "day", "", ""]
    assert [day_text(serial, "day", since_1904=False) for serial in (1, 59, 61, 45_000)] == [
        "1900-01-01",
        "1900-02-28",
        "1900-03-01",
        "2023-03-15",
    ]
    assert day_text(0, "day", since_1904=True) == "1904-01-01" and day_text(0.5, "time", since_1904=False) == "12:00:00"


MESSAGES = [
    ("missing", {"path": "a.xlsx"}, "a.xlsx does not exist.", "a.xlsx가 없습니다."),
    ("unreadable", {"path": "a.xlsx", "detail": "File is not a zip file"},
     "a.xlsx cannot be read as an Excel workbook (File is not a zip file).",
     "a.xlsx를 엑셀 통합 문서로 읽을 수 없습니다(File is not a zip file)."),
    ("old", {"path": "a.xlsx"}, "a.xlsx is encrypted, or a workbook of the time before .xlsx. Save it as .xlsx without a password.",
     "a.xlsx는 암호가 걸렸거나 .xlsx 이전의 통합 문서입니다. 암호 없이 .xlsx로 저장하세요."),
    ("bomb", {"path": "a.xlsx", "packed": 1000, "whole": 2000000, "entries": 5},
     "a.xlsx would unpack 1,000 bytes to 2,000,000 in 5 parts, which no sheet does, and is not read.",
     "a.xlsx는 1,000바이트가 5개 부분, 2,000,000바이트로 풀립니다. 시트라면 그럴 수 없으므로 읽지 않습니다."),
    ("too-much-text", {"path": "a.xlsx", "most": 1000}, "The texts of a.xlsx take more than 1,000 bytes in memory. Save the sheet as CSV.",
     "a.xlsx의 글이 메모리를 1,000바이트 넘게 차지합니다. 시트를 CSV로 저장하세요."),
    ("no-such-sheet", {"path": "a.xlsx", "sheet": "둘", "sheets": ["하나", "셋"]},
     "a.xlsx has no sheet '둘'. It has: 하나, 셋.", "a.xlsx에 시트 '둘'이 없습니다. 있는 시트: 하나, 셋."),
    ("merged-names", {"path": "a.xlsx", "row": 1, "range": "A1:B1"},
     "a.xlsx, row 1: A1:B1 is merged, so the columns have no names. Remove the lines above the names, or split the cells.",
     "a.xlsx 1행: A1:B1이 병합되어 있어 열 이름을 알 수 없습니다. 이름 위의 줄을 지우거나 셀 병합을 푸세요."),
    ("bad-name", {"path": "a.xlsx", "place": "B1", "detail": "holds the error #REF!"},
     "a.xlsx: B1 should name a column and holds the error #REF!.", "a.xlsx: B1에는 열 이름이 있어야 합니다(holds the error #REF!)."),
    ("same-columns", {"path": "a.xlsx", "row": 1, "columns": ["q"]},
     "a.xlsx, row 1: several columns have the same name (q). Rename them.",
     "a.xlsx 1행: 이름이 같은 열이 있습니다(q). 이름을 바꾸세요."),
    ("too-many-rows", {"most": 1048575}, "A sheet has room for 1,048,575 rows. Write .csv, .jsonl or .parquet.",
     "시트에는 1,048,575행까지 들어갑니다. .csv, .jsonl, .parquet로 쓰세요."),
    ("too-many-columns", {"most": 16384, "columns": 16385},
     "A sheet has room for 16,384 columns, and these rows have 16,385. Write .jsonl or .parquet.",
     "시트에는 열이 16,384개까지 들어가는데 이 행들에는 16,385개가 있습니다. .jsonl이나 .parquet로 쓰세요."),
    ("uneven-rows", {"first": ["a"], "other": ["b"]},
     "The rows do not have the same columns (a, then b), so no sheet can hold them. Write .jsonl.",
     "행마다 열이 달라(a, 그다음 b) 시트에 담을 수 없습니다. .jsonl로 쓰세요."),
    ("cell-too-long", {}, "a text that is longer than the 32,767 characters of a cell; .csv, .jsonl and .parquet hold it",
     "셀에 들어가는 32,767자보다 긴 글. .csv, .jsonl, .parquet에는 담깁니다"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "facts", "english", "korean"), MESSAGES, ids=[message[0] for message in MESSAGES])
def test_messages(code, facts, english, korean):
    assert render(f"seodang_xlsx:{code}", facts, "en").startswith(english)
    assert render(f"seodang_xlsx:{code}", facts, "ko").startswith(korean)
