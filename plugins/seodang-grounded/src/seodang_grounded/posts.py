"""A record as a post: title, body, and the answer that was accepted."""

from __future__ import annotations

import msgspec
import seodang


class Post(msgspec.Struct, frozen=True):
    title: str
    body: str
    answer: str


def post_of(record: seodang.Record, column: str) -> Post | None:
    """None without an accepted answer: that is in the column, the record's own last turn, or its best candidate."""
    answer = _answer(record, column)
    asked = record.question.strip()
    if record.input:
        asked = f"{asked}\n\n{record.input.strip()}"
    if not answer or not asked:
        return None
    title, _, body = asked.partition("\n")
    return Post(title.strip(), body.strip(), answer)


def _answer(record: seodang.Record, column: str) -> str:
    given = record.columns.get(column)
    if isinstance(given, str) and given.strip():
        return given.strip()
    if record.answer.strip():
        return record.answer.strip()
    best = next((candidate for candidate in record.candidates if candidate.rank == 1), None)
    return best.message.text.strip() if best else ""
