"""Records on disk: JSON Lines shards of bounded size, written and read as streams."""

from __future__ import annotations

import hashlib
import os
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, starmap
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from seodang.errors import DataError
from seodang.files.durable import explained, open_private, sync, write_all
from seodang.files.manifests import Manifest, Shard, read_manifest
from seodang.records import Record

__all__ = ["LineWriter", "RecordStream", "Shard", "ShardWriter", "Slip", "joined_lines", "read_records", "read_written", "verify"]

SHARD_BYTES = 64 * 1024 * 1024
BUFFER_BYTES = 1024 * 1024
READ_BYTES = 16 * 1024  # few enough records at once that the garbage collector does not go over them again and again

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Record).decode


class Slip(msgspec.Struct, frozen=True):
    """What has to be known of a record that goes on as it stands. Reading no more of a line takes a fraction of the time."""

    id: str
    source: str = ""
    terms: tuple[str, ...] = ()


_decode_slip = msgspec.json.Decoder(Slip).decode
_Read = TypeVar("_Read")


class LineWriter:
    """Appends objects to one file, and hashes and counts what it writes. Nothing written means no file.

    A writer that is given up closes its file and leaves it: a file that no manifest names does not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self.bytes = 0
        self._digest = hashlib.sha256()
        self._buffer = bytearray()
        self._descriptor = -1
        self._closing: weakref.finalize[..., LineWriter] | None = None

    def write(self, row: Any) -> None:
        """A row that cannot be written (a lone surrogate, an unknown type) raises here and leaves the file as it was."""
        self.write_line(_encode(row))

    def write_line(self, line: bytes) -> None:
        """One object as JSON, without its line end."""
        self._buffer += line
        self._buffer += b"\n"
        self.bytes += len(line) + 1
        self.rows += 1
        if len(self._buffer) >= BUFFER_BYTES:
            self._flush()

    def write_lines(self, lines: Sequence[bytes]) -> None:
        """Several at once, for less."""
        block = b"\n".join((*lines, b""))
        self._buffer += block
        self.bytes += len(block)
        self.rows += len(lines)
        if len(self._buffer) >= BUFFER_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._descriptor < 0:
            self._descriptor = open_private(self.path)
            self._closing = weakref.finalize(self, os.close, self._descriptor)
        self._digest.update(self._buffer)
        with explained(self.path):
            write_all(self._descriptor, self._buffer)
        self._buffer.clear()

    def close(self) -> Shard | None:
        """The file is on the disk when this returns."""
        if self.rows == 0:
            return None
        if self._buffer:
            self._flush()
        with explained(self.path):
            sync(self._descriptor)
        assert self._closing is not None
        self._closing()
        return Shard(self.path.name, self.rows, self.bytes, self._digest.hexdigest())


class ShardWriter:
    """Writes `part-00000.jsonl` and on, each at most `max_bytes` long; a record longer than that has a shard of its own.

    Where a shard ends depends on nothing but the records, so that the same records make the same files.
    """

    def __init__(self, directory: Path, stem: str = "part", max_bytes: int = SHARD_BYTES) -> None:
        self._directory = directory
        self._stem = stem
        self._max_bytes = max_bytes
        self._shards: list[Shard] = []
        with explained(directory):
            # What an interrupted attempt left would otherwise lie beside fewer new ones.
            for leftover in directory.glob(f"{stem}-*.jsonl"):
                leftover.unlink()
        self._writer = self._next()

    def _next(self) -> LineWriter:
        return LineWriter(self._directory / f"{self._stem}-{len(self._shards):05d}.jsonl")

    def write(self, record: Record) -> None:
        self._write_line(_encode(record))

    def write_lines(self, lines: Sequence[bytes]) -> None:
        """Records that are encoded already, without their line ends. The shards end where they would one by one."""
        if self._writer.bytes + sum(map(len, lines)) + len(lines) < self._max_bytes:
            self._writer.write_lines(lines)
            return
        for line in lines:
            self._write_line(line)

    def _write_line(self, line: bytes) -> None:
        if self._writer.rows and self._writer.bytes + len(line) >= self._max_bytes:
            self._finish()
        self._writer.write_line(line)

    def _finish(self) -> None:
        if shard := self._writer.close():
            self._shards.append(shard)
        self._writer = self._next()

    def close(self) -> tuple[Shard, ...]:
        self._finish()
        return tuple(self._shards)


def read_records(path: Path) -> Iterator[Record]:
    """The records of one of our own shards, as a stream.

    This is not somebody else's file, so damage is an error that names the place. A shard that the manifest beside it names must
    hold what was written: that is known for certain when the last record has been read, so take the work on it as done only then.
    """
    return chain.from_iterable(records for _, records in _blocks_read(path, _expected(path), _decode))


def read_written(path: Path) -> Iterator[tuple[bytes, Record]]:
    """The same with the line in which each record is written, so that it can be written again as it stands."""
    return chain.from_iterable(starmap(zip, _blocks_read(path, _expected(path), _decode)))


def _expected(path: Path) -> Shard | None:
    manifest = read_manifest(path.parent)
    return next((shard for shard in manifest.shards if shard.name == path.name), None) if manifest else None


def _blocks_read(
    path: Path, expected: Shard | None, decode: Callable[[bytes], _Read]
) -> Iterator[tuple[list[bytes], list[_Read]]]:
    """Lines and what was read of them, some at a time."""
    rows = 0
    digest = hashlib.sha256()
    for block in _blocks(path):
        digest.update(block)
        lines = block.split(b"\n")
        if lines.pop():
            raise DataError("files.torn", path=str(path), line=rows + len(lines) + 1, folder=str(path.parent))
        try:
            read = list(map(decode, lines))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise _damage(path, lines, rows) from None
        yield lines, read
        rows += len(lines)
    if expected is not None and (rows != expected.rows or digest.hexdigest() != expected.sha256):
        raise DataError("files.altered", path=str(path), folder=str(path.parent), rows=rows, expected=expected.rows)


def _blocks(path: Path) -> Iterator[bytes]:
    """Whole lines, some at a time; only what ends the file may lack its line end."""
    rest: list[bytes] = []
    with _opened(path) as file, explained(path):
        while chunk := file.read(READ_BYTES):
            cut = chunk.rfind(b"\n") + 1
            if cut:
                yield b"".join((*rest, chunk[:cut]))
                rest = []
            if cut < len(chunk):
                rest.append(chunk[cut:])
    if rest:
        yield b"".join(rest)


def _opened(path: Path) -> Any:
    with explained(path):
        try:
            return open(path, "rb", buffering=0)
        except FileNotFoundError:
            raise DataError("files.missing-shard", path=str(path), folder=str(path.parent)) from None


def _damage(path: Path, lines: Sequence[bytes], before: int) -> DataError:
    """The first line that is no record."""
    for number, line in enumerate(lines, before + 1):
        try:
            _decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            return DataError("files.damaged", path=str(path), line=number, folder=str(path.parent), detail=str(error))
    raise AssertionError("a block failed whose lines do not")


class RecordStream:
    """The records of several folders in order; they can be read again and again and are never all in memory."""

    def __init__(self, places: Sequence[Path]) -> None:
        self._shards = [(place / shard.name, shard) for place in places for shard in _manifest(place).shards]

    def __iter__(self) -> Iterator[Record]:
        for path, shard in self._shards:
            for _, records in _blocks_read(path, shard, _decode):
                yield from records

    def written(self) -> Iterator[tuple[bytes, Record]]:
        """The records with the lines in which they are written."""
        for path, shard in self._shards:
            for lines, records in _blocks_read(path, shard, _decode):
                yield from zip(lines, records, strict=True)

    def slips(self) -> Iterator[tuple[bytes, Slip]]:
        """The lines in which the records are written, with the little that has to be known to pass them on."""
        for path, shard in self._shards:
            for lines, slips in _blocks_read(path, shard, _decode_slip):
                yield from zip(lines, slips, strict=True)

    def __len__(self) -> int:
        return sum(shard.rows for _, shard in self._shards)

    def __contains__(self, record: object) -> bool:
        return any(record == other for other in self)

    def shard_paths(self) -> list[Path]:
        return [path for path, _ in self._shards]


def _manifest(directory: Path) -> Manifest:
    manifest = read_manifest(directory)
    if manifest is None:
        raise DataError("files.no-manifest", path=str(directory))
    return manifest


def verify(directory: Path) -> Manifest:
    """Compares each file of the manifest with its SHA-256, without decoding a row. The first that differs is an error."""
    manifest = _manifest(directory)
    for shard in (*manifest.shards, *manifest.sides):
        path = directory / shard.name
        digest, rows = hashlib.sha256(), 0
        for block in _blocks(path):
            digest.update(block)
            rows += block.count(b"\n")
        if digest.hexdigest() != shard.sha256:
            raise DataError("files.altered", path=str(path), folder=str(directory), rows=rows, expected=shard.rows)
    return manifest


def joined_lines(sources: Iterable[Path], target: Path) -> Shard:
    """Several files of lines as one."""
    writer = LineWriter(target)
    for source in sources:
        for block in _blocks(source):
            for line in block.splitlines():
                writer.write_line(line)
    return writer.close() or Shard(target.name, 0, 0, hashlib.sha256().hexdigest())
