"""What people said at a page, a line each: on the disk before anybody is told, and read again after whatever ended the program."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeVar

import msgspec

from seodang.errors import DataError

_Line = TypeVar("_Line", bound=msgspec.Struct)


def append(path: Path, *lines: msgspec.Struct) -> None:
    """After a torn line, as a machine that lost its power leaves it, a new one begins."""
    with path.open("a+b") as file:
        torn = False
        if file.tell():
            file.seek(-1, os.SEEK_END)
            torn = file.read(1) != b"\n"
        file.write((b"\n" if torn else b"") + b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())


def read_kept(path: Path, kind: type[_Line], wrong: str) -> list[_Line]:
    """In their order. A torn last line is passed over; any other that is none is told with the message `wrong`."""
    found = []
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found.append(msgspec.json.decode(line, type=kind))
        except msgspec.MsgspecError as error:
            if number == len(lines):
                break
            raise DataError(wrong, path=str(path), line=number, detail=str(error)) from None
    return found
