"""Parquet gives back what it was given, whatever the shape, and says of hostile files what is wrong, in one line."""

import math
import resource
import subprocess
import sys

import pyarrow
import pyarrow.parquet
import pytest
import seodang
from seodang.testing import TableContract
from seodang.wording import render
from seodang_parquet import Parquet

MIXED = [
    {
        "q": "서당이란?",
        "turns": [{"role": "user", "content": "안녕 😀"}],
        "score": 1,
        "tags": ["a"],
        "free": {"a": 1},
        "none": None,
    },
    {"q": "", "turns": [], "score": 0.5, "tags": [], "free": {"b": [1, "x"]}, "none": None},
    {"q": None, "turns": [{"role": "tool", "content": ""}], "score": None, "tags": None, "free": 7, "none": None},
]


class TestParquet(TableContract):
    table = Parquet


def read(path):
    return list(Parquet().read(path, None))


def written(path, rows):
    Parquet().write(iter(rows), path)
    return [row.values for row in read(path)]


def test_any_shape_comes_back_as_it_was(tmp_path):
    assert written(tmp_path / "rows.parquet", MIXED) == MIXED
    types = {field.name: str(field.type) for field in pyarrow.parquet.read_schema(tmp_path / "rows.parquet")}
    assert types["q"] == "string" and types["score"] == "double" and types["tags"] == "list<element: string>"
    assert types["turns"].startswith("list<element: struct<role: string, content: string>")
    assert types["free"] == "string", "what has no one shape is text that other readers can show"


@pytest.mark.parametrize(
    "values",
    [
        [2**70, 1], [2**60, 0.5], [2**53 + 1, 1.5], [True, 1], ["1", 1], [{}, {"a": 1}], [[], [[]], [[[None]]]], [{"a": 1}, {"a": None}],
        [[1, "a"]], [{"a": {"b": [{"c": 1}]}}, {"a": {"b": []}}], [None, None], [[], []], ["\u0000", "끝"], [-0.5, 3], [[{"x": 1}, {"y": 2}]],
    ],
    ids=str,
)  # fmt: skip
def test_values_keep_their_types(tmp_path, values):
    rows = [{"v": value} for value in values]
    back = written(tmp_path / "rows.parquet", rows)
    assert back == rows
    assert [isinstance(row["v"], bool) for row in back] == [isinstance(value, bool) for value in values]


def test_context_rows_reads_it(tmp_path, context):
    Parquet().write(iter(MIXED), tmp_path / "rows.parquet")
    rows = list(context.rows(tmp_path / "rows.parquet"))
    assert [row.values for row in rows] == MIXED
    assert [row.where for row in rows] == ["rows.parquet:1", "rows.parquet:2", "rows.parquet:3"]


def test_a_type_that_changes_late_is_no_surprise(tmp_path):
    """`datasets` and pandas take the type of the first rows for that of all and fail in the middle."""
    rows = [{"n": number, "late": None} for number in range(25_000)] + [{"n": "last", "late": [1]}]
    assert written(tmp_path / "rows.parquet", rows) == rows
    assert pyarrow.parquet.ParquetFile(tmp_path / "rows.parquet").num_row_groups == 3


def test_uneven_rows_are_an_error_that_names_the_columns(tmp_path):
    with pytest.raises(seodang.DataError) as told:
        written(tmp_path / "rows.parquet", [{"a": 1}, {"b": 1}])
    assert told.value.code == "seodang_parquet:uneven-rows" and told.value.facts == {"first": ("a",), "other": ("b",)}


def test_what_others_write_is_read_as_json_has_it(tmp_path):
    import datetime
    import decimal

    table = pyarrow.table(
        {
            "day": [datetime.date(2026, 11, 3)],
            "moment": [datetime.datetime(2026, 11, 3, 9, 30)],
            "money": [decimal.Decimal("1000.50")],
            "raw": [b"\x00\xff"],
            "map": pyarrow.array([[("k", 1)]], pyarrow.map_(pyarrow.string(), pyarrow.int64())),
            "kind": pyarrow.array(["하나"]).dictionary_encode(),
        }
    )
    pyarrow.parquet.write_table(table, tmp_path / "others.parquet")
    assert read(tmp_path / "others.parquet")[0].values == {
        "day": "2026-11-03", "moment": "2026-11-03T09:30:00", "money": "1000.50", "raw": "AP8=", "map": [["k", 1]], "kind": "하나",
    }  # fmt: skip


def test_a_row_that_json_cannot_say_is_set_aside_with_its_place(tmp_path, context):
    pyarrow.parquet.write_table(pyarrow.table({"x": [1.0, math.nan, 2.0]}), tmp_path / "nan.parquet")
    assert [row.values["x"] for row in context.rows(tmp_path / "nan.parquet")] == [1.0, 2.0]
    assert [(aside.where, aside.code, aside.detail) for aside in context.quarantined] == [
        ("nan.parquet:2", "no-json", "x: nan is no number")
    ]


def refused(path):
    with pytest.raises(seodang.DataError) as told:
        read(path)
    assert "\n" not in str(told.value) and path.name in str(told.value)
    return told.value


def test_hostile_files_end_in_one_line(tmp_path):
    whole = tmp_path / "whole.parquet"
    Parquet().write(iter([{"a": "글" * 50}] * 500), whole)
    content = whole.read_bytes()
    for number, damaged in enumerate(
        [
            b"",
            b"PAR1",
            content[: len(content) // 2],
            content[:-9],
            b"PAR1" + b"\xff" * 40 + b"PAR1",
            b"PK\x03\x04" + content,
            b"{}\n",
        ]
    ):
        path = tmp_path / f"damaged-{number}.parquet"
        path.write_bytes(damaged)
        assert refused(path).code == "seodang_parquet:unreadable"
    assert refused(tmp_path / "nowhere.parquet").code == "seodang_parquet:missing"
    assert refused(tmp_path).code == "seodang_parquet:unreadable"
    for place in range(20, len(content), 7):  # any byte may be wrong: an error or rows, never a crash
        path.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        try:
            assert all(isinstance(row, (seodang.Row, seodang.BadLine)) for row in read(path))
        except seodang.DataError as error:
            assert "\n" not in str(error)


def test_two_columns_of_one_name_are_refused(tmp_path):
    table = pyarrow.Table.from_arrays([pyarrow.array([1]), pyarrow.array([2])], names=["a", "a"])
    pyarrow.parquet.write_table(table, tmp_path / "twice.parquet")
    assert refused(tmp_path / "twice.parquet").code == "seodang_parquet:same-columns"


BOMB = """
import resource, sys
import pyarrow, pyarrow.parquet
path = sys.argv[1]
schema = pyarrow.schema([("a", pyarrow.binary())])
with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd", use_dictionary=False, write_statistics=False) as writer:
    writer.write_table(pyarrow.table({"a": [bytes(130 << 20)]}, schema=schema))
"""


def test_a_bomb_is_not_unpacked(tmp_path):
    bomb = tmp_path / "bomb.parquet"
    subprocess.run([sys.executable, "-c", BOMB, bomb], check=True)
    assert bomb.stat().st_size < 1 << 20
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refused(bomb).code == "seodang_parquet:bomb"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


MESSAGES = [
    ("missing", {"path": "a.parquet"},
     "a.parquet does not exist. Check the path; in a recipe it is relative to the recipe.",
     "a.parquet가 없습니다. 경로를 확인하세요. 레시피 안의 경로는 레시피 파일을 기준으로 합니다."),
    ("unreadable", {"path": "a.parquet", "detail": "magic bytes not found"},
     "a.parquet cannot be read as Parquet (magic bytes not found). Check that the file is whole and of the type its name says.",
     "a.parquet를 Parquet으로 읽을 수 없습니다(magic bytes not found). 파일이 온전한지, 이름이 말하는 종류인지 확인하세요."),
    ("bomb", {"path": "a.parquet", "packed": 1000, "whole": 600000000},
     "a.parquet would unpack 1,000 bytes to 600,000,000, which no text does, and is not read.",
     "a.parquet는 1,000바이트가 600,000,000바이트로 풀립니다. 글이라면 그럴 수 없으므로 읽지 않습니다."),
    ("same-columns", {"path": "a.parquet", "columns": ["q"]},
     "a.parquet has two columns of one name (q). Rename one of them.",
     "a.parquet에 이름이 같은 열이 있습니다(q). 하나의 이름을 바꾸세요."),
    ("uneven-rows", {"first": ["a"], "other": ["b"]},
     "The rows do not have the same columns (a, then b), so Parquet cannot hold them. Write .jsonl.",
     "행마다 열이 달라(a, 그다음 b) Parquet에 담을 수 없습니다. .jsonl로 쓰세요."),
]  # fmt: skip


@pytest.mark.parametrize(("code", "facts", "english", "korean"), MESSAGES, ids=[message[0] for message in MESSAGES])
def test_messages(code, facts, english, korean):
    assert render(f"seodang_parquet:{code}", facts, "en") == english
    assert render(f"seodang_parquet:{code}", facts, "ko") == korean
