"""Packed files: read as they are, and those that are made to do harm end in one clear line."""

import bz2
import gzip
import lzma
import resource
import zipfile

import pytest
import zstandard
from seodang.errors import DataError
from seodang.files.lines import BadLine, Row
from seodang.files.packed import FREE_BYTES
from seodang.files.reading import read_rows
from seodang.wording import render

ROWS = '{"질문": "서당은?"}\n{"질문": "집현전은?"}\n'.encode()
PACK = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.ZstdCompressor().compress,
}


def questions(found):
    assert all(isinstance(one, Row) for one in found), found
    return [row.values["질문"] for row in found]


def refusal(path):
    with pytest.raises(DataError) as refused:
        list(read_rows(path))
    return refused.value


@pytest.mark.parametrize("suffix", PACK)
def test_a_compressed_file_is_read_as_what_is_in_it(tmp_path, suffix):
    path = tmp_path / f"rows.jsonl{suffix}"
    path.write_bytes(PACK[suffix](ROWS))
    found = list(read_rows(path))
    assert questions(found) == ["서당은?", "집현전은?"]
    assert found[1].where == f"rows.jsonl{suffix}:2"


@pytest.mark.parametrize("suffix", PACK)
def test_files_that_were_joined_are_read_to_the_end(tmp_path, suffix):
    path = tmp_path / f"rows.jsonl{suffix}"
    path.write_bytes(PACK[suffix](ROWS) + PACK[suffix](ROWS))
    assert len(questions(list(read_rows(path)))) == 4


def test_the_first_bytes_tell_the_packing_and_the_name_the_rows(tmp_path):
    (tmp_path / "rows.csv").write_bytes(gzip.compress("질문\n서당은?\n".encode()))
    (tmp_path / "rows.json.gz").write_bytes(gzip.compress(b'[{"\xec\xa7\x88\xeb\xac\xb8": "one"}]'))
    assert questions(list(read_rows(tmp_path / "rows.csv"))) == ["서당은?"]
    assert questions(list(read_rows(tmp_path / "rows.json.gz"))) == ["one"]


def test_korean_in_cp949_inside_gzip(tmp_path):
    path = tmp_path / "rows.csv.gz"
    path.write_bytes(gzip.compress("질문\n안녕하세요\n".encode("cp949")))
    assert questions(list(read_rows(path, encoding="cp949"))) == ["안녕하세요"]


def test_every_file_of_a_zip_archive_is_read_in_the_order_of_the_names(tmp_path):
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b/second.csv", "질문\n둘\n")
        archive.writestr("a/first.jsonl", '{"질문": "하나"}\n')
        archive.writestr("README.md", "# not rows")
    found = list(read_rows(path))
    assert isinstance(found[0], BadLine) and (found[0].where, found[0].code) == ("all.zip/README.md", "not-rows")
    assert questions(found[1:]) == ["하나", "둘"]
    assert [row.where for row in found[1:]] == ["all.zip/a/first.jsonl:1", "all.zip/b/second.csv:2"]


def test_names_that_lead_out_of_an_archive_lead_nowhere(tmp_path):
    path = tmp_path / "inside" / "all.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../outside.jsonl", ROWS)
        archive.writestr("/absolute.jsonl", ROWS)
    found = list(read_rows(path))
    assert {row.where.rpartition(":")[0] for row in found} == {"all.zip/outside.jsonl", "all.zip/absolute.jsonl"}
    assert sorted(place.name for place in tmp_path.rglob("*")) == ["all.zip", "inside"], "nothing was unpacked to anywhere"


@pytest.mark.parametrize("suffix", PACK)
def test_a_bomb_is_refused_while_it_goes_off_and_memory_stays_small(tmp_path, suffix):
    path = tmp_path / f"bomb.jsonl{suffix}"
    zeros = b" " * (FREE_BYTES + (8 << 20))
    path.write_bytes(PACK[suffix](zeros))
    del zeros
    assert path.stat().st_size < 300_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused = refusal(path)
    assert refused.code == "files.bomb"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40 * 1024
    assert str(refused).startswith(f"{path} unpacks to more than 250 times its ")


def test_a_zip_bomb_of_many_parts_is_counted_as_one(tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(9):
            archive.writestr(f"{number}.jsonl", b" " * (FREE_BYTES // 8))
    assert refusal(path).code == "files.bomb"


@pytest.mark.parametrize("suffix", PACK)
def test_a_file_that_breaks_off_or_is_damaged_is_an_error_and_not_fewer_rows(tmp_path, suffix):
    rows = b"".join(b'{"number": %d}\n' % (number * 7919 % 10007) for number in range(5000))
    packed = PACK[suffix](rows)
    path = tmp_path / f"rows.jsonl{suffix}"
    path.write_bytes(packed[: len(packed) // 2])
    assert refusal(path).code == "files.damaged-archive"
    path.write_bytes(b"no such thing")
    assert refusal(path).code == "files.damaged-archive"


def test_damaged_and_encrypted_zip_archives_are_named(tmp_path):
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rows.jsonl", ROWS * 100)
    content = bytearray(path.read_bytes())
    (tmp_path / "torn.zip").write_bytes(content[:-30])
    assert refusal(tmp_path / "torn.zip").code == "files.damaged-archive"
    content[50:60] = b"\xff" * 10
    (tmp_path / "wrong.zip").write_bytes(content)
    assert refusal(tmp_path / "wrong.zip").code == "files.damaged-archive"
    locked = bytearray(path.read_bytes())
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        place = locked.index(mark) + (6 if mark == b"PK\x03\x04" else 8)
        locked[place] |= 1
    (tmp_path / "locked.zip").write_bytes(locked)
    assert refusal(tmp_path / "locked.zip").code == "files.encrypted"


def test_an_archive_of_too_many_files_is_refused(tmp_path):
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(10_001):
            archive.writestr(f"{number}.jsonl", "")
    assert refusal(path).code == "files.too-many-parts"


def test_what_is_compressed_but_holds_no_rows_is_told(tmp_path):
    path = tmp_path / "picture.png.gz"
    path.write_bytes(gzip.compress(b"\x89PNG"))
    assert refusal(path).code == "files.no-rows"


def test_xz_that_wants_gigabytes_of_memory_is_refused(tmp_path):
    path = tmp_path / "rows.jsonl.xz"
    hungry = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 600 << 20}]
    # The header alone asks for the memory; so much is never written here.
    path.write_bytes(lzma.compress(ROWS, format=lzma.FORMAT_XZ, filters=hungry))
    assert refusal(path).code == "files.damaged-archive"


MESSAGES = {
    "damaged-archive": (
        {"path": "a.gz", "detail": "no .gz file"},
        "a.gz cannot be unpacked (no .gz file). Download or pack it again; nothing of it was used.",
        "a.gz 파일의 압축을 풀 수 없습니다(no .gz file). 다시 내려받거나 다시 압축하세요. 이 파일의 내용은 쓰이지 않았습니다.",
    ),
    "too-many-parts": (
        {"path": "a.zip", "parts": 10001, "most": 10000},
        "a.zip holds 10001 files, more than 10000. Unpack it and name the files that are meant.",
        "a.zip 파일에 파일이 10001개 들어 있어 10000개를 넘습니다. 압축을 풀고 필요한 파일의 이름을 지정하세요.",
    ),
    "encrypted": (
        {"path": "a.zip", "member": "b.jsonl"},
        "a.zip is encrypted (b.jsonl). Unpack it with its password first.",
        "a.zip 파일은 암호화되어 있습니다(b.jsonl). 먼저 암호를 써서 압축을 푸세요.",
    ),
    "bomb": (
        {"path": "a.gz", "ratio": 250, "size": 4000},
        (
            "a.gz unpacks to more than 250 times its 4,000 bytes, as files do that are made to fill a disk. If it is yours, "
            "unpack it and name what is inside."
        ),
        (
            "a.gz 파일은 압축을 풀면 원래 크기(4000바이트)의 250배를 넘습니다. 디스크를 채우려고 만든 파일이 이렇습니다. "
            "직접 만든 파일이라면 압축을 풀고 안의 파일을 지정하세요."
        ),
    ),
    "needs-library": (
        {"path": "a.zst", "library": "zstandard"},
        "a.zst needs a library that is not installed. Run: pip install zstandard",
        "a.zst 파일을 읽는 데 필요한 라이브러리가 없습니다. 다음을 실행하세요: pip install zstandard",
    ),
    "no-header": (
        {"path": "a.csv"},
        "a.csv: the first line does not name the columns. Put a line with their names at the top.",
        "a.csv: 첫 줄에 열 이름이 없습니다. 맨 위에 열 이름을 적은 줄을 넣으세요.",
    ),
    "column-twice": (
        {"path": "a.csv", "column": "답"},
        "a.csv names the column '답' twice, so one of them would be lost. Rename one.",
        "a.csv 파일에 '답' 열이 두 번 있어 하나를 잃게 됩니다. 하나의 이름을 바꾸세요.",
    ),
    "no-rows": (
        {"path": "a.png.gz", "suffix": ".png", "known": ".jsonl, .csv"},
        "a.png.gz holds a '.png' file, from which no rows are read. Known are .jsonl, .csv.",
        "a.png.gz 파일에는 '.png' 파일이 들어 있는데, 이런 파일에서는 행을 읽지 않습니다. 읽을 수 있는 것: .jsonl, .csv.",
    ),
}


@pytest.mark.parametrize("code", MESSAGES)
def test_what_is_said_in_english_and_in_korean(code):
    facts, english, korean = MESSAGES[code]
    assert render(f"files.{code}", facts, "en") == english
    assert render(f"files.{code}", facts, "ko") == korean
