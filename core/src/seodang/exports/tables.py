"""Writing rows to a file whose name says what it is: JSON Lines, JSON, CSV and TSV here, any other type by a plugin."""

from __future__ import annotations

import bz2
import csv
import hashlib
import io
import lzma
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec

from seodang.errors import DataError
from seodang.exchange import Table
from seodang.files.durable import DurableFile, explained, sync, sync_directory
from seodang.wording import Phrase

Row = Mapping[str, Any]
FindTable = Callable[[str], Table]

_BUFFER_BYTES = 1 << 20
_LONGEST_NAME = 240
"""Bytes that a name may have and still leave room for what stands before it while it is written; 255 is the usual limit."""


class Target(msgspec.Struct, frozen=True):
    """How a file of this name is written. `refuses` says why it cannot hold a row, or nothing; a `flat` one holds no lists."""

    write: Callable[[Iterable[Row]], None]
    refuses: Callable[[Row], str]
    flat: bool


def target_of(path: Path, find: FindTable, *, for_people: bool = False) -> Target:
    """What the end of the name asks for. `find` gives the plugin's table for a suffix that is not core's own.

    `for_people` begins CSV and TSV with a mark by which spreadsheets know UTF-8; without it they take Korean for something else.
    """
    suffixes = [suffix[1:].lower() for suffix in path.suffixes]
    packing = suffixes.pop() if suffixes and suffixes[-1] in PACKINGS else ""
    kind = suffixes[-1] if suffixes else ""
    if kind in CHUNKS:
        chunks = CHUNKS[kind]
        return Target(lambda rows: _write_chunks(chunks(rows, for_people), path, packing), lambda row: "", kind in _FLAT)
    if not kind:
        raise DataError("exports.no-type", path=str(path), known=[f".{name}" for name in CHUNKS])
    if packing:
        raise DataError("exports.packed-table", path=str(path), kind=f".{kind}", packing=f".{packing}")
    table = find(kind)
    return Target(lambda rows: _write_table(table, rows, path), table.refuses, table.flat)


def _json_lines(rows: Iterable[Row], for_people: bool) -> Iterator[bytes]:
    encode = msgspec.json.Encoder().encode
    return (encode(row) + b"\n" for row in rows)


def _json_array(rows: Iterable[Row], for_people: bool) -> Iterator[bytes]:
    encode = msgspec.json.Encoder().encode
    between = b"[\n"
    for row in rows:
        yield between + encode(row)
        between = b",\n"
    yield b"[]\n" if between == b"[\n" else b"\n]\n"


def _commas(rows: Iterable[Row], for_people: bool) -> Iterator[bytes]:
    return _separated(rows, ",", for_people)


def _tabs(rows: Iterable[Row], for_people: bool) -> Iterator[bytes]:
    return _separated(rows, "\t", for_people)


def _separated(rows: Iterable[Row], delimiter: str, mark: bool) -> Iterator[bytes]:
    """As RFC 4180 has it: the first line names the columns, a cell with a line break is quoted, lines end in CRLF."""
    line = io.StringIO()
    writer = csv.writer(line, delimiter=delimiter, lineterminator="\r\n")
    columns: tuple[str, ...] | None = None
    if mark:
        yield b"\xef\xbb\xbf"
    for row in rows:
        if columns is None:
            columns = tuple(row)
            writer.writerow(columns)
        elif tuple(row) != columns:
            raise DataError("exports.uneven-rows", first=columns, other=tuple(row))
        writer.writerow([cell_text(value) for value in row.values()])
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()


def cell_text(value: Any) -> str:
    """A value as the text of a cell: null is nothing, and what is no text is JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else msgspec.json.encode(value).decode()


CHUNKS: dict[str, Callable[[Iterable[Row], bool], Iterator[bytes]]] = {
    "jsonl": _json_lines,
    "json": _json_array,
    "csv": _commas,
    "tsv": _tabs,
}
_FLAT = ("csv", "tsv")


class _Packer(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self) -> bytes: ...


class _Unpacked:
    def compress(self, data: bytes) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""


def _gzip(path: Path) -> _Packer:
    return zlib.compressobj(wbits=31)  # with gzip's head, in which no time stands: the same rows are the same file


def _zstandard(path: Path) -> _Packer:
    try:
        # Not a dependency of core: most exports need no packing, and gzip needs none of this.
        import zstandard
    except ModuleNotFoundError as error:
        raise DataError("exports.no-zstandard", path=str(path)) from error
    packer: _Packer = zstandard.ZstdCompressor(write_checksum=True).compressobj()
    return packer


PACKINGS: dict[str, Callable[[Path], _Packer]] = {
    "gz": _gzip,
    "bz2": lambda path: bz2.BZ2Compressor(),
    "xz": lambda path: lzma.LZMACompressor(),
    "zst": _zstandard,
}


def _write_chunks(chunks: Iterable[bytes], path: Path, packing: str) -> None:
    packer = PACKINGS[packing](path) if packing else _Unpacked()
    buffer = bytearray()
    with DurableFile(path) as file:
        for chunk in chunks:
            buffer += chunk
            if len(buffer) >= _BUFFER_BYTES:
                file.write(packer.compress(bytes(buffer)))
                buffer.clear()
        file.write(packer.compress(bytes(buffer)))
        file.write(packer.flush())


def _write_table(table: Table, rows: Iterable[Row], path: Path) -> None:
    """A plugin writes to a name of its own beside; what it wrote gets the file's name when it is whole and on the disk."""
    path = Path(os.path.realpath(path))  # a link is followed: its target is replaced, and the link stays what it is
    name = path.name
    if len(os.fsencode(name)) > _LONGEST_NAME:
        name = hashlib.sha256(os.fsencode(name)).hexdigest() + path.suffix
    partial = path.with_name(f".writing-{name}")
    with explained(path):
        if path.exists() and not path.is_file():
            raise DataError("files.not-a-file", path=str(path))
        partial.unlink(missing_ok=True)
        try:
            table.write(rows, partial)
            os.chmod(partial, 0o600)
            descriptor = os.open(partial, os.O_RDONLY | os.O_CLOEXEC)
            try:
                sync(descriptor)
            finally:
                os.close(descriptor)
            os.replace(partial, path)
        finally:
            partial.unlink(missing_ok=True)
    sync_directory(path.parent)


def reason_phrase(reason: str) -> Phrase | str:
    """Why rows were left out, in the reader's language. A plugin's own reason is a code of its own messages, `seodang_x:code`."""
    from seodang.wording.catalogues import message_text
    from seodang.wording.languages import FALLBACK

    code = reason if ":" in reason else f"exports.because-{reason}"
    return Phrase(code) if message_text(code, FALLBACK) is not None else reason
