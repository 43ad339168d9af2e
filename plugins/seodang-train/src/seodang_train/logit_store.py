"""What a teacher thinks of every trained token, computed once and kept: the likeliest tokens, and what all others have together.

A folder of safetensors, a file for some hundred rows, and `manifest.json`, which names what they were made of and each file's
hash. A file is made under another name and renamed before the manifest knows it, so a store that was interrupted goes on behind
its last whole file, and ends in the same bytes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import seodang
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from seodang_train.durable import sync
from seodang_train.rows import Row

ROWS_IN_FILE = 512
SHORT = 1 << 15
"""Token numbers below it fit into two bytes with a sign."""

Kept = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
"""Token numbers and log-probabilities of the likeliest, and the log-probability of all others: a row for each trained token."""


class Shelf(msgspec.Struct, frozen=True):
    """One file of a store."""

    name: str
    rows: int
    tokens: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """`facts` are what the logits depend on: rows, teacher, tokenizer, how many are kept, in which numbers, at which temperature."""

    facts: dict[str, Any]
    rows: int
    shelves: tuple[Shelf, ...] = ()


def bytes_of(tokens: int, facts: dict[str, Any]) -> int:
    """What a store of so many trained tokens takes."""
    one = (2 if facts["vocabulary"] <= SHORT else 4) + (4 if facts["numbers"] == "float32" else 2)
    return tokens * (one * min(facts["top_k"], facts["vocabulary"]) + 4)


def place_of(directory: Path, facts: dict[str, Any]) -> Path:
    """A folder of its own for everything else that is asked, so that one directory serves many trainings and never the wrong one."""
    return directory / hashlib.sha256(msgspec.json.encode(facts, order="deterministic")).hexdigest()[:16]


def fill(
    place: Path,
    facts: dict[str, Any],
    rows: Sequence[Row],
    ask: Callable[[Sequence[Row]], Iterable[Kept]],
    context: Any,
) -> Manifest:
    """Makes what is not there yet. `ask` gives what the teacher thinks of each row."""
    manifest = _standing(place, facts, len(rows), context)
    done = sum(shelf.rows for shelf in manifest.shelves)
    check_room(place, sum(sum(row.trained) for row in rows[done:]), facts)
    for start in range(done, len(rows), ROWS_IN_FILE):
        some = rows[start : start + ROWS_IN_FILE]
        ids, likeliest, tail = (torch.cat(parts) for parts in zip(*ask(some), strict=True))
        tensors = {
            "ids": ids.to(torch.int16 if facts["vocabulary"] <= SHORT else torch.int32),
            "likeliest": likeliest.to(getattr(torch, facts["numbers"])),
            "tail": tail.float(),
        }
        shelf = _put(place, f"logits-{len(manifest.shelves):05d}.safetensors", tensors, len(some))
        manifest = msgspec.structs.replace(manifest, shelves=(*manifest.shelves, shelf))
        _write(place / "manifest.json", msgspec.json.encode(manifest))
        context.progress(start + len(some), len(rows), stage="teacher")
        if context.stopping and start + len(some) < len(rows):
            raise seodang.Interrupted("runs.interrupted")
    return manifest


def check_room(place: Path, tokens: int, facts: dict[str, Any]) -> None:
    standing = next(each for each in (place, *place.absolute().parents) if each.exists())
    needed, free = bytes_of(tokens, facts), shutil.disk_usage(standing).free
    if needed > free:
        told = {"needed": round(needed / 2**30, 2), "free": round(free / 2**30, 2)}
        raise seodang.DataError("seodang_train:no-room-for-logits", path=str(place), tokens=tokens, **told)


def _standing(place: Path, facts: dict[str, Any], rows: int, context: Any) -> Manifest:
    """What is there and whole, up to the first file that is not: what comes behind it is made anew."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        found = msgspec.json.decode((place / "manifest.json").read_bytes(), type=Manifest)
    except FileNotFoundError:
        return Manifest(facts=facts, rows=rows)
    except msgspec.MsgspecError:
        context.warn("seodang_train:damaged-logits", path=str(place / "manifest.json"))
        return Manifest(facts=facts, rows=rows)
    for number, shelf in enumerate(found.shelves):
        if not (place / shelf.name).is_file() or _hash(place / shelf.name) != shelf.sha256:
            context.warn("seodang_train:damaged-logits", path=str(place / shelf.name))
            return msgspec.structs.replace(found, shelves=found.shelves[:number])
    return found


def _put(place: Path, name: str, tensors: dict[str, torch.Tensor], rows: int) -> Shelf:
    temporary = place / f".{name}.writing"
    save_file({key: tensor.contiguous() for key, tensor in tensors.items()}, temporary)
    sync(temporary)
    digest = _hash(temporary)
    os.rename(temporary, place / name)
    sync(place)
    return Shelf(name, rows, len(tensors["tail"]), digest)


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.writing")
    temporary.write_bytes(content)
    sync(temporary)
    os.rename(temporary, path)
    sync(path.parent)


def _hash(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Logits:
    """A whole store, read as it is needed: the operating system holds the pages, and no process all of it."""

    def __init__(self, place: Path, trained: Sequence[int]) -> None:
        """`trained` counts the trained tokens of each row."""
        manifest = msgspec.json.decode((place / "manifest.json").read_bytes(), type=Manifest)
        self._files = [safe_open(place / shelf.name, framework="pt") for shelf in manifest.shelves]
        self._where: list[tuple[int, int, int]] = []
        row = 0
        for number, shelf in enumerate(manifest.shelves):
            start = 0
            for count in trained[row : row + shelf.rows]:
                self._where.append((number, start, start + count))
                start += count
            row += shelf.rows
            if start != shelf.tokens:
                raise seodang.DataError("seodang_train:other-logits", path=str(place / shelf.name), kept=shelf.tokens, rows=start)

    def of(self, rows: Sequence[int]) -> Kept:
        """What the teacher thinks of the trained tokens of these rows, in their order."""
        found = [self._read(*self._where[row]) for row in rows]
        ids, likeliest, tail = (torch.cat(parts) for parts in zip(*found, strict=True))
        return ids.long(), likeliest.float(), tail

    def kept_share(self) -> float:
        """How much of the teacher's mass the kept tokens have, in the mean."""
        tails = torch.cat([file.get_tensor("tail") for file in self._files])
        return 1 - float(tails.exp().mean())

    def _read(self, number: int, start: int, end: int) -> Kept:
        file = self._files[number]
        ids, likeliest, tail = (file.get_slice(name)[start:end] for name in ("ids", "likeliest", "tail"))
        return ids, likeliest, tail
