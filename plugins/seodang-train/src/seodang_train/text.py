"""Continued pre-training: every token of a text is trained, and its end. Texts stand apart, each attended to alone."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from typing import Any

import seodang

from seodang_train.method import Method
from seodang_train.rows import Row, Rows
from seodang_train.saving import made

BETWEEN = "\n\n"
"""What stands between the turns of a record of several, which is read as one text."""


class Texts(Method):
    """What is in a record is one text, whoever said it."""

    def fresh(self, dataset: Iterable[seodang.Record], template: seodang.Template) -> tuple[Any, Any]:
        return made(self.options, dataset, _Plain())

    def rows(self, dataset: Iterable[seodang.Record], template: seodang.Template, tokenizer: Any) -> Rows:
        """Longer texts are cut where `max_length` is reached. A part begins with the last token of the one before, which is
        trained there and only read here: so every token but a text's first is trained once, and none twice."""
        begins = _begins(tokenizer)
        rows: list[Row] = []
        counts = {"too_long": 0, "nothing_trained": 0, "cut": 0, "split": 0}
        for record in dataset:
            parts = list(_parts(seodang.encode(_segments(record, begins), tokenizer).ids, self.options.max_length))
            rows += parts
            counts["nothing_trained"] += not parts
            counts["split"] += len(parts) > 1
        return Rows(rows, counts)


class _Plain(seodang.Template):
    """A text as it stands: what a tokenizer from scratch is made of."""

    def segments(self, record: seodang.Record) -> list[seodang.Segment]:
        return _segments(record, False)


def _segments(record: seodang.Record, begins: bool) -> list[seodang.Segment]:
    turns = [message.text for message in record.messages]
    if record.input:
        turns.insert(1, record.input)
    text = BETWEEN.join(filter(None, turns))
    begin = [seodang.Segment("bos", special=True)] if begins else []
    return [*begin, seodang.Segment(text, trained=True), seodang.Segment("eos", trained=True, special=True)] if text else []


def _begins(tokenizer: Any) -> bool:
    """Whether the tokenizer itself begins a text with a token for that, as LLaMA's does. GPT-NeoX only ends texts."""
    begin = tokenizer.bos_token_id
    return begin is not None and begin != tokenizer.eos_token_id and tokenizer("a").input_ids[:1] == [begin]


def _parts(ids: list[int], length: int) -> Iterator[Row]:
    for start in range(0, len(ids) - 1, length - 1):
        some = ids[start : start + length]
        yield Row(array("i", some), b"\0" + b"\1" * (len(some) - 1))
