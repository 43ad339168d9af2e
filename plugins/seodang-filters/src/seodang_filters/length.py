"""Drop rows whose parts are shorter or longer than the language's limits, or out of proportion to each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
import seodang

from seodang_filters.wanted import limit

_Bound = Annotated[int, msgspec.Meta(ge=0)] | None
_Share = Annotated[float, msgspec.Meta(ge=0)] | None


class Length(seodang.Filter):
    """Counts in the locale's own unit: characters for Korean, Japanese and Chinese, words for English.

    Self-Instruct's three to 150 words fit English alone: a Korean instruction of three words is whole, and none has 150. Bounds
    that are not set are the locale's. The first turn of the user is measured against both bounds; what is said later in a dialogue
    may be short. Rows without an answer are measured by their instruction.
    """

    name = "length"
    revision = 1

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        instruction_least: Annotated[_Bound, msgspec.Meta(description="Least length of the first instruction.")] = None
        instruction_most: Annotated[_Bound, msgspec.Meta(description="Greatest length of any instruction.")] = None
        input_most: Annotated[_Bound, msgspec.Meta(description="Greatest length of the separate input.")] = None
        answer_least: Annotated[_Bound, msgspec.Meta(description="Least length of every answer.")] = None
        answer_most: Annotated[_Bound, msgspec.Meta(description="Greatest length of every answer.")] = None
        ratio_least: Annotated[
            _Share, msgspec.Meta(description="Drop where the last answer is shorter than so many times question and input.")
        ] = None
        ratio_most: Annotated[
            _Share, msgspec.Meta(description="Drop where the last answer is longer than so many times question and input.")
        ] = None

        def __post_init__(self) -> None:
            for what in ("instruction", "answer", "ratio"):
                least, most = getattr(self, f"{what}_least"), getattr(self, f"{what}_most")
                if least is not None and most is not None and least > most:
                    raise ValueError(f"{what}_least = {least} > {what}_most = {most}")

    def sift(self, records: Sequence[seodang.Record], context: seodang.Context) -> list[seodang.Keep | seodang.Drop]:
        measure = _Measure(self.options, context.locale)
        return [measure.verdict(record) for record in records]


class _Measure:
    def __init__(self, options: Length.Options, locale: seodang.Locale) -> None:
        self._length = locale.length
        self._unit = locale.unit
        self._options = options

        def bound(name: str) -> int:
            own = getattr(options, name.replace("-", "_"))
            return int(own) if own is not None else limit(locale, name, Length.name)

        self._instruction = (bound("instruction-least"), bound("instruction-most"))
        self._input = (0, bound("input-most"))
        self._answer = (bound("answer-least"), bound("answer-most"))

    def verdict(self, record: seodang.Record) -> seodang.Keep | seodang.Drop:
        first = True
        for message in record.messages:
            if message.role == "user":
                wrong = self._outside("instruction", message.text, (self._instruction[0] if first else 0, self._instruction[1]))
                first = False
            elif message.role == "assistant" and not message.calls:
                wrong = self._outside("answer", message.text, self._answer)
            else:
                continue
            if wrong:
                return wrong
        if record.input and (wrong := self._outside("input", record.input, self._input)):
            return wrong
        return self._in_proportion(record)

    def _outside(self, what: str, text: str, bounds: tuple[int, int]) -> seodang.Drop | None:
        length = self._length(text)
        if length < bounds[0]:
            return seodang.Drop(f"{what}-too-short", f"{length} < {bounds[0]} ({self._unit})")
        if length > bounds[1]:
            return seodang.Drop(f"{what}-too-long", f"{length} > {bounds[1]} ({self._unit})")
        return None

    def _in_proportion(self, record: seodang.Record) -> seodang.Keep | seodang.Drop:
        least, most = self._options.ratio_least, self._options.ratio_most
        if (least is None and most is None) or not record.answered:
            return seodang.Keep()
        asked = [message.text for message in record.messages if message.role == "user"]
        question = self._length(asked[-1] if asked else "") + (self._length(record.input) if record.input else 0)
        ratio = self._length(record.answer) / max(1, question)
        if least is not None and ratio < least:
            return seodang.Drop("ratio-too-low", f"{ratio:.2f} < {least:g}")
        if most is not None and ratio > most:
            return seodang.Drop("ratio-too-high", f"{ratio:.2f} > {most:g}")
        return seodang.Keep()
