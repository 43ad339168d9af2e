"""Files as the parts that they hold: one of a plain or a compressed file, several of a zip archive. Nothing is written anywhere.

Compressed files are told by their first bytes. What unpacks to far more than it should is refused while it is being read, and no
part is ever in memory as a whole.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import msgspec

from seodang.errors import DataError
from seodang.files.durable import explained

PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")
"""The ends of the names of packed files; what is packed is named before it, as in `rows.jsonl.gz`."""

FREE_BYTES = 64 * 1024 * 1024
MOST_RATIO = 250
"""Text packs to a tenth, logs to a hundredth. Above both of these a file is there to fill somebody's disk."""

MOST_PARTS = 10_000

_MOST_DICTIONARY_BYTES = 256 * 1024 * 1024
_BLOCK_BYTES = 1 << 16
_SMALL_BLOCK_BYTES = 1 << 10
"""What one block unpacks to is in memory at once: 32 MiB at the most, where four bytes can stand for 128 KiB."""
_ENCRYPTED = 0x1
_DAMAGE = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError, gzip.BadGzipFile)


class Part(msgspec.Struct, frozen=True):
    """`name` is shown to people; `suffix` says what kind of rows it holds, without that of the packing."""

    name: str
    suffix: str
    open: Callable[[], BinaryIO]


def parts(path: Path) -> Iterator[Part]:
    """The parts of a file, a zip archive's by their names. Each is opened by the caller, who closes it."""
    with explained(path):
        if path.exists() and not path.is_file():
            raise DataError("files.not-a-file", path=str(path))
        try:
            with open(path, "rb") as file:
                head = file.read(6)
        except FileNotFoundError:
            raise DataError("files.missing", path=str(path)) from None
    suffix = path.suffix.lower()
    inner = path.with_suffix("").suffix.lower() if suffix in PACKED else suffix
    packing = next((packing for packing in _PACKINGS if head.startswith(packing)), None)
    if packing is not None:
        yield Part(path.name, inner, lambda: _reader(_PACKINGS[packing](path), path, _Allowance(path)))
    elif suffix == ".zip":
        yield from _members(path)
    elif suffix in PACKED:
        raise DataError("files.damaged-archive", path=str(path), detail=f"no {suffix} file")
    else:
        yield Part(path.name, suffix, lambda: open(path, "rb"))  # noqa: SIM115 - the caller closes it


def _members(path: Path) -> Iterator[Part]:
    try:
        archive = zipfile.ZipFile(path)
    except _DAMAGE as error:
        raise DataError("files.damaged-archive", path=str(path), detail=str(error)) from error
    with archive:
        members = sorted((member for member in archive.infolist() if not member.is_dir()), key=lambda member: member.filename)
        if len(members) > MOST_PARTS:
            raise DataError("files.too-many-parts", path=str(path), parts=len(members), most=MOST_PARTS)
        allowance = _Allowance(path)
        for member in members:
            if member.flag_bits & _ENCRYPTED:
                raise DataError("files.encrypted", path=str(path), member=member.filename)
            name = PurePosixPath(member.filename.replace("\\", "/"))
            # The name leads nowhere, because nothing is unpacked to a place; but a person should not be shown a way out either.
            shown = "/".join(part for part in name.parts if part not in ("/", ".."))
            yield Part(f"{path.name}/{shown}", name.suffix.lower(), _opener(archive, member, path, allowance))


def _opener(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, allowance: _Allowance) -> Callable[[], BinaryIO]:
    def opened() -> BinaryIO:
        try:
            return _reader(archive.open(member), path, allowance)
        except _DAMAGE as error:
            raise DataError("files.damaged-archive", path=str(path), detail=str(error)) from error

    return opened


def _reader(source: Any, path: Path, allowance: _Allowance) -> BinaryIO:
    return io.BufferedReader(_Watched(source, path, allowance), _BLOCK_BYTES)


class _Allowance:
    """How much may come out of one file, all its parts together."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._most = max(FREE_BYTES, MOST_RATIO * path.stat().st_size)
        self._taken = 0

    def take(self, size: int) -> None:
        self._taken += size
        if self._taken > self._most:
            raise DataError("files.bomb", path=str(self._path), ratio=MOST_RATIO, size=self._path.stat().st_size)


class _Watched(io.RawIOBase):
    """What is unpacked, counted; damage becomes an error that names the file."""

    def __init__(self, source: Any, path: Path, allowance: _Allowance) -> None:
        self._source = source
        self._path = path
        self._allowance = allowance

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            content = self._source.read(len(buffer))
        except _DAMAGE as error:
            detail = str(error) or type(error).__name__
            raise DataError("files.damaged-archive", path=str(self._path), detail=detail) from error
        except OSError as error:
            if error.errno is not None:  # the disk's own trouble, told elsewhere
                raise
            raise DataError("files.damaged-archive", path=str(self._path), detail=str(error)) from error
        except RuntimeError as error:
            raise DataError("files.damaged-archive", path=str(self._path), detail=str(error)) from error
        self._allowance.take(len(content))
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        self._source.close()
        super().close()


class _Frames:
    """A file of one or several compressed frames, read by a decompressor that does not read files itself."""

    def __init__(self, path: Path, new: Callable[[], Any], failure: type[Exception], block_bytes: int) -> None:
        self._file = open(path, "rb")  # noqa: SIM115 - closed by `close`
        self._new = new
        self._failure = failure
        self._block_bytes = block_bytes
        self._decompressor = new()
        self._ready = io.BytesIO()

    def read(self, size: int) -> bytes:
        while not (content := self._ready.read(size)):
            waiting = self._file.read(self._block_bytes)
            if self._decompressor.eof:
                waiting = (self._decompressor.unused_data + waiting).lstrip(b"\0")
                if not waiting:
                    return b""
                self._decompressor = self._new()
            elif not waiting:
                raise EOFError("it breaks off before its end")
            try:
                self._ready = io.BytesIO(self._decompressor.decompress(waiting))
            except self._failure as error:
                raise EOFError(str(error)) from error
        return content

    def close(self) -> None:
        self._file.close()


def _xz(path: Path) -> _Frames:
    """With a bound on the dictionary, which `lzma.open` does not have: 256 MiB hold what `xz -9` makes four times over."""

    def new() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_MOST_DICTIONARY_BYTES)

    return _Frames(path, new, lzma.LZMAError, _SMALL_BLOCK_BYTES)


def _zstandard(path: Path) -> _Frames:
    """By frames, because the library's own reader takes a file that breaks off for one that ends."""
    try:
        import zstandard
    except ImportError:
        raise DataError("files.needs-library", path=str(path), library="zstandard") from None

    def new() -> Any:
        return zstandard.ZstdDecompressor(max_window_size=_MOST_DICTIONARY_BYTES).decompressobj()

    return _Frames(path, new, zstandard.ZstdError, _SMALL_BLOCK_BYTES)


_PACKINGS: dict[bytes, Callable[[Path], Any]] = {
    b"\x1f\x8b": gzip.GzipFile,
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\0": _xz,
    b"\x28\xb5\x2f\xfd": _zstandard,
}
