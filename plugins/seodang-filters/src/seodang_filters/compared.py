"""Which text of a record is compared with those of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import seodang

BETWEEN = "\ufdd0"
"""Stands between the parts of a text (question and answer): a code point that is no character, so that no part runs into the next."""


def question_of(record: seodang.Record) -> str:
    """The first question, with its separate input: one instruction with two inputs is two tasks."""
    return f"{record.question}{BETWEEN}{record.input}" if record.input else record.question


def both_of(record: seodang.Record) -> str:
    return f"{question_of(record)}{BETWEEN}{record.answer}"


def dialogue_of(record: seodang.Record) -> str:
    return BETWEEN.join([record.input, *(message.text for message in record.messages)])


TEXTS: Mapping[str, Callable[[seodang.Record], str]] = {
    "question": question_of,
    "answer": lambda record: record.answer,
    "both": both_of,
    "dialogue": dialogue_of,
}
