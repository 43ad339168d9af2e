"""A filter that needs no truth: a fact that was asked in several ways has to be answered alike."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec
import seodang


class Agreement(seodang.Filter):
    """Keeps the answers that the majority of a fact's askings agree on. `tags["fact"]` says which questions ask for the same."""

    name = "agreement"
    revision = 1
    whole = True

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        share: Annotated[
            float, msgspec.Meta(ge=0, lt=1, description="Keep an answer that more than this share agrees on; 0 keeps all.")
        ] = 0.5

    def sift(self, records: Sequence[seodang.Record], context: seodang.Context) -> Iterator[seodang.Keep | seodang.Drop]:
        said: dict[str, Counter[str]] = defaultdict(Counter)
        for record in records:
            said[record.tags.get("fact", record.id)][record.answer] += 1
        for record in records:
            answers = said[record.tags.get("fact", record.id)]
            if answers[record.answer] > self.options.share * answers.total():
                yield seodang.Keep()
            else:
                others = sorted(answer for answer in answers if answer != record.answer)
                yield seodang.Drop("disagreement", " / ".join(others))
