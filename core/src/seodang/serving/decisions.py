"""What people decided about rows: a file with a line for each decision, of which the last one on a row counts."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from seodang.errors import DataError
from seodang.exports.people import defused, fused
from seodang.files.durable import write_durably
from seodang.records import Message, Record

COLUMNS = ("id", "decision", "question", "input", "answer", "note")


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`edit` keeps the row with these texts in place of its own; what is None stays."""

    id: str
    decision: Literal["keep", "drop", "edit"]
    question: str | None = None
    input: str | None = None
    answer: str | None = None
    note: str = ""

    def applied(self, record: Record) -> Record:
        """The record with its question and its answer as they were written here: the first of the user's turns, and the last word."""
        messages = list(record.messages)
        if self.question is not None:
            place = next(number for number, message in enumerate(messages) if message.role == "user")
            messages[place] = msgspec.structs.replace(messages[place], text=self.question)
        if self.answer is not None and record.answered:
            messages[-1] = msgspec.structs.replace(messages[-1], text=self.answer)
        elif self.answer:
            messages.append(Message("assistant", self.answer))
        given = record.input if self.input is None else self.input
        return msgspec.structs.replace(record, messages=tuple(messages), input=given)


def read_decisions(path: Path) -> dict[str, Decision]:
    """By the record's id. A torn last line, as a machine that lost its power leaves it, is passed over; any other is told."""
    found: dict[str, Decision] = {}
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            decision = msgspec.json.decode(line, type=Decision)
        except msgspec.MsgspecError as error:
            if number == len(lines):
                break
            raise DataError("serving.bad-decision", path=str(path), line=number, detail=str(error)) from None
        found[decision.id] = decision
    return found


def append(path: Path, decision: Decision) -> None:
    """On the disk before the page is told."""
    torn = path.is_file() and path.stat().st_size and not path.read_bytes().endswith(b"\n")
    with path.open("ab") as file:
        file.write((b"\n" if torn else b"") + msgspec.json.encode(decision) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def to_csv(records: Iterable[Record], decisions: Mapping[str, Decision]) -> bytes:
    """A sheet that Excel opens in Korean: with a mark of its encoding, and with nothing in it that a sheet would calculate."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for record in records:
        decision = decisions.get(record.id)
        shown = decision.applied(record) if decision else record
        cells = (
            record.id,
            decision.decision if decision else "",
            shown.question,
            shown.input,
            shown.answer,
            decision.note if decision else "",
        )
        writer.writerow([defused(cell) for cell in cells])
    return text.getvalue().encode("utf-8-sig")


def from_csv(path: Path, records: Iterable[Record]) -> list[Decision]:
    """The decisions of a sheet. Where a text was changed the row is edited, whatever stands in `decision` but `drop`."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    if not rows or not {"id", "decision"} <= set(rows[0]):
        raise DataError("serving.no-sheet", path=str(path), columns=list(COLUMNS))
    known = {record.id: record for record in records}
    found = []
    for number, row in enumerate(rows, 2):
        record = known.get(row["id"])
        said = (row["decision"] or "").strip().lower()
        if record is None or said not in ("", "keep", "drop", "edit"):
            raise DataError("serving.bad-row", path=str(path), line=number, id=row["id"], decision=said)
        texts = {name: _text(row.get(name)) for name in ("question", "input", "answer")}
        own = {"question": record.question, "input": record.input, "answer": record.answer}
        changed = {name: text for name, text in texts.items() if text is not None and text != _lines(own[name])}
        note = _text(row.get("note")) or ""
        if said == "drop" or (said and not changed):
            found.append(Decision(id=record.id, decision="drop" if said == "drop" else "keep", note=note))
        elif changed:
            found.append(Decision(id=record.id, decision="edit", note=note, **changed))
    return found


def write_csv(path: Path, records: Iterable[Record], decisions: Mapping[str, Decision]) -> None:
    write_durably(path, to_csv(records, decisions))


def _text(cell: str | None) -> str | None:
    return None if cell is None else _lines(fused(cell))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
