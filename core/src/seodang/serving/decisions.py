"""What people decided about rows: a file with a line for each decision, of which the last one on a row counts."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from seodang.errors import DataError
from seodang.exports.people import defused, fused
from seodang.files.durable import write_durably
from seodang.files.lines import BadLine
from seodang.files.reading import read_rows
from seodang.records import Message, Record
from seodang.serving.kept import read_kept

COLUMNS = ("id", "decision", "question", "input", "answer", "note")
MOST_CELL = 32_767
"""Characters that Excel keeps of a cell; what is longer it cuts off without a word."""


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`edit` keeps the row with these texts in place of its own; what is None stays. `row` knows the texts that were decided about."""

    id: str
    decision: Literal["keep", "drop", "edit"]
    question: str | None = None
    input: str | None = None
    answer: str | None = None
    note: str = ""
    row: str = ""

    def fits(self, record: Record) -> bool:
        """Whether it was made about these texts: an id stays the same when another teacher answers the same question."""
        return self.id == record.id and self.row in ("", row_of(record))

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


def row_of(record: Record) -> str:
    """By which the texts of a row are known again."""
    texts = ([(message.role, message.text) for message in record.messages], record.input)
    return hashlib.sha256(msgspec.json.encode(texts)).hexdigest()[:16]


def fitting(decisions: Mapping[str, Decision], records: Iterable[Record]) -> dict[str, Decision]:
    """Those about the rows as they are now."""
    return {record.id: found for record in records if (found := decisions.get(record.id)) and found.fits(record)}


def read_decisions(path: Path) -> dict[str, Decision]:
    """By the record's id; the last on a row counts."""
    return {decision.id: decision for decision in read_kept(path, Decision, "serving.bad-decision")}


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
    rows = _sheet(path)
    known = {record.id: record for record in records}
    found = []
    for where, row in rows:
        record = known.get(fused(row["id"]))
        said = row["decision"].strip().lower()
        if record is None or said not in ("", "keep", "drop", "edit"):
            raise DataError("serving.bad-row", where=where, id=row["id"], decision=said)
        own = {"question": record.question, "input": record.input, "answer": record.answer}
        changed = {name: fused(_lines(row[name])) for name, text in own.items() if name in row and _is_other(row[name], text)}
        told = {"id": record.id, "note": fused(_lines(row.get("note", ""))), "row": row_of(record)}
        if said == "drop" or (said and not changed):
            found.append(Decision(decision="drop" if said == "drop" else "keep", **told))
        elif changed:
            found.append(Decision(decision="edit", **told, **changed))
    return found


def _sheet(path: Path) -> Sequence[tuple[str, Mapping[str, str]]]:
    """The rows with their places. Never guessed from another encoding: a sheet that was saved as CP949 has lost every sign that CP949 lacks."""
    found: list[tuple[str, Mapping[str, str]]] = []
    for row in read_rows(path):
        if isinstance(row, BadLine):
            raise DataError("serving.bad-sheet-line", where=row.where, flaw=row.code, detail=row.detail)
        found.append((row.where, row.values))
    if not found or not {"id", "decision"} <= set(found[0][1]):
        raise DataError("serving.no-sheet", path=str(path), columns=list(COLUMNS))
    return found


def _is_other(cell: str, own: str) -> bool:
    """Whether somebody wrote another text into a cell than `to_csv` had: not where only a spreadsheet cut off the end."""
    cell, written = _lines(cell), _lines(defused(own))
    return cell != written and not (len(written) > MOST_CELL and cell == written[:MOST_CELL])


def write_csv(path: Path, records: Iterable[Record], decisions: Mapping[str, Decision]) -> None:
    write_durably(path, to_csv(records, decisions))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
