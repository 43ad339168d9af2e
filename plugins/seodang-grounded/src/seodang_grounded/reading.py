"""What is read from an answer: `명령어: … 응답: …`, once, or several times with a line of ### between."""

from __future__ import annotations

import re

import msgspec
import seodang

_END_LINE = re.compile(r"^[ \t]*#{3,}[ \t]*$", re.MULTILINE)


class Pair(msgspec.Struct, frozen=True):
    instruction: str
    output: str


class Malformed(msgspec.Struct, frozen=True):
    """What is not in the form that was asked for."""

    text: str
    reason: str


class Reading:
    """Reads by the locale's markers, strictly: one question, then one answer, each with something in it."""

    def __init__(self, context: seodang.Context) -> None:
        markers = context.locale.markers
        if not (markers.get("instruction") and markers.get("output")):
            raise seodang.SeodangError("seodang_grounded:no-words", step=context.step, language=context.language)
        self._instruction, self._output = (self._head(markers[name]) for name in ("instruction", "output"))
        # The words that the prompt shows. Others, as 〈질문:〉, may begin a line of an answer.
        self._shown = self._head((markers["instruction"][0],)), self._head((markers["output"][0],))

    def _head(self, words: tuple[str, ...]) -> re.Pattern[str]:
        marks = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
        return re.compile(
            rf"^[ \t]*(?:\d{{1,2}}[.)][ \t]*)?(?:\*\*)?(?:{marks})(?:\*\*)?[ \t]*[:：](?:\*\*)?[ \t]*", re.MULTILINE
        )

    def pairs(self, text: str, *, several: bool) -> list[Pair | Malformed]:
        """At least one thing. One block is one pair; lines of ### part blocks where several were asked for, and end the only one."""
        blocks = [block.strip() for block in _END_LINE.split(text)]
        blocks = [block for block in blocks if block]
        if not several and len(blocks) > 1:
            return [Malformed(text.strip(), "more than one block")]
        return [self._pair(block) for block in blocks] or [Malformed("", "empty")]

    def _pair(self, block: str) -> Pair | Malformed:
        begin = self._instruction.search(block)
        end = self._output.search(block, begin.end()) if begin else None
        if begin is None or end is None:
            return Malformed(block, "no question" if begin is None else "no answer")
        instruction, output = block[begin.end() : end.start()].strip(), block[end.end() :].strip()
        if not instruction or not output:
            return Malformed(block, "empty question" if not instruction else "empty answer")
        if any(head.search(output) for head in self._shown):
            return Malformed(block, "a second question or answer in it")
        return Pair(instruction, output)
