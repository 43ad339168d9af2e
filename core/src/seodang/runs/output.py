"""Where the rows of a step go, and the sums that prove that each went to exactly one place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from seodang.errors import SeodangError
from seodang.files.shards import LineWriter, Shard, ShardWriter
from seodang.records import Record

LINES_AT_ONCE = 128


class Output:
    """The partial folder of one step while it is being filled.

    Every row that comes in is kept (perhaps changed), used, dropped or quarantined. `redact` takes secrets out of what the
    other side said before it is written.
    """

    def __init__(self, directory: Path, redact: Callable[[str], str] = lambda text: text) -> None:
        self.directory = directory
        self.rows: Counter[str] = Counter(
            {"in": 0, "kept": 0, "changed": 0, "made": 0, "used": 0, "dropped": 0, "quarantined": 0}
        )
        self.dropped: Counter[str] = Counter()
        self.quarantined: Counter[str] = Counter()
        self.terms: set[str] = set()
        self._redact = redact
        for name in ("dropped.jsonl", "quarantined.jsonl", "used.jsonl", "items.jsonl", "scores.json"):
            (directory / name).unlink(missing_ok=True)
        self._records = ShardWriter(directory)
        self._waiting: list[bytes] = []
        self._terms_met: set[tuple[str, ...]] = set()
        self._dropped = LineWriter(directory / "dropped.jsonl")
        self._quarantined = LineWriter(directory / "quarantined.jsonl")
        self._used = LineWriter(directory / "used.jsonl")

    def keep_line(self, line: bytes, terms: tuple[str, ...]) -> None:
        """A record that goes on as it stands, in the line in which it is written."""
        self._waiting.append(line)
        self.rows["kept"] += 1
        if terms not in self._terms_met:
            self._terms_met.add(terms)
            self.terms.update(terms)
        if len(self._waiting) >= LINES_AT_ONCE:
            self._write_waiting()

    def _write_waiting(self) -> None:
        if self._waiting:
            self._records.write_lines(self._waiting)
            self._waiting.clear()

    def keep(self, record: Record, *, changed: bool = False, made: bool = False) -> None:
        self._write_waiting()
        self._records.write(record)
        self.terms.update(record.terms)
        self.rows["made" if made else "kept"] += 1
        if changed:
            self.rows["changed"] += 1

    def use(self, record: Record) -> None:
        """The record was raw material of new ones."""
        self._used.write({"id": record.id})
        self.rows["used"] += 1

    def drop(self, record: Record, code: str, detail: str, other: str = "") -> None:
        beside = {"other": other} if other else {}
        self._dropped.write({"code": code, "detail": detail, **beside, "record": record})
        self.rows["dropped"] += 1
        self.dropped[code] += 1

    def reject(self, record: Record, code: str, detail: str, other: str = "") -> None:
        """The step has made the record and does not keep it. Like one that it keeps it never came in, so it stands beside the sum."""
        beside = {"other": other} if other else {}
        self._dropped.write({"code": code, "detail": self._redact(detail), **beside, "record": record})
        self.rows["rejected"] += 1
        self.dropped[code] += 1

    def drop_place(self, where: str, code: str, detail: str, text: str) -> None:
        """A row that never became a record."""
        self._dropped.write({"code": code, "detail": detail, "where": where, "text": text})
        self.rows["dropped"] += 1
        self.dropped[code] += 1

    def quarantine(self, code: str, detail: str, *, record: Record | None = None, where: str = "", text: str = "") -> None:
        row: dict[str, Any] = {"code": code, "detail": self._redact(detail)}
        if record is not None:
            row["record"] = record
        if where:
            row["where"] = where
        if text:
            row["text"] = text
        self._quarantined.write(row)
        self.rows["quarantined"] += 1
        self.quarantined[code] += 1

    def close(self) -> tuple[tuple[Shard, ...], tuple[Shard, ...]]:
        """Closes every file and gives the shards and the files beside them. The sums have to be right."""
        self._write_waiting()
        shards = self._records.close()
        sides = [self._dropped.close(), self._quarantined.close(), self._used.close()]
        check_sums(self.rows, self.directory.name)
        return shards, tuple(side for side in sides if side is not None)


def check_sums(rows: Counter[str], step: str) -> None:
    out = rows["kept"] + rows["used"] + rows["dropped"] + rows["quarantined"]
    if out != rows["in"]:
        raise SeodangError("runs.rows-lost", step=step, came=rows["in"], accounted=out)


def joined_terms(first: Sequence[str], second: Sequence[str], cleared: Sequence[str] = ()) -> tuple[str, ...]:
    """Both sets of terms, each once, sorted, without what is cleared."""
    if cleared:
        first = [term for term in first if term not in cleared]
    if not second:
        return tuple(first)
    return tuple(sorted({*first, *second}))
