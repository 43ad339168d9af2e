"""Drop rows in which the questions of an evaluation stand: who learned them by heart is not measured by them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Annotated

import msgspec
import seodang

if TYPE_CHECKING:
    from seodang_filters.exam import Exam

BATCH_SIGNS = 500_000
"""So many signs are searched at once: some fifty megabytes. A longer row is a batch of its own."""
LONG = 13
"""The published length of n-grams. Five syllables of Korean is the shortest that is no part of every other answer."""


class Decontaminate(seodang.Filter):
    """Drops rows that hold an item of what the recipe evaluates on (`texts(context)` of its evaluations), of the files `against`, or of the
    rows that seeds hold out.

    Compared are signs alone, without case, blanks and marks, and once more without the endings of words where the locale knows them:
    by n-grams of 13 signs, of half the item where it is shorter than two of them. An item of 13 signs or more is found when half of
    its n-grams stand in the row; a shorter one when it stands there whole between words, or is a clause of its own that lacks a third
    at most. Every turn, the input and ranked answers are searched. Translations and items told in other words are not found. The
    figures say, for each task, how many items reach which share: what lies below the threshold is reported and stays in the data.
    """

    name = "decontaminate"
    revision = 1
    whole = True
    sees_evaluations = True

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        against: Annotated[
            tuple[str, ...],
            msgspec.Meta(
                description="Files with items, or patterns, beside what the recipe's evaluations say.", extra=seodang.FILES
            ),
        ] = ()
        columns: Annotated[
            tuple[str, ...], msgspec.Meta(description="The columns of these files; all texts where none are named.")
        ] = ()
        encoding: Annotated[str, msgspec.Meta(description="Their encoding where it is not UTF-8, such as cp949.")] = ""
        threshold: Annotated[
            float, msgspec.Meta(gt=0, le=1, description="Drop a row that holds this share of an item, or more.")
        ] = 0.5
        signs: Annotated[
            int,
            msgspec.Meta(
                ge=5,
                le=64,
                description="The length of n-grams, and the shortest item that is found by a share of them.",
            ),
        ] = LONG
        shortest: Annotated[
            int, msgspec.Meta(ge=2, description="Items of fewer signs are not looked for: everybody writes them.")
        ] = 4

    def sift(self, records: Collection[seodang.Record], context: seodang.Context) -> Iterator[seodang.Keep | seodang.Drop]:
        from seodang_filters.bare import barings
        from seodang_filters.findings import Findings
        from seodang_filters.overlap import Overlap

        exam = self._exam(context)
        if not exam.texts:
            raise seodang.SeodangError("seodang_filters:no-exam", step=context.step)
        overlap = Overlap([each.text for each in exam.texts], barings(context.locale), long=self.options.signs)
        findings = Findings(exam, self.options.threshold)
        for batch in batches(map(texts_of, records)):
            worst = findings.take(overlap.find(batch))
            for row in range(len(batch)):
                yield findings.drop(worst[row]) if row in worst else seodang.Keep()
        context.tell(**findings.figures())

    def _exam(self, context: seodang.Context) -> Exam:
        from seodang_filters.exam import Exam

        exam = Exam(self.options.shortest)
        exam.add_evaluations(context)
        if self.options.against:
            for path in context.files("against"):
                exam.add_file(path, context, self.options.columns, self.options.encoding)
        exam.add_held_out(context)
        return exam


def texts_of(record: seodang.Record) -> list[str]:
    """Everything of a record that somebody may be taught."""
    found = [record.input]
    for message in (*record.messages, *(candidate.message for candidate in record.candidates)):
        found += [message.text, message.thinking]
    return [text for text in found if text]


def batches(texts: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    batch: list[list[str]] = []
    signs = 0
    for row in texts:
        batch.append(row)
        signs += sum(map(len, row))
        if signs >= BATCH_SIGNS:
            yield batch
            batch, signs = [], 0
    if batch:
        yield batch
