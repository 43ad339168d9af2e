"""The ZIP file around a workbook, opened with care: what unpacks to a thousand times its size is not unpacked."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

import msgspec
import seodang

from seodang_xlsx.cells import days_of, unescaped

_MOST_ENTRIES = 10_000
_MOST_BYTES = 20 * 1024**3
_FREE_BYTES = 100 * 1024**2
_MOST_RATIO = 300
"""A part over 100 MB that was packed better than 300 to 1 is a bomb: sheets that people fill are under 50."""
_MOST_TEXT_BYTES = 128 * 1024**2
_MOST_TEXTS = 5_000_000
_MOST_SMALL_BYTES = 32 * 1024**2
_CHUNK = 1 << 16
_OLD = b"\xd0\xcf\x11\xe0"

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    KeyError,
    IndexError,
)
"""What a damaged file raises, wherever it is damaged."""


class Sheet(msgspec.Struct, frozen=True):
    name: str
    part: str


class Damaged(ValueError):
    """The file is not what it says; the text says why."""


class Workbook:
    """An open workbook: its sheets, the texts they share, and how its numbers are shown."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path = path
        self._archive = archive
        self._sizes = {entry.filename: entry for entry in archive.infolist()}
        self._refuse_bombs()
        main = self._main_part()
        self.sheets: list[Sheet] = []
        self.since_1904 = False
        related = self._related(main)
        for name, attributes in self._starts(main):
            if name == "workbookPr":
                self.since_1904 = attributes.get("date1904", "0") in ("1", "true")
            elif name == "sheet":
                identity = next((value for key, value in attributes.items() if key.endswith(" id")), "")
                kind, part = related.get(identity, ("", ""))
                if kind.endswith("/worksheet"):
                    self.sheets.append(Sheet(attributes.get("name", ""), part))
        parts = {kind.rpartition("/")[2]: part for kind, part in related.values()}
        self._shown = self._styles(parts["styles"]) if "styles" in parts and parts["styles"] in self._sizes else []
        shared = parts.get("sharedStrings", "")
        self.texts = self._texts(shared) if shared in self._sizes else []

    def shown(self, style: str | None) -> str:
        """How a cell of this style shows a number, as `cells.days_of` says it."""
        place = int(style) if style else 0
        return self._shown[place] if 0 <= place < len(self._shown) else ""

    @contextmanager
    def part(self, name: str) -> Iterator[IO[bytes]]:
        with self._archive.open(name) as stream:
            yield stream

    def _refuse_bombs(self) -> None:
        entries = list(self._sizes.values())
        whole = sum(entry.file_size for entry in entries)
        packed = max(1, sum(entry.compress_size for entry in entries))
        worst = any(
            entry.file_size > _FREE_BYTES and entry.file_size > _MOST_RATIO * max(1, entry.compress_size) for entry in entries
        )
        if worst or whole > _MOST_BYTES or len(entries) > _MOST_ENTRIES:
            raise seodang.DataError("seodang_xlsx:bomb", path=str(self.path), packed=packed, whole=whole, entries=len(entries))

    def _main_part(self) -> str:
        for kind, part in self._related("").values():
            if kind.endswith("/officeDocument"):
                return part
        raise Damaged("it holds no workbook")

    def _related(self, part: str) -> dict[str, tuple[str, str]]:
        """The parts that a part names: kind and full name by identity."""
        folder, name = posixpath.split(part)
        found = {}
        for element, attributes in self._starts(posixpath.join(folder, "_rels", f"{name}.rels")):
            if element == "Relationship" and attributes.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))[1:]
                found[attributes.get("Id", "")] = (attributes.get("Type", ""), target)
        return found

    def _starts(self, part: str) -> Iterator[tuple[str, dict[str, str]]]:
        """The elements of a small part, by their local names."""
        if self._sizes[part].file_size > _MOST_SMALL_BYTES:
            raise Damaged(f"{part} is {self._sizes[part].file_size} bytes long")
        ready: list[tuple[str, dict[str, str]]] = []
        parser = new_parser()
        parser.StartElementHandler = lambda name, attributes: ready.append((local(name), attributes))
        with self.part(part) as stream:
            for _ in fed(parser, stream):
                yield from ready
                ready.clear()

    def _styles(self, part: str) -> list[str]:
        forms: dict[int, str] = {}
        shown: list[str] = []
        inside = False
        for name, attributes in self._starts(part):
            if name == "numFmt":
                forms[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
            elif name in ("cellXfs", "cellStyleXfs", "cellStyles"):
                inside = name == "cellXfs"
            elif name == "xf" and inside:
                number = int(attributes.get("numFmtId", "0"))
                shown.append(days_of(number, forms.get(number, "")))
        return shown

    def _texts(self, part: str) -> list[str]:
        if self._sizes[part].file_size > _MOST_TEXT_BYTES:
            raise seodang.DataError("seodang_xlsx:too-much-text", path=str(self.path), most=_MOST_TEXT_BYTES)
        texts: list[str] = []
        parser = new_parser()
        collector = _Texts(texts)
        parser.StartElementHandler, parser.EndElementHandler = collector.start, collector.end
        parser.CharacterDataHandler = collector.characters
        with self.part(part) as stream:
            for _ in fed(parser, stream):
                if len(texts) > _MOST_TEXTS:
                    raise seodang.DataError("seodang_xlsx:too-much-text", path=str(self.path), most=_MOST_TEXT_BYTES)
        return texts


class _Texts:
    """Collects shared texts: the `t` of each `si`, but not those of `rPh`, which say how a word is pronounced."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts
        self._parts: list[str] = []
        self._in_text = False
        self._aside = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        self._aside += name == "rPh"
        self._in_text = name == "t" and not self._aside

    def end(self, name: str) -> None:
        name = local(name)
        self._aside -= name == "rPh"
        self._in_text = False
        if name == "si":
            self._texts.append(unescaped("".join(self._parts)))
            self._parts.clear()

    def characters(self, text: str) -> None:
        if self._in_text:
            self._parts.append(text)


@contextmanager
def opened(path: Path) -> Iterator[Workbook]:
    """The workbook. Whatever is wrong with the file is one DataError that says what."""
    try:
        with open(path, "rb") as file:
            if file.read(4) == _OLD:
                raise seodang.DataError("seodang_xlsx:old", path=str(path))
        with zipfile.ZipFile(path) as archive:
            yield Workbook(path, archive)
    except FileNotFoundError:
        raise seodang.DataError("seodang_xlsx:missing", path=str(path)) from None
    except (*BROKEN, OSError) as error:
        detail = f"{error}" if not isinstance(error, KeyError) else f"it has no part {error}"
        raise seodang.DataError("seodang_xlsx:unreadable", path=str(path), detail=detail or type(error).__name__) from error


def new_parser() -> Any:
    """A parser that takes no document type: a workbook has none, and only bombs need one."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_type
    return parser


def _refuse_type(*found: Any) -> None:
    raise Damaged("its XML declares a document type")


def fed(parser: Any, stream: IO[bytes]) -> Iterator[None]:
    """Gives the parser the stream piece by piece, and the caller a turn after each."""
    while chunk := stream.read(_CHUNK):
        parser.Parse(chunk, False)
        yield
    parser.Parse(b"", True)
    yield


def local(name: str) -> str:
    return name.rpartition(" ")[2]
