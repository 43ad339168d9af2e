"""Sentences in two languages, as translators are trained on: `src` and `tgt`, `english` and `korean`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import msgspec
import seodang
from seodang import LeftOut, Message, Record, Row

from seodang_instruct_data.asking import CARRIES_TEXT_ONLY, why_not_single
from seodang_instruct_data.columns import beside, other_columns


class Pairs(seodang.Format):
    """The first text is the question and the second the answer; with an `instruction`, it is asked and the first is its input."""

    name = "pairs"
    revision = 1
    columns = ("src", "tgt")
    cannot_carry = CARRIES_TEXT_ONLY
    example = {"src": "The school is small.", "tgt": "학교가 작습니다."}

    SPELLINGS = (("src", "tgt"), ("source", "target"), ("english", "korean"), ("en", "ko"), ("영어", "한국어"))

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        instruction: Annotated[
            str, msgspec.Meta(description="What is asked of the first text, such as 'Translate into Korean.'")
        ] = ""
        turned: Annotated[
            bool, msgspec.Meta(description="Read the second column as the question and the first as the answer.")
        ] = False

    def recognises(self, values: Mapping[str, Any]) -> bool:
        spelling = _spelling(values)
        return bool(spelling) and all(isinstance(values[name], str) for name in spelling)

    def read(self, rows: Iterator[Row], context: seodang.Context) -> Iterator[Record]:
        for row in rows:
            names = _spelling(row.values) or self.columns
            texts = [row.values.get(name) for name in names]
            if not all(isinstance(text, str) and text.strip() for text in texts):
                context.quarantine(row.where, "not-text", f"{' and '.join(names)} have to be texts")
                continue
            asked, said = reversed(texts) if self.options.turned else texts
            question = Message("user", self.options.instruction or str(asked))
            yield Record(
                messages=(question, Message("assistant", str(said))),
                input=str(asked) if self.options.instruction else "",
                columns=other_columns(row.values, names),
            )

    def write(self, records: Iterator[Record], extras: frozenset[str]) -> Iterator[Mapping[str, Any] | LeftOut]:
        for record in records:
            reason = why_not_single(record)
            asked = record.question
            if not reason and self.options.instruction:
                asked = record.input
                reason = "" if asked and record.question == self.options.instruction else "seodang_instruct_data:instruction"
            elif not reason and record.input:
                reason = "seodang_instruct_data:input"
            if reason:
                yield LeftOut(reason)
                continue
            texts = [asked, record.answer]
            yield dict(zip(self.columns, reversed(texts) if self.options.turned else texts, strict=True)) | beside(
                record, self.columns
            )


def _spelling(values: Mapping[str, Any]) -> tuple[str, str] | tuple[()]:
    return next((pair for pair in Pairs.SPELLINGS if pair[0] in values and pair[1] in values), ())
