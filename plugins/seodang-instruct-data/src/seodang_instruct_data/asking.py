"""What formats of one question and one answer ask of a record, and how a separate input is put under a question."""

from __future__ import annotations

import msgspec
import seodang

CARRIES_TEXT_ONLY = ("thinking", "weight", "tools", "candidates")
"""What is lost in a format that has a question and an answer and nothing else."""

NO_ANSWER = "no-answer"
"""The tag of a record whose row had no answer. It is a question like any other, and goes out with an empty answer again; a question
from elsewhere is left out of what others train on."""


def with_empty_answer(record: seodang.Record) -> seodang.Record:
    """The record as its row had it: with the empty answer that it came with, where it did."""
    if not record.tags.get(NO_ANSWER) or record.answered or not record.messages:
        return record
    return msgspec.structs.replace(record, messages=(*record.messages, seodang.Message("assistant", "")))


def why_not_single(record: seodang.Record) -> str:
    """Why the record is not one question with one answer; nothing where it is."""
    messages = record.messages
    if len(messages) == 2 and messages[0].role == "user" and messages[1].role == "assistant" and not messages[1].calls:
        return ""
    return why_not_dialogue(record) or ("system" if messages[0].role == "system" and len(messages) == 3 else "several-turns")


def why_not_dialogue(record: seodang.Record) -> str:
    """Why the record is not questions and answers in turn, perhaps behind a system message; nothing where it is."""
    if not record.answered:
        return "unanswered"
    if any(message.calls or message.role == "tool" for message in record.messages):
        return "tools"
    roles = [message.role for message in record.messages]
    spoken = roles[1:] if roles[0] == "system" else roles
    if len(spoken) < 2 or spoken[0] != "user":
        return "unasked"
    if spoken != ["user", "assistant"] * (len(spoken) // 2):
        return "order"
    return ""


def with_input(record: seodang.Record) -> tuple[seodang.Message, ...]:
    """The messages with Alpaca's separate input under the last question, as a teacher is asked it."""
    if not record.input:
        return record.messages
    asked = next((place for place in reversed(range(len(record.messages))) if record.messages[place].role == "user"), None)
    if asked is None:
        return record.messages
    question = record.messages[asked]
    whole = msgspec.structs.replace(question, text=f"{question.text}\n\n{record.input}")
    return (*record.messages[:asked], whole, *record.messages[asked + 1 :])
