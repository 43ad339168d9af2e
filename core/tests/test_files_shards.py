"""Records go to disk in shards and come back; a file that is not what was written is an error that says what to do."""

import hashlib
import json
import time
import tracemalloc
from pathlib import Path

import msgspec
import pytest
from seodang.errors import DataError
from seodang.files.manifests import Manifest, content_hash, read_manifest, write_manifest
from seodang.files.shards import LineWriter, RecordStream, ShardWriter, joined_lines, read_records, verify
from seodang.records import Call, Candidate, Message, Record, single_turn


def manifest(**facts) -> Manifest:
    known = {"step": "kin", "verb": "seeds", "plugin": "naver-kin", "distribution": "seodang-naver-kin", "version": "0.1.0"}
    return Manifest(**known, revision=1, fingerprint="f" * 64, ingredients={}, **facts)


def write_step(folder: Path, records, **options) -> Manifest:
    folder.mkdir(parents=True, exist_ok=True)
    writer = ShardWriter(folder, **options)
    for record in records:
        writer.write(record)
    done = manifest(shards=writer.close())
    write_manifest(folder, done)
    return done


def short(count: int, start: int = 0):
    for number in range(start, start + count):
        yield single_turn(
            f"숫자 {number}을 읽어라", f"답 {number}", id=f"{number:032x}", language="ko", source="test", terms=("MIT",)
        )


def test_records_come_back_as_they_were_again_and_again(tmp_path):
    rich = Record(
        id="1", language="ko", input="입력", source="s", terms=("MIT",), parents=("0",), tags={"url": "u", "n": [1, None]},
        columns={"열": {"깊이": 1}}, tools=({"name": "t"},),
        messages=(
            Message("user", "줄\n바꿈 \u2028 \" \\ 🙂\x01"),
            Message("assistant", "", thinking="음…", weight=0.5, calls=(Call("c", "f", '{"a":1}'),), call_id="c"),
        ),
        candidates=(Candidate(Message("assistant", "가"), "gpt", 1, 0.5),),
    )  # fmt: skip
    write_step(tmp_path, [rich, single_turn("질문")])
    stream = RecordStream([tmp_path])
    assert list(stream) == list(stream) == [rich, single_turn("질문")] and len(stream) == 2


def test_shards_are_bounded_numbered_hashed_and_private(tmp_path):
    done = write_step(tmp_path, short(1000), max_bytes=20_000)
    assert len(done.shards) > 5 and [shard.name for shard in done.shards] == [
        f"part-{n:05d}.jsonl" for n in range(len(done.shards))
    ]
    for shard in done.shards:
        content = (tmp_path / shard.name).read_bytes()
        assert (len(content), content.count(b"\n")) == (shard.bytes, shard.rows)
        assert len(content) <= 20_000 and (len(content) > 15_000 or shard == done.shards[-1])
        assert hashlib.sha256(content).hexdigest() == shard.sha256
        assert (tmp_path / shard.name).stat().st_mode & 0o777 == 0o600
    assert sum(shard.rows for shard in done.shards) == 1000 == len(RecordStream([tmp_path]))
    assert list(RecordStream([tmp_path])) == list(short(1000))


def test_a_record_longer_than_a_shard_has_one_of_its_own(tmp_path):
    done = write_step(tmp_path, [*short(2), single_turn("x" * 9000), *short(2)], max_bytes=1000)
    assert [shard.rows for shard in done.shards] == [2, 1, 2]


def test_the_same_records_make_the_same_files(tmp_path):
    first, second = (write_step(tmp_path / name, short(5000), max_bytes=300_000) for name in "ab")
    assert first == second and content_hash(first) == content_hash(second)
    other = write_step(tmp_path / "c", short(4999))
    assert content_hash(other) != content_hash(first)
    renamed = msgspec.structs.replace(first, step="other", version="9", figures={"rows_per_second": 1})
    assert content_hash(renamed) == content_hash(first), "the content is the rows and nothing else"


def test_a_new_attempt_clears_away_the_shards_of_an_earlier_one(tmp_path):
    write_step(tmp_path, short(1000), max_bytes=20_000)
    write_step(tmp_path, short(3))
    assert [path.name for path in sorted(tmp_path.glob("part-*"))] == ["part-00000.jsonl"]
    assert len(list(RecordStream([tmp_path]))) == 3


def test_a_stream_joins_folders_in_their_order(tmp_path):
    write_step(tmp_path / "02", short(3, start=10), max_bytes=150)
    write_step(tmp_path / "01", short(2))
    write_step(tmp_path / "03", [])
    stream = RecordStream([tmp_path / "02", tmp_path / "03", tmp_path / "01"])
    assert [record.id[-2:] for record in stream] == ["0a", "0b", "0c", "00", "01"] and len(stream) == 5
    assert stream.shard_paths() == [tmp_path / "02" / f"part-0000{n}.jsonl" for n in range(3)] + [
        tmp_path / "01" / "part-00000.jsonl"
    ]


def test_a_folder_without_a_manifest_does_not_exist(tmp_path):
    assert read_manifest(tmp_path) is None and read_manifest(tmp_path / "none") is None
    with pytest.raises(DataError) as told:
        RecordStream([tmp_path])
    assert told.value.code == "files.no-manifest"


def test_a_manifest_comes_back_as_it_was_and_a_newer_or_damaged_one_is_told(tmp_path):
    done = write_step(tmp_path, short(3))
    place = tmp_path / "manifest.json"
    assert read_manifest(tmp_path) == done and json.loads(place.read_text())["shards"][0]["rows"] == 3
    for content, code in (
        (b'{"format":2,"something":"else"}', "files.newer-manifest"),
        (place.read_bytes()[:-20], "files.damaged-manifest"),
        (b"", "files.damaged-manifest"),
        (b'{"format":1}', "files.damaged-manifest"),
        (b'{"format":1,"step":"\xff"}', "files.damaged-manifest"),
    ):
        place.write_bytes(content)
        with pytest.raises(DataError) as told:
            read_manifest(tmp_path)
        assert told.value.code == code


def damaged(content: bytes) -> list[tuple[str, bytes]]:
    lines = content.splitlines(keepends=True)
    return [
        ("files.torn", content[:-1]),
        ("files.torn", content[:-30]),
        ("files.altered", b"".join(lines[:-1])),
        ("files.altered", content.replace(b"7", b"8", 1)),
        ("files.altered", content + lines[0]),
        ("files.damaged", b"".join([*lines[:5], b"{}\n", *lines[5:]])),
        ("files.damaged", b"".join([*lines[:5], b"\xff\n", *lines[5:]])),
        ("files.damaged", b"".join([*lines[:5], b"\n", *lines[5:]])),
        ("files.altered", b""),
    ]


@pytest.mark.parametrize("number", range(9))
def test_a_torn_or_altered_shard_is_named_with_what_to_do(tmp_path, number):
    folder = tmp_path / "01-seeds-kin"
    write_step(folder, short(20))
    path = folder / "part-00000.jsonl"
    code, content = damaged(path.read_bytes())[number]
    path.write_bytes(content)
    for reading in (lambda: list(RecordStream([folder])), lambda: list(read_records(path))):
        with pytest.raises(DataError) as told:
            reading()
        assert told.value.code == code and told.value.facts["path"] == str(path) and told.value.facts["folder"] == str(folder)
        if code != "files.altered":
            assert told.value.facts["line"] == (20 if code == "files.torn" else 6)
    with pytest.raises(DataError) as told:
        verify(folder)
    assert told.value.code == "files.altered" and told.value.facts["path"] == str(path)


def test_a_missing_shard_is_named(tmp_path):
    write_step(tmp_path, short(20))
    (tmp_path / "part-00000.jsonl").unlink()
    for reading in (lambda: list(RecordStream([tmp_path])), lambda: verify(tmp_path)):
        with pytest.raises(DataError) as told:
            reading()
        assert told.value.code == "files.missing-shard"


def test_verify_passes_what_is_as_it_was_written_and_looks_at_the_files_beside_the_shards(tmp_path):
    done = write_step(tmp_path, short(500), max_bytes=9000)
    assert verify(tmp_path) == done
    dropped = LineWriter(tmp_path / "dropped.jsonl")
    dropped.write({"code": "too-short"})
    write_manifest(tmp_path, msgspec.structs.replace(done, sides=(dropped.close(),)))
    verify(tmp_path)
    (tmp_path / "dropped.jsonl").write_bytes(b'{"code":"too-long!"}\n')
    with pytest.raises(DataError):
        verify(tmp_path)


def test_a_shard_of_an_unfinished_step_can_be_read_without_a_manifest(tmp_path):
    writer = ShardWriter(tmp_path)
    for record in short(3):
        writer.write(record)
    writer.close()
    assert list(read_records(tmp_path / "part-00000.jsonl")) == list(short(3))


def test_nothing_written_is_no_file(tmp_path):
    assert LineWriter(tmp_path / "dropped.jsonl").close() is None and ShardWriter(tmp_path).close() == ()
    assert list(tmp_path.iterdir()) == []


def test_a_row_that_cannot_be_written_raises_and_leaves_the_file_as_it_was(tmp_path):
    writer = LineWriter(tmp_path / "items.jsonl")
    writer.write({"n": 1})
    for bad in ({"text": "\ud800"}, {"object": object()}):
        with pytest.raises((UnicodeEncodeError, TypeError)):
            writer.write(bad)
    writer.write({"n": 2})
    shard = writer.close()
    assert (tmp_path / "items.jsonl").read_bytes() == b'{"n":1}\n{"n":2}\n' and (shard.rows, shard.bytes) == (2, 16)


def test_several_files_of_lines_become_one(tmp_path):
    for name in "ab":
        writer = LineWriter(tmp_path / name)
        writer.write({"file": name, "text": "줄\n바꿈\r\u2028"})
        writer.close()
    shard = joined_lines([tmp_path / "a", tmp_path / "b"], tmp_path / "c")
    content = (tmp_path / "c").read_bytes()
    assert content == (tmp_path / "a").read_bytes() + (tmp_path / "b").read_bytes()
    assert (shard.name, shard.rows, shard.bytes, shard.sha256) == ("c", 2, len(content), hashlib.sha256(content).hexdigest())


def test_a_stream_is_never_in_memory(tmp_path):
    write_step(tmp_path, (single_turn(f"{n}", "답" * 100) for n in range(30_000)), max_bytes=4 * 1024 * 1024)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) > 10 * 1024 * 1024
    tracemalloc.start()
    try:
        assert sum(1 for _ in RecordStream([tmp_path])) == 30_000
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_writing_and_reading_cost_little_more_than_coding_alone(tmp_path):
    """Timed in turn in one process, the best of each compared; what is asserted leaves room for a busy machine."""
    records = list(short(20_000))
    lines = [msgspec.json.encode(record) for record in records]
    (tmp_path / "step").mkdir()

    def encode():
        encoder, out = msgspec.json.Encoder(), bytearray()
        for record in records:
            out += encoder.encode(record)

    def decode():
        decoder = msgspec.json.Decoder(Record)
        for line in lines:
            decoder.decode(line)

    def write():
        write_step(tmp_path / "step", records)

    def read():
        for _ in RecordStream([tmp_path / "step"]):
            pass

    best = dict.fromkeys((encode, decode, write, read), 9.0)
    for _ in range(5):
        for way in best:
            began = time.process_time()
            way()
            best[way] = min(best[way], time.process_time() - began)
    assert best[read] < 2.5 * best[decode], f"{best[read] / best[decode]:.2f}"
    assert best[write] < 6 * best[encode], f"{best[write] / best[encode]:.2f}"
    assert best[write] + best[read] < 2.5 * (best[encode] + best[decode]) + 0.02
