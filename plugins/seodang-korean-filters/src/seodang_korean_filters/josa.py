"""Particles that do not fit the sound of the word before them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
import seodang

from seodang_korean_filters import asked_for
from seodang_korean_filters.fields import FaultOptions, parts, require_korean, with_texts, without_code
from seodang_korean_filters.wrong_particles import Wrong, wrong_particles

TAG = "josa"

_SHOWN = 5


class Josa(seodang.Filter):
    """Leaves out texts with a wrong particle, as in 〈사과을〉, 〈학생는〉, 〈서울으로〉, 〈API을〉; with `fix`, repairs it.

    What is found is wrong: on well edited Korean nearly everything found is a slip of the writer. Not everything wrong is found: of
    〈이〉, 〈가〉, 〈과〉 and 〈로〉 only what stands behind frequent nouns. Code is passed over, and so are records about spelling.
    """

    name = "josa"
    revision = 1

    class Options(FaultOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
        fix: Annotated[bool, msgspec.Meta(description="Put the particle that fits in place of the wrong one.")] = False
        allowed: Annotated[int, msgspec.Meta(ge=0, description="So many wrong particles in a record are let through.")] = 0

    def sift(self, records: Sequence[seodang.Record], context: seodang.Context) -> list[seodang.Keep | seodang.Drop]:
        require_korean(self.name, context)
        return [self._verdict(record, context.locale) for record in records]

    def _verdict(self, record: seodang.Record, locale: seodang.Locale) -> seodang.Keep | seodang.Drop:
        found: list[Wrong] = []
        texts: dict[int, str] = {}
        for part in parts(record, self.options.fields):
            wrong = list(wrong_particles(without_code(part.text), locale))
            if wrong:
                found += wrong
                texts[part.place] = _repaired(part.text, wrong)
        if not found or asked_for.about_korean(record.question):
            return seodang.Keep()
        if self.options.fix:
            return seodang.Keep(with_texts(record, texts))
        if len(found) <= self.options.allowed:
            return seodang.Keep()
        if self.options.action == "tag":
            return seodang.Keep(tags={TAG: len(found)})
        shown = ", ".join(f"{one.word}{one.given} → {one.word}{one.right}" for one in found[:_SHOWN])
        return seodang.Drop("josa", shown)


def _repaired(text: str, wrong: Sequence[Wrong]) -> str:
    pieces, end = [], 0
    for one in wrong:
        pieces += [text[end : one.start], one.right]
        end = one.end
    return "".join([*pieces, text[end:]])
