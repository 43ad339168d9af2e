"""The filters of the repaired variant, in the published order, by the limits, words and patterns of the locale."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import seodang

from seodang_self_instruct.found import Instance, Left
from seodang_self_instruct.own_texts import Texts


class Sieve:
    """Says what is wrong with an instruction or an instance. `without` are codes that are not looked for."""

    def __init__(self, texts: Texts, locale: seodang.Locale, without: Collection[str]) -> None:
        self._locale = locale
        self._without = frozenset(without)
        self._least = texts.limit("instruction-least")
        self._most = texts.limit("instruction-most")
        self._input_most = texts.limit("input-most")
        self._answer_least = texts.limit("answer-least")
        self._answer_most = texts.limit("answer-most")
        self._program = re.compile(texts.pattern("asks-for-program"))
        self._beginning = re.compile(texts.pattern("bad-beginning"))

    def fault(self, instruction: str) -> Left | None:
        for code, detail in self._faults(instruction):
            if code not in self._without:
                return Left(code, detail, instruction)
        return None

    def _faults(self, instruction: str) -> Iterator[tuple[str, str]]:
        length = self._locale.length(instruction)
        if length < self._least:
            yield "too-short", f"{length} < {self._least}"
        if length > self._most:
            yield "too-long", f"{length} > {self._most}"
        if found := self._locale.mentions(instruction, self._locale.unsuitable):
            yield "unsuitable", found[0]
        if match := self._program.search(instruction):
            yield "asks-for-program", match[0]
        if match := self._beginning.search(instruction):
            yield "bad-beginning", match[0]
        if not self._locale.is_written_in(instruction):
            yield "other-language", ""

    def instance_fault(self, instance: Instance) -> str:
        """Lengths that the locale does not allow; an empty output is for others to find."""
        if self._locale.length(instance.input) > self._input_most:
            return "input-too-long"
        length = self._locale.length(instance.output)
        if instance.output and length < self._answer_least:
            return "answer-too-short"
        return "answer-too-long" if length > self._answer_most else ""
