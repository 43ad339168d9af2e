"""What a file is written in: told from its first bytes, named, and turned into UTF-8 on the way in."""

from __future__ import annotations

import codecs
import io
import re
from pathlib import Path
from typing import Any, BinaryIO

from seodang.errors import DataError

_HEAD_BYTES = 4096
_NOT_TEXT = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"PAR1": "Parquet",
    b"ARROW1": "Arrow",
    b"%PDF": "PDF",
    b"SQLite format 3\0": "SQLite",
}
_BAD_BYTE = "seodang.bad-byte"
# A byte that the encoding does not know becomes one that UTF-8 does not know either, so that it is found in its line.
codecs.register_error(_BAD_BYTE, lambda error: ("\udcff", error.end))  # type: ignore[attr-defined]

_PAIRS = re.compile(rb"[\x81-\xfe][\x41-\x5a\x61-\x7a\x81-\xfe]")
_HANGUL = re.compile(rb"[\xb0-\xc8][\xa1-\xfe]")


def as_utf8(file: BinaryIO, path: Path, encoding: str | None) -> BinaryIO:
    """The open file as UTF-8 bytes, whatever it is written in.

    Without an encoding a file is UTF-8; one that is UTF-16 or no text at all is an error that names what it is, since not one
    line of it could be read.
    """
    try:
        head = file.peek(_HEAD_BYTES)[:_HEAD_BYTES]  # type: ignore[attr-defined]
        _refuse_what_is_no_text(path, head)
        if encoding is None or _is_utf8(path, encoding):
            if found := _wide_encoding(head):
                raise DataError("files.wrong-encoding", path=str(path), found=found)
            return file
        return io.BufferedReader(_Transcoded(file, encoding))
    except BaseException:
        file.close()
        raise


def looks_like_cp949(line: bytes) -> bool:
    """Whether a line that is not UTF-8 is Korean in CP949 (EUC-KR).

    That it can be decoded says little, because most pairs of bytes can. In real text nearly all of them are the 2,350 usual
    syllables; in UTF-8 with a broken byte nearly none are.
    """
    try:
        line.decode("cp949")
    except UnicodeDecodeError:
        return False
    pairs = _PAIRS.findall(line)
    return len([pair for pair in pairs if _HANGUL.match(pair)]) >= 0.8 * len(pairs) > 0


def _is_utf8(path: Path, encoding: str) -> bool:
    try:
        " ".encode(encoding)  # refuses codecs such as `zip`, which make no text
        return codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")
    except (LookupError, UnicodeError):
        raise DataError("files.unknown-encoding", path=str(path), encoding=encoding) from None


def _refuse_what_is_no_text(path: Path, head: bytes) -> None:
    for mark, kind in _NOT_TEXT.items():
        if head.startswith(mark):
            raise DataError("files.not-text", path=str(path), kind=kind)


def _wide_encoding(head: bytes) -> str:
    """UTF-16 or UTF-32, by the mark at the beginning or by JSON's first signs with NULs between them."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "UTF-32"
    marked = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and b"\0" in head[:256]
    # The first sign of a JSON file is ASCII, and so is the second: a brace, a bracket, a quote, a blank.
    unmarked = re.match(rb"(?:[\[{]\0[\[{\"\s\]}]\0|\0[\[{]\0[\[{\"\s\]}])", head)
    return "UTF-16" if marked or unmarked else ""


class _Transcoded(io.RawIOBase):
    """The bytes of a file as UTF-8."""

    def __init__(self, raw: BinaryIO, encoding: str) -> None:
        self._raw = raw
        self._decoder = codecs.getincrementaldecoder(encoding)(_BAD_BYTE)
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready and not self._ended:
            chunk = self._raw.read(1 << 16)
            self._ended = not chunk
            self._ready = self._decoder.decode(chunk or b"", final=self._ended).encode("utf-8", "surrogateescape")
        given = self._ready[: len(buffer)]
        buffer[: len(given)] = given
        self._ready = self._ready[len(given) :]
        return len(given)

    def close(self) -> None:
        self._raw.close()
        super().close()
