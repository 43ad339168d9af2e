"""Drop answers that say the same again and again, as a model does that has lost its way."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Sequence
from typing import Annotated

import msgspec
import seodang

from seodang_filters.parts import Field, excerpt, parts

_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_TABLE = re.compile(r"^[^|\n]*\|.*$", re.MULTILINE)
_SENTENCE = re.compile(r"[^.!?。！？…\n]+")
_SAME_SIGN = re.compile(r"([^\W\d_ㄱ-ㅣ])\1{11,}|([!?~…。！？])\2{11,}")
_TWICE = re.compile(r"([^\W\d_ㄱ-ㅣ])\1|([!?~…。！？])\2")
_APART = 6
"""Of twelve equal signs at least two stand so far apart, counted from the beginning of the text: only each sixth is looked at first."""

SHORTEST_LOOP = 5
LONGEST_LOOP = 120
"""A loop of more signs than this shows in its sentences and in how well the text can be compressed."""
REFRAIN = 0.15
"""A sentence that is repeated makes up so much of the text at least."""
ENOUGH = 200
"""Bytes from which a text can be compressed in a way that tells something; the header of zlib alone is a tenth of it."""
_PROSE = 1.5
LEAST_RUNS = 4
"""A run of words that stands less often is a turn of phrase."""
LOOKED_AT = 20_000
"""So many signs are compressed and counted. A text that repeats itself later only is no model's loop."""


class Repetition(seodang.Filter):
    """Looks for one sign many times over, for an ending that repeats a few signs to no end, for the same line or sentence often,
    for a run of words that makes up too much of the text, and for a text that compresses better than any prose.

    Code and tables do not count. Poems, songs and lists may repeat themselves a little; a refrain that is half of the text is dropped.
    """

    name = "repetition"
    revision = 1

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        fields: Annotated[tuple[Field, ...], msgspec.Meta(min_length=1, description="Which texts are looked at.")] = ("answer",)
        loops: Annotated[int, msgspec.Meta(ge=2, description="An ending that repeats so often is a loop.")] = 4
        lines: Annotated[
            float, msgspec.Meta(gt=0, le=1, description="Drop where more than this share of the lines has been there before.")
        ] = 0.4
        sentences: Annotated[
            int, msgspec.Meta(ge=2, description="Drop where one sentence of ten signs or more stands so often.")
        ] = 4
        words: Annotated[
            float, msgspec.Meta(gt=0, le=1, description="Drop where one run of four words makes up more than this share of all.")
        ] = 0.3
        compression: Annotated[
            float, msgspec.Meta(gt=1, description="Drop a text that zlib makes more than so many times smaller.")
        ] = 6.0

    def sift(self, records: Sequence[seodang.Record], context: seodang.Context) -> list[seodang.Keep | seodang.Drop]:
        return [self._verdict(record) for record in records]

    def _verdict(self, record: seodang.Record) -> seodang.Keep | seodang.Drop:
        for _, text in parts(record, self.options.fields):
            prose = _FENCE.sub(" ", text) if "```" in text else text
            prose = _TABLE.sub("", prose) if "|" in prose else prose
            if len(prose) >= 2 * SHORTEST_LOOP and (found := self._repeated(prose[:LOOKED_AT])):
                return found
        return seodang.Keep()

    def _repeated(self, text: str) -> seodang.Drop | None:
        if _TWICE.search(text[::_APART]) and (same := _SAME_SIGN.search(text)):
            return seodang.Drop("repeated-sign", excerpt(text, same.start(), same.start() + 12))
        ratio = 0.0
        data = text.encode("utf-8", "surrogatepass")
        if len(data) >= ENOUGH:
            ratio = len(data) / len(zlib.compress(data, 1))
            if ratio > self.options.compression:
                return seodang.Drop("compressible", f"{ratio:.1f}: {excerpt(text, 0, 80)}")
        if loop := self._loop(text.rstrip()):
            return seodang.Drop("endless-loop", excerpt(loop, 0, len(loop)))
        # Where a line, a sentence or four words stand often, the text compresses better than the half of all prose.
        if len(data) >= ENOUGH and ratio < _PROSE:
            return None
        return self._often(text)

    def _loop(self, text: str) -> str:
        """What the ending repeats, or nothing."""
        last = len(text) - 1
        if last < SHORTEST_LOOP:
            return ""
        longest = min(LONGEST_LOOP, len(text) // self.options.loops)
        # One period ends where the sign of the other's end stands: there are few such places.
        place = text.rfind(text[-1:], max(0, last - longest), max(0, last - SHORTEST_LOOP + 1))
        while place >= 0:
            unit = text[place + 1 :]
            if text.endswith(unit * self.options.loops) and any(map(str.isalpha, unit)):
                return unit
            place = text.rfind(text[-1:], max(0, last - longest), place)
        return ""

    def _often(self, text: str) -> seodang.Drop | None:
        lines = [line for line in map(str.strip, text.splitlines()) if len(line) > 1]
        if len(lines) >= 4 and len(lines) - len({*lines}) > self.options.lines * len(lines):
            return seodang.Drop("repeated-lines", excerpt(Counter(lines).most_common(1)[0][0], 0, 80))
        sentences = [sentence for sentence in map(str.strip, _SENTENCE.findall(text)) if len(sentence) >= 10]
        # Counting takes ten times as long as seeing that there is nothing to count.
        if len(sentences) - len({*sentences}) >= self.options.sentences - 1:
            sentence, times = Counter(sentences).most_common(1)[0]
            # A heading that stands over every part, 〈For example:〉, makes up little of the text.
            if (
                times >= self.options.sentences
                and times * len(sentence) > REFRAIN * len(text)
                and not sentence.endswith((":", "："))
            ):
                return seodang.Drop("repeated-sentences", f"{times} ×: {excerpt(sentence, 0, 80)}")
        return self._run_of_words(text.split())

    def _run_of_words(self, words: Sequence[str]) -> seodang.Drop | None:
        # At its nearest a run of four stands one word behind itself: where it stands n times, n + 2 words stood there before.
        again = len(words) - len({*words})
        if len(words) < 20 or again < LEAST_RUNS + 2:
            return None
        words = [word for word in words if len(word) > 1 or word.isalpha()]
        if len(words) < 20 or 4 * (again - 2) <= self.options.words * len(words):
            return None
        run, times = Counter(zip(words, words[1:], words[2:], words[3:], strict=False)).most_common(1)[0]
        if times >= LEAST_RUNS and sum(map(str.isalpha, "".join(run))) > 8 and 4 * times > self.options.words * len(words):
            return seodang.Drop("repeated-words", f"{times} ×: {' '.join(run)}"[:200])
        return None
