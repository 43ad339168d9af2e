"""Drop what is there twice: the same text, or nearly the same by its character n-grams (MinHash)."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import seodang

from seodang_filters.compared import TEXTS
from seodang_filters.values import moment_of, nothing_under, number_of, value_of

if TYPE_CHECKING:
    from seodang_filters.resemblance import Resembling

BATCH_TEXTS, BATCH_SIGNS = 4096, 1 << 18
"""A batch is closed at either, so that a hundred long texts take no more memory than thousands of short ones."""
LONGEST = 1_000_000
"""So many signs of a text are looked at. A longer one is a file, and two files that begin with the same million signs are the same."""


class Duplicates(seodang.Filter):
    """Drops rows whose question (answer, both, whole dialogue) is the same as another's, or nearly: `duplicate`, `near-duplicate`.

    Nearly the same are texts whose sets of character n-grams have a Jaccard likeness of at least `threshold`. Which of several stays
    is the choice of `keep`; of equally good ones the first. Every dropped row names one that stays and is that much like it. Rows that
    have no such text (an answer of a question that is still to be asked) pass.
    Not caught: the same said in other words, and the same in another language. Dropped although they are not the same: long texts
    that differ in a number or a name only.
    """

    name = "duplicates"
    revision = 1
    whole = True
    deterministic = True

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        of: Annotated[
            Literal["question", "answer", "both", "dialogue"],
            msgspec.Meta(description="What is compared: the first question with its input, the last answer, both, or all turns."),
        ] = "question"
        threshold: Annotated[
            float, msgspec.Meta(ge=0.5, le=1, description="Likeness from which two texts are one; 1 for equal texts only.")
        ] = 0.8
        characters: Annotated[
            int,
            msgspec.Meta(
                ge=0, le=32, description="Length of the n-grams in signs; 0 takes 2 for syllables and ideographs, else 5."
            ),
        ] = 0
        ignore: Annotated[
            tuple[Literal["case", "spaces", "punctuation"], ...],
            msgspec.Meta(description="What makes no difference: case, spaces, punctuation."),
        ] = ("case", "spaces")
        keep: Annotated[
            Literal["first", "longest", "newest", "best"],
            msgspec.Meta(description="Which of several stays: the first, the longest, the newest by `by`, the best by `by`."),
        ] = "first"
        by: Annotated[
            str, msgspec.Meta(description="Tag or column with the date (newest) or the score (best, the highest stays).")
        ] = ""

        def __post_init__(self) -> None:
            if (self.keep in ("newest", "best")) != bool(self.by):
                raise ValueError(
                    "by names the date of keep = 'newest' or the score of keep = 'best', and belongs to these two only"
                )

    def sift(self, records: Sequence[seodang.Record], context: seodang.Context) -> Iterator[seodang.Keep | seodang.Drop]:
        from seodang_filters.resemblance import Resemblance

        resemblance = Resemblance(self.options.threshold, self.options.characters, self.options.ignore)
        wanted = array("d")
        for batch in self._batches(records, context, wanted):
            resemblance.add(batch)
            context.progress(0, None, compared=len(wanted))
            _stop_where_asked(context)
        if self.options.by and len(wanted) and all(map(math.isnan, wanted)):
            raise nothing_under(self.options.by, records)
        found = resemblance.find(wanted, lambda: _stop_where_asked(context))
        if found.partly:
            context.tell(partly_compared=found.partly)
        return self._verdicts(records, found)

    def _batches(self, records: Iterable[seodang.Record], context: seodang.Context, wanted: array[float]) -> Iterator[list[str]]:
        """The texts in their normal form, and into `wanted` how much each record is preferred."""
        normal = context.locale.normal
        text_of = TEXTS[self.options.of]
        preference = self._preference()
        texts: list[str] = []
        signs = 0
        for record in records:
            text = normal(text_of(record)[:LONGEST])
            wanted.append(preference(record))
            texts.append(text)
            signs += len(text)
            if len(texts) == BATCH_TEXTS or signs > BATCH_SIGNS:
                yield texts
                texts, signs = [], 0
        if texts:
            yield texts

    def _preference(self) -> Callable[[seodang.Record], float]:
        by = self.options.by
        return {
            "first": lambda record: 0.0,
            "longest": lambda record: float(len(record.input) + sum(len(message.text) for message in record.messages)),
            "newest": lambda record: moment_of(value_of(record, by)),
            "best": lambda record: number_of(value_of(record, by)),
        }[self.options.keep]

    def _verdicts(self, records: Iterable[seodang.Record], found: Resembling) -> Iterator[seodang.Keep | seodang.Drop]:
        kept = found.kept.tolist()
        named = {other for other in kept if other >= 0}
        ids: dict[int, str] = {}
        if any(other > number for number, other in enumerate(kept)):
            # Who stays may come behind who is dropped: its id has to be known before.
            ids = {number: record.id for number, record in enumerate(records) if number in named}
        keep = seodang.Keep()
        for number, record in enumerate(records):
            other = kept[number]
            if other < 0:
                if number in named:
                    ids[number] = record.id
                yield keep
            elif found.equal[number]:
                yield seodang.Drop("duplicate", other=ids[other])
            else:
                yield seodang.Drop("near-duplicate", f"{float(found.likeness[number]):.2f}", other=ids[other])


def _stop_where_asked(context: seodang.Context) -> None:
    if context.stopping:
        raise seodang.Interrupted("runs.interrupted")
