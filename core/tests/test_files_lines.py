"""Every line of a hostile file ends as a row or as a bad line with its place and its reason."""

import json
import time
import tracemalloc
from pathlib import Path

import msgspec
import pytest
from seodang.errors import DataError
from seodang.files.lines import BadLine, Row
from seodang.files.reading import read_rows

GOOD = b'{"instruction":"\xec\x95\x88\xeb\x85\x95","output":"ok"}'


@pytest.fixture
def read(tmp_path: Path):
    def read(content: bytes, name: str = "rows.jsonl", **options) -> list[Row | BadLine]:
        path = tmp_path / name
        path.write_bytes(content)
        return list(read_rows(path, **options))

    return read


def verdicts(found: list[Row | BadLine]) -> list[tuple[str, str]]:
    return [(line.where, line.code if isinstance(line, BadLine) else "row") for line in found]


@pytest.mark.parametrize(
    ("line", "code", "place", "detail"),
    [
        (b'{"a":"\xff"}', "encoding", "rows.jsonl:2:7", "0xff"),
        ('{"질문":"안녕하세요"}'.encode("cp949"), "encoding", "rows.jsonl:2", "CP949"),
        (b'{"a":"\x00"}', "nul", "rows.jsonl:2:7", ""),
        (rb'{"a":"\u0000"}', "nul", "rows.jsonl:2", ""),
        (rb'{"\u0000":1}', "nul", "rows.jsonl:2", ""),
        (rb'{"a":"\ud800"}', "surrogate", "rows.jsonl:2", ""),
        (rb'{"a":"\udc00 \ud800"}', "surrogate", "rows.jsonl:2", ""),
        (b'{"a":"\xed\xa0\x80"}', "surrogate", "rows.jsonl:2:7", ""),
        (b'{"a":NaN}', "not-a-number", "rows.jsonl:2", "NaN"),
        (b'{"a":[1,-Infinity]}', "not-a-number", "rows.jsonl:2", "-Infinity"),
        (b'{"a":1e999}', "number-too-large", "rows.jsonl:2", ""),
        (b'{"a":' + b"9" * 5000 + b"}", "number-too-large", "rows.jsonl:2", ""),
        (b'{"a":1,"b":2,"a":3}', "duplicate-key", "rows.jsonl:2", "a"),
        (rb'{"a":[{"x":1,"\u0078":"\"\\"}]}', "duplicate-key", "rows.jsonl:2", "x"),
        (b'{"a":' + b"[" * 64 + b"]" * 64 + b"}", "too-deep", "rows.jsonl:2", ""),
        (b"[" * 100_000, "too-deep", "rows.jsonl:2", ""),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "too-deep", "rows.jsonl:2", ""),
        (b'"text"', "not-an-object", "rows.jsonl:2", "string"),
        (b"42", "not-an-object", "rows.jsonl:2", "number"),
        (b"null", "not-an-object", "rows.jsonl:2", "null"),
        (b"true", "not-an-object", "rows.jsonl:2", "boolean"),
        (b'[{"a":1}]', "not-an-object", "rows.jsonl:2", "array"),
        (b'{"a":1} {"b":2}', "malformed", "rows.jsonl:2:9", "Extra data"),
        (b'{"a":"1', "malformed", "rows.jsonl:2:6", "Unterminated string starting at"),
        (b'{"a":"\t"}', "malformed", "rows.jsonl:2:7", "Invalid control character at"),
        ("{'가':1}".encode(), "malformed", "rows.jsonl:2:2", "Expecting property name enclosed in double quotes"),
    ],
)
def test_a_bad_line_is_set_aside_with_its_place_and_reason_and_spoils_no_other(read, line, code, place, detail):
    first, bad, last = read(GOOD + b"\n" + line + b"\n" + GOOD + b"\n")
    assert isinstance(bad, BadLine) and (bad.code, bad.where, bad.detail) == (code, place, detail)
    assert verdicts([first, last]) == [("rows.jsonl:1", "row"), ("rows.jsonl:3", "row")]
    assert first.values == last.values == {"instruction": "안녕", "output": "ok"}
    assert len(bad.text) <= 201 and bad.text.isprintable()


@pytest.mark.parametrize(
    ("line", "values"),
    [
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
        (b'{"a":1}\r', {"a": 1}),
        (b' \t{"a":1} ', {"a": 1}),
        (rb'{"a":"\ud83d\ude00"}', {"a": "😀"}),
        (rb'{"a":"\\u0000"}', {"a": "\\u0000"}),
        (rb'{"a":"\"\\\"","b":"\\"}', {"a": '"\\"', "b": "\\"}),
        ('{"a":":\\" : {[","b":"\u2028"}'.encode(), {"a": ':" : {[', "b": "\u2028"}),
        (b'{"a":[{"a":1},{"a":2}],"b":{"a":3}}', {"a": [{"a": 1}, {"a": 2}], "b": {"a": 3}}),
        (b'{"a":123456789012345678901234567890}', {"a": 123456789012345678901234567890}),
        (b'{"a":' + b"[" * 63 + b"]" * 63 + b"}", None),
        (b"{}", {}),
    ],
)
def test_what_looks_odd_and_is_in_order_is_a_row(read, line, values):
    found = read(GOOD + b"\n" + line + b"\n" + GOOD + b"\n")
    assert verdicts(found) == [(f"rows.jsonl:{number}", "row") for number in (1, 2, 3)]
    assert values is None or found[1].values == values


def test_blank_lines_count_as_lines_and_are_no_rows(read):
    assert verdicts(read(b"\n \t\r\n" + GOOD + b"\n\xef\xbb\xbf\n" + GOOD)) == [("rows.jsonl:3", "row"), ("rows.jsonl:5", "row")]
    assert read(b"") == [] == read(b"\n\n")


def test_a_file_that_breaks_off_says_so_in_its_last_line(read):
    whole = GOOD + b"\n" + GOOD
    assert verdicts(read(whole)) == [("rows.jsonl:1", "row"), ("rows.jsonl:2", "row")]
    for cut in range(len(GOOD) + 2, len(whole)):
        last = read(whole[:cut])[-1]
        assert (last.where.split(":")[1], last.code) == ("2", "torn"), whole[:cut]


def test_a_line_of_30_megabytes_is_passed_over_without_being_held(tmp_path):
    path = tmp_path / "rows.jsonl"
    with open(path, "wb") as file:
        file.write(GOOD + b'\n{"a":"')
        for _ in range(30):
            file.write(b"x" * 1024 * 1024)
        file.write(b'"}\n' + GOOD + b"\n")
    tracemalloc.start()
    try:
        found = list(read_rows(path))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert verdicts(found) == [("rows.jsonl:1", "row"), ("rows.jsonl:2", "too-long"), ("rows.jsonl:3", "row")]
    assert found[1].detail == f"{30 * 1024 * 1024 + 9} bytes" and found[1].text.startswith('{"a":"xxx')
    assert peak < 12 * 1024 * 1024


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.json"])
def test_the_cap_is_exact_and_a_line_over_it_hides_no_other(read, name):
    lines = [json.dumps({"a": "x" * (size - 8)}).replace(" ", "").encode() for size in (8, 99, 100, 101, 250, 8)]
    assert [len(line) for line in lines] == [8, 99, 100, 101, 250, 8]
    content = b"[" + b",".join(lines) + b"]" if name.endswith("json") else b"".join(line + b"\n" for line in lines)
    spare = name.endswith("jsonl")  # of a line, its end counts
    found = read(content, name, max_line_bytes=100 + spare)
    assert [code for _, code in verdicts(found)] == ["row", "row", "row", "too-long", "too-long", "row"]


def test_a_file_in_cp949_is_recognised_line_by_line_and_read_when_asked(read):
    text = "".join(json.dumps({"질문": f"{n}번째 문장을 읽어 주세요"}, ensure_ascii=False) + "\n" for n in range(300))
    found = read(text.encode("cp949"))
    assert {(line.code, line.detail) for line in found} == {("encoding", "CP949")} and len(found) == 300
    found = read(text.encode("cp949"), encoding="cp949")
    assert [row.values["질문"] for row in found] == [f"{n}번째 문장을 읽어 주세요" for n in range(300)]
    assert read(text.encode("cp949")[:-1], "rows.txt", encoding="euc-kr")[-1].values == {"질문": "299번째 문장을 읽어 주세요"}


def test_broken_utf8_is_not_taken_for_cp949(read):
    line = json.dumps({"질문": "서당에서 글을 배웁니다"}, ensure_ascii=False).encode()
    for place in range(8, len(line) - 3):
        for bad in read(line[:place] + line[place + 1 :] + b"\n"):
            assert not isinstance(bad, BadLine) or bad.detail != "CP949", line[place:]


def test_a_byte_that_the_given_encoding_does_not_know_is_found_in_its_line(read):
    line = '{"a":"가"}'.encode("cp949")
    found = read(line + b"\n" + line.replace(b"\xb0", b"\xff") + b"\n" + line + b"\n", encoding="cp949")
    assert verdicts(found) == [("rows.jsonl:1", "row"), ("rows.jsonl:2:7", "encoding"), ("rows.jsonl:3", "row")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_file_in_utf16_is_named_as_a_whole_and_read_when_asked(read, encoding):
    text = '{"질문":"하나"}\n{"질문":"둘"}\n'
    with pytest.raises(DataError) as refused:
        read(text.encode(encoding))
    assert refused.value.code == "files.wrong-encoding" and refused.value.facts["found"] == encoding[:6].upper()
    assert [row.values["질문"] for row in read(text.encode(encoding), encoding=encoding)] == ["하나", "둘"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"PK\x03\x04....", "zip"), (b"PAR1....", "Parquet"), (b"%PDF-1.7", "PDF"), (b"SQLite format 3\0....", "SQLite")],
)
def test_a_file_that_is_no_text_is_refused_by_what_it_is(read, content, kind):
    with pytest.raises(DataError) as refused:
        read(content)
    assert refused.value.code == "files.not-text" and refused.value.facts["kind"] == kind


def test_a_file_that_is_not_there_or_no_file_or_in_no_known_encoding_is_refused(read, tmp_path):
    with pytest.raises(DataError) as refused:
        list(read_rows(tmp_path / "none.jsonl"))
    assert refused.value.code == "files.missing"
    with pytest.raises(DataError) as refused:
        list(read_rows(tmp_path))
    assert refused.value.code == "files.not-a-file"
    for encoding in ("klingon", "zip"):
        with pytest.raises(DataError) as refused:
            read(GOOD, encoding=encoding)
        assert refused.value.code == "files.unknown-encoding"


def test_an_array_is_read_element_by_element(read):
    rows = [{"a": 1}, {"b": [1, {"c": '},{"'}], "d": "\\"}, {}, {"e": "가" * 50_000}]
    for content in (json.dumps(rows), json.dumps(rows, indent=2, ensure_ascii=False), "\ufeff \n" + json.dumps(rows) + "\n"):
        found = read(content.encode(), "rows.json")
        assert [row.values for row in found] == rows
        assert [row.where for row in found] == [f"rows.json[{number}]" for number in range(4)]
    assert read(b"[]", "rows.json") == read(b" [ \n] ", "rows.json") == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'[{"a":1},{"a":NaN},{"b":2}]', ["row", "not-a-number", "row"]),
        (b'[{"a":1},{"a" 1},{"b":2}]', ["row", "malformed", "row"]),
        (b'[{"a":1},3,"x",[{}],{"b":2}]', ["row", "not-an-object", "not-an-object", "not-an-object", "row"]),
        (b'[{"a":1},,{"b":2},]', ["row", "malformed", "row", "malformed"]),
        (b'[{"a":1},{"a":"\xff"},{"b":2}]', ["row", "encoding", "row"]),
        (b'[{"a":1},{"b":2}', ["row", "row", "torn"]),
        (b'[{"a":1},{"b":"2', ["row", "torn"]),
        (b'[{"a":1},', ["row", "torn"]),
        (b"[", ["torn"]),
        (b'[{"a":1}] {"b":2}\n', ["row", "malformed"]),
        (b'[{"a":1},{"a":1}}]', ["row", "row", "malformed"]),
        (b'{"a":1}\n{"b":2}\n', ["row", "row"]),
    ],
)
def test_a_wrong_element_of_an_array_spoils_no_other(read, content, expected):
    assert [code for _, code in verdicts(read(content, "rows.json"))] == expected


def test_an_array_may_be_cut_into_blocks_anywhere(read, monkeypatch):
    rows = [{"a": 'x"\\', "b": [{"c": "],["}, "\\\\"]}, {"d": "\\\"'"}, {"e": {}}]
    content = json.dumps(rows).encode()
    for size in range(1, 40):
        monkeypatch.setattr("seodang.files.arrays._BLOCK_BYTES", size)
        assert [row.values for row in read(content, "rows.json")] == rows


def test_an_object_over_several_lines_is_the_one_row_of_its_file(read):
    content = json.dumps({"instruction": "하나", "data": [{"a": 1}]}, indent=1).encode()
    (row,) = read(content, "rows.json")
    assert (row.values["data"], row.where) == ([{"a": 1}], "rows.json:1")
    (bad,) = read(content.replace(b"1", b"NaN"), "rows.json")
    assert bad.code == "not-a-number"
    with pytest.raises(DataError) as refused:
        read(content, "rows.json", max_line_bytes=20)
    assert refused.value.code == "files.one-object"


def test_reading_costs_at_most_little_more_than_twice_the_bare_decoder(tmp_path):
    """The aim is 2; what is asserted leaves room for a busy machine. Both are timed in turn, the best of each is compared."""
    path = tmp_path / "rows.jsonl"
    text = "서당은 마을의 학교로, 스승의 지식이 전해지는 곳입니다: 예를 들어 한자를 배웠습니다.\n"
    rows = [
        {"messages": [{"role": "user", "content": f"{n} {text}"}, {"role": "assistant", "content": text * 3}]}
        for n in range(4000)
    ]
    path.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))

    def bare() -> int:
        decode, count = msgspec.json.Decoder().decode, 0
        with open(path, "rb") as file:
            for line in file:
                decode(line)
                count += 1
        return count

    best = {bare: 9.0, ours: 9.0}
    for _ in range(9):
        for way in best:
            began = time.process_time()
            assert way(path) if way is ours else way() == 4000
            best[way] = min(best[way], time.process_time() - began)
    assert best[ours] < 3 * best[bare], f"{best[ours] / best[bare]:.2f}"


def ours(path: Path) -> int:
    return sum(1 for _ in read_rows(path))
